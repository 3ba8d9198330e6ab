"""Synapses after a stream of patterns have the chances that theory gives, at every age, and decoders know them."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam import latents
from neuroam.cascades import TABLES, Cascade, means
from neuroam.circuit import Dense, PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.rules.cascade import cascade
from neuroam.rules.cascade_decoder import cascade_decoder
from neuroam.rules.cascade_surrogate import cascade_surrogate
from neuroam.rules.decoder_term import decoder_term

SIZE, PATTERNS = 100, 80


def stored(seed: int, f: float = 0.4) -> Sources:
    values = (np.random.default_rng(seed).random((PATTERNS, SIZE)) < f).astype(float)
    return Sources({"memory": PatternSet("memory", values, True, f)}, {"memory": "bits"})


def shares(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Share of strong synapses by the bits of the post and the pre cell."""
    there = ~np.eye(len(x), dtype=bool)
    return np.array([[weights[np.ix_(x == a, x == b)].sum() / there[np.ix_(x == a, x == b)].sum() for b in (0, 1)]
                     for a in (0, 1)])  # fmt: skip


@pytest.mark.parametrize("gate", sorted(TABLES))
def test_the_share_of_strong_synapses_is_the_chance_of_the_theory(gate):
    """Within four standard errors over networks, which are independent of each other."""
    found: dict[int, list[np.ndarray]] = {0: [], 1: [], 6: []}
    for seed in range(40):
        sources = stored(seed)
        weights = cascade(sources, np.random.default_rng(1000 + seed), of="memory", gate=gate, levels=3).values
        assert set(np.unique(weights)) == {0.0, 1.0}
        assert not np.diag(weights).any()
        for age, list_ in found.items():
            list_.append(shares(weights, sources.patterns["memory"].values[-1 - age].astype(int)))
    for age, list_ in found.items():
        error = np.std(list_, axis=0, ddof=1) / np.sqrt(len(list_))
        assert (np.abs(np.mean(list_, axis=0) - means(Cascade(gate, 3, 0.4), age)) < 4 * error).all()


@pytest.mark.parametrize("gate", sorted(TABLES))
@pytest.mark.parametrize("age", [0, 4])
def test_a_surrogate_has_the_chances_of_its_age_and_shares_no_noise(gate, age):
    """4000 draws: five standard errors of a mean; correlations have one of 0.016."""
    sources = stored(1)
    values = sources.patterns["memory"].values[: age + 1, :8]
    given, rng = Sources({"memory": PatternSet("memory", values, True, 0.4)}, {}), np.random.default_rng(2)
    drawn = np.array([cascade_surrogate(given, rng, of="memory", gate=gate, levels=3).values for _ in range(4000)])
    bits, away = values[0].astype(int), ~np.eye(8, dtype=bool)
    chance = means(Cascade(gate, 3, 0.4), age)[bits[:, None], bits[None, :]]
    assert 0 < bits.sum() < 8
    assert (np.abs(drawn.mean(axis=0) - chance)[away] < 5 * np.sqrt(chance * (1 - chance) / 4000)[away]).all()
    assert not drawn[:, ~away].any()
    for other in (drawn[:, 0, 2], drawn[:, 2, 1], drawn[:, 2, 0], drawn[:, 1, 0]):
        assert abs(np.corrcoef(drawn[:, 0, 1], other)[0, 1]) < 0.08


def test_a_second_level_is_harder_to_leave():
    """Potentiated once it is at depth 1, twice at depth 2, which one depression leaves with chance chi/(1-chi) = 1."""
    x = np.ones((1, 60))
    for twice, chi, expected in ((1, 0.5, 0.0), (2, 0.5, 0.0), (2, 0.2, 1.0 - 0.25)):
        bits = np.concatenate([np.tile(x, (12 * twice, 1)), np.where(np.arange(60) < 30, 1.0, 0.0)[None]])
        sources = Sources({"memory": PatternSet("memory", bits, True, 0.5)}, {})
        weights = cascade(sources, np.random.default_rng(0), of="memory", levels=2, chi=chi).values
        assert weights[30:, :30].mean() == pytest.approx(expected, abs=0.05)  # silent post cell, active pre cell


def test_levels_other_than_bits_are_refused():
    sources = Sources({"memory": PatternSet("memory", np.ones((2, 3)), False)}, {})
    with pytest.raises(FunctionError, match="not binary"):
        cascade(sources, np.random.default_rng(0), of="memory")
    none = Sources({"memory": PatternSet("memory", np.ones((0, 3)), True, 0.5)}, {})
    for wrong in (sources, none):
        with pytest.raises(FunctionError, match="does not hold binary patterns"):
            cascade_surrogate(wrong, np.random.default_rng(0), of="memory")


@pytest.mark.parametrize("aware", [True, False])
def test_terms_of_a_decoder_add_up_to_its_log_odds(aware):
    sources = stored(1)
    weights = cascade(sources, np.random.default_rng(2), of="memory", levels=3).values
    decoder = cascade_decoder(sources, of="memory", levels=3, ages=4, aware=aware)
    x = sources.patterns["memory"].values[-3]
    given = Sources(sources.patterns, sources.codes, {"w": Dense(weights), "decoder": decoder})
    by = {term: decoder_term(given, of="decoder", weights="w", term=term).values[:, 2] for term in (
        "forward", "backward", "rows", "columns", "still", "linear", "quadratic", "cubic")}  # fmt: skip
    rows, columns, n = weights.sum(axis=1), weights.sum(axis=0), x.sum() - x
    found = by["forward"] * (weights @ x) + by["backward"] * (weights.T @ x)
    found += by["rows"] * (rows @ x - rows * x) + by["columns"] * (columns @ x - columns * x)
    found += sum(by[term] * n**k for k, term in enumerate(("still", "linear", "quadratic", "cubic")))
    row = decoder.values[2]
    terms = latents.Terms(row[0], row[1], row[2:18].reshape(4, 4), row[18:])
    assert np.allclose(found, latents.evaluate(terms, weights, x), rtol=1e-9, atol=1e-9)


def test_one_decision_from_a_noisy_cue_is_better_with_the_decoder_that_knows():
    """Ages 0 to 3 in 5 networks of 100: fewer wrong bits than the cue, and than with the other decoder."""
    wrong = np.zeros(3)
    for seed in range(5):
        sources, rng = stored(seed, 0.5), np.random.default_rng(50 + seed)
        weights = cascade(sources, rng, of="memory").values
        for aware, place in ((True, 0), (False, 1)):
            decoder = cascade_decoder(sources, of="memory", ages=4, aware=aware).values
            for age, row in enumerate(decoder):
                x = sources.patterns["memory"].values[-1 - age]
                cue = np.where(np.random.default_rng(9 + age).random(SIZE) < 0.1, 1 - x, x)
                terms = latents.Terms(row[0], row[1], row[2:18].reshape(4, 4), row[18:])
                odds = np.where(cue > 0.5, 1, -1) * np.log(9) + latents.evaluate(terms, weights, cue)
                wrong[place] += ((odds > 0) != (x > 0.5)).mean() / 20
                wrong[2] += aware * (cue != x).mean() / 20
    assert wrong[0] < 0.7 * wrong[2] < wrong[1]


def test_something_else_than_a_decoder_is_refused():
    given = Sources({}, {}, {"w": Dense(np.eye(3)), "decoder": Dense(np.eye(3))})
    with pytest.raises(FunctionError, match="no decoder"):
        decoder_term(given, of="decoder", weights="w", term="still")


def test_patterns_without_any_silent_cell_have_no_decoder():
    sources = Sources({"memory": PatternSet("memory", np.ones((2, 5)), True, 1.0)}, {})
    with pytest.raises(FunctionError, match="coding level between 0 and 1"):
        cascade_decoder(sources, of="memory")
    with pytest.raises(FunctionError, match="in one way"):
        cascade_surrogate(sources, np.random.default_rng(0), of="memory")


def test_a_decoder_of_other_synapses_is_refused():
    made = {"w": ("cascade", {"of": "memory", "gate": "xor"}), "decoder": ("cascade_decoder", {"of": "memory"})}
    given = Sources({}, {}, {"w": Dense(np.eye(3)), "decoder": Dense(np.ones((2, 20)))}, made=made)
    with pytest.raises(FunctionError, match="for synapses of gate pre_gated, but those of 'w' have xor"):
        decoder_term(given, of="decoder", weights="w", term="still")
    made["decoder"][1]["gate"] = "xor"
    assert decoder_term(given, of="decoder", weights="w", term="still").values.shape == (3, 2)
    made["w"] = ("learned", {"stage": "store"})
    assert decoder_term(given, of="decoder", weights="w", term="still").values.shape == (3, 2)
