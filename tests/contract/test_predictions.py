"""Every prediction keeps the promise of its room: one number, the same for the same seed, and words for what it lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import neuroam
from neuroam import theory
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.resolve import resolve
from neuroam.theory import correlations

SMALL = {"patterns.memory.subspace": {"count": 2, "generators": 6, "size": 60, "clusters": 5, "degree": 2},
         "matrices.w.null_space.inputs": 12, "controls.upsilon": 0.2}  # fmt: skip
# settings that suit the circuit below; a new prediction gets a line here
EXAMPLES: dict[str, dict[str, Any]] = {
    "cluster_threshold": {"port": "memory", "visits": 20},
    "coincidences": {"whole": True},
    "dwell_law": {"tau": "100 ms"},
    "mixed_limit": {},
    "one_pass_error": {},
    "recall_load": {"flips": 0.1, "law": "clean", "population": "motifs"},
    "sequence_capacity": {},
    "sequence_limit": {"whole": True},
}
SEQUENCE = {"patterns.memory": {"bernoulli": {"size": 20, "count": 5}, "dwell": {"uniform": {"low": "90 ms", "high": "200 ms"}}},
            "sweep": {}, "networks": 1}  # fmt: skip


@pytest.fixture(scope="module")
def worlds() -> dict[str, tuple[Any, Any]]:
    """A circuit that suits each."""
    clusters = resolve(neuroam.load("noise_benefit", settings=SMALL))
    sequence = resolve(neuroam.load("capacity_sequence", settings=SEQUENCE))
    mixed = resolve(neuroam.load("capacity_mixed", settings={"patterns.memory.bernoulli.size": 20, "sweep": {}}))
    recall = resolve(neuroam.load("error_vs_load", settings={"patterns.memory.bernoulli": {"size": 20, "count": 5}}))
    others = {"cluster_threshold": clusters, "mixed_limit": mixed, "one_pass_error": recall}
    return {name: others.get(name, sequence) for name in EXAMPLES}


def call(name: str, world: tuple[Any, Any], seed: int = 1) -> float:
    entry = prediction[name]
    settings = entry.schema.model_validate(EXAMPLES[name])
    offers = {"circuit": world[0], "trials": world[1], "rng": np.random.default_rng(seed)}
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    return entry.function(**{key: offers[key] for key in entry.offers}, **given)


def test_every_prediction_has_an_example() -> None:
    assert sorted(EXAMPLES) == list(prediction)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_prediction_is_one_number(name: str, worlds: dict[str, tuple[Any, Any]]) -> None:
    found = call(name, worlds[name])
    assert isinstance(found, float)
    assert np.isfinite(found)
    assert call(name, worlds[name]) == found


def test_a_capacity_is_that_of_the_circuit(worlds: dict[str, tuple[Any, Any]]) -> None:
    """N = 20, d = 3; the law says how many, the formula for large networks something near it."""
    circuit, trials = worlds["sequence_capacity"]
    exact = theory.transition_capacity(20, theory.power_separation(3))
    assert call("sequence_capacity", (circuit, trials)) == pytest.approx(exact)
    assert call("sequence_limit", (circuit, trials)) == pytest.approx(theory.sequence_limit(20, 3))
    assert call("coincidences", (circuit, trials)) == pytest.approx(theory.coincidence_sequence(20))
    bare = replace(circuit, populations={"motifs": replace(circuit.populations["motifs"], params={})})
    assert call("sequence_limit", (bare, trials)) == pytest.approx(theory.exponential_sequence_limit(20))
    with pytest.raises(FunctionError, match="no single number 'd'"):
        call("sequence_capacity", (bare, trials))
    assert call("mixed_limit", worlds["mixed_limit"]) == pytest.approx(theory.mixed_transition_limit(20, 2, 2, 2.5))


@pytest.mark.parametrize(("table", "critical"), [("simple_hebb", 1 / (0.2**3 * 0.8)), ("post_gated", 4 / (0.2**3 * 0.8)),
                                                 ("covariance", np.inf), ([[0, 0], [1, 3]], None)])  # fmt: skip
def test_the_error_of_one_pass_is_of_the_table_that_made_the_weights(table: Any, critical: float | None) -> None:
    """Found from the weights alone; f = 0.2 and T = 5.  Gated tables have alpha = f on one side, and 0 on the other."""
    settings = {"patterns.memory.bernoulli": {"size": 30, "count": 5, "coding_level": 0.2}}
    world = resolve(neuroam.load("error_vs_load", settings=settings | {"matrices.w.additive.table": table}))
    wanted = correlations.critical_count(table, 0.2)
    assert critical is None or wanted == pytest.approx(critical)
    assert call("one_pass_error", world) == pytest.approx(correlations.one_pass_error(5, wanted))


def test_weights_without_shared_noise_have_no_error_of_one_pass(worlds: dict[str, tuple[Any, Any]]) -> None:
    settings = {"patterns.memory.bernoulli.size": 20, "matrices.w": {"surrogate": {"of": "memory"}}}
    assert np.isnan(call("one_pass_error", resolve(neuroam.load("error_vs_load", settings=settings))))
    circuit, trials = worlds["one_pass_error"]
    fewer = replace(circuit.patterns["memory"], values=circuit.patterns["memory"].values[:, :7])
    with pytest.raises(FunctionError, match="does not join the units of the binary patterns"):
        call("one_pass_error", (replace(circuit, patterns={"memory": fewer}), trials))


def test_the_law_of_dwelling_gives_back_what_gains_were_made_for(worlds: dict[str, tuple[Any, Any]]) -> None:
    circuit, trials = worlds["dwell_law"]
    wanted = circuit.patterns["memory"].attributes["dwell"]
    assert call("dwell_law", (circuit, trials)) == pytest.approx(1e3 * wanted[:-1].mean(), rel=1e-6)


def test_a_threshold_needs_clusters(worlds: dict[str, tuple[Any, Any]]) -> None:
    circuit, trials = worlds["cluster_threshold"]
    bare = replace(circuit.patterns["memory"], attributes={})
    with pytest.raises(FunctionError, match="have no clusters"):
        call("cluster_threshold", (replace(circuit, patterns={"memory": bare}), trials))
    lif = dict(circuit.populations) | {"pattern": replace(circuit.populations["pattern"], params={})}
    with pytest.raises(FunctionError, match="no single number 'phi'"):
        call("cluster_threshold", (replace(circuit, populations=lif), trials))


def test_loads_are_those_of_the_laws(worlds: dict[str, tuple[Any, Any]]) -> None:
    """N = 20, n = 4, plain; a softmax has no power, and only the laws of powers need one."""
    circuit, _ = worlds["recall_load"]
    size = circuit.patterns["memory"].size
    laws = {
        "freezing": theory.freezing_load(size, 4, 0.1),
        "clean": theory.clean_load(size, 4),
        "nearest_ties_lose": theory.nearest_pattern_load(size, 0.1),
        "nearest_ties_win": theory.nearest_pattern_load(size, 0.1, ties="win"),
    }
    bare = replace(circuit, populations={"motifs": replace(circuit.populations["motifs"], params={})})
    for law, expected in laws.items():
        asked = {"flips": 0.1, "law": law, "population": "motifs"}
        assert prediction["recall_load"].function(circuit, **asked) == pytest.approx(expected)
        if law.startswith("nearest"):
            assert prediction["recall_load"].function(bare, **asked) == pytest.approx(expected)
    with pytest.raises(FunctionError, match="no single number"):
        prediction["recall_load"].function(bare, flips=0.1, law="freezing", population="motifs")


def test_a_prediction_about_another_model_says_so():
    """Its defaults name populations and matrices of the circuit that it was made for."""
    from neuroam.spec.load import load
    from neuroam.sweeps.theory import _predicted

    for name, what in (("sequence_limit", "there is no population 'motifs'"), ("one_pass_error", "no matrix 'w'")):
        with pytest.raises(FunctionError, match=what):
            _predicted(name, {}, load("recall_random"))
