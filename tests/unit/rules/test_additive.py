"""Additive weights have the statistics that the theory of correlated synapses says."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.rules.additive import additive
from neuroam.rules.mean_strength import mean_strength
from neuroam.rules.row_sums import row_sums

TABLES = {
    "simple_hebb": lambda a, b, f: a * b,
    "covariance": lambda a, b, f: (a - f) * (b - f),
    "pre_gated": lambda a, b, f: b * (a - f),
    "post_gated": lambda a, b, f: a * (b - f),
}


def sources(values: np.ndarray, f: float | None) -> Sources:
    return Sources({"memory": PatternSet("memory", values, True, f)}, {"memory": "bits"})


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_entry_adds_up_its_table_pattern_by_pattern(table: str) -> None:
    x = (np.random.default_rng(1).random((7, 9)) < 0.3).astype(float)
    found = additive(sources(x, 0.3), of="memory", table=table).values  # type: ignore[arg-type]
    for i, j in combinations(range(9), 2):
        assert found[i, j] == pytest.approx(sum(TABLES[table](a[i], a[j], 0.3) for a in x), abs=1e-12)
        assert found[j, i] == pytest.approx(sum(TABLES[table](a[j], a[i], 0.3) for a in x), abs=1e-12)
    assert (np.diagonal(found) == 0).all()


def test_a_table_may_be_written_out() -> None:
    x = (np.random.default_rng(2).random((4, 6)) < 0.5).astype(float)
    named = additive(sources(x, 0.5), of="memory", table="pre_gated", gain=2.0)
    written = additive(sources(x, 0.5), of="memory", table=[[0.0, -0.5], [0.0, 0.5]], gain=2.0)
    assert np.allclose(named.values, written.values, rtol=0, atol=1e-12)


def test_correlations_of_synapses_that_share_a_cell() -> None:
    # one pattern, f = 1/2: simple Hebb 1/3 for a shared post cell, a shared pre cell and a chain; covariance 0
    x = (np.random.default_rng(3).random((1, 3)) < 0.5).astype(float)
    samples: dict[str, list[list[float]]] = {"simple_hebb": [], "covariance": []}
    rng = np.random.default_rng(3)
    for _ in range(4000):
        x = (rng.random((1, 3)) < 0.5).astype(float)
        for table, rows in samples.items():
            w = additive(sources(x, 0.5), of="memory", table=table).values  # type: ignore[arg-type]
            rows.append([w[0, 1], w[0, 2], w[2, 1], w[2, 0]])
    for table, expected in (("simple_hebb", 1 / 3), ("covariance", 0.0)):
        first, same_post, same_pre, chain = np.array(samples[table]).T
        for other in (same_post, same_pre, chain):
            # standard error of a correlation from 4000 draws: 0.016
            assert np.corrcoef(first, other)[0, 1] == pytest.approx(expected, abs=0.06)


def test_row_sums_and_mean_strength_make_the_doubly_centred_matrix() -> None:
    x = (np.random.default_rng(4).random((5, 20)) < 0.5).astype(float)
    weights = additive(sources(x, 0.5), of="memory")
    given = Sources({}, {}, {"w": weights})
    strength, overall = row_sums(given, of="w").values, mean_strength(given, of="w").values
    assert strength.shape == (1, 20)
    assert overall.shape == (20, 1)
    n = 20
    centred = weights.values - (strength + strength.T) / (n - 2) + overall / (n - 2)
    np.fill_diagonal(centred, 0.0)
    assert np.abs(centred.sum(axis=0)).max() < 1e-12
    assert np.abs(centred.sum(axis=1)).max() < 1e-12


def test_what_cannot_be_added_up_is_refused() -> None:
    with pytest.raises(FunctionError, match="not binary"):
        additive(Sources({"memory": PatternSet("memory", np.ones((1, 2)), False)}, {}), of="memory")
    with pytest.raises(FunctionError, match="2 x 2"):
        additive(sources(np.ones((1, 2)), None), of="memory", table=[[1.0, 2.0, 3.0]])
