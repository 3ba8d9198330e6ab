"""Circuits at the edge of what makes sense: they run, and do what their equations say."""

from __future__ import annotations

import math

import numpy as np
import pytest

RATE = ["A tanh max(x,0)^3", "A tanh exp", "A sign x^4", "B", "C max(x,0)^3"]
LAST = {"last": "1 steps"}
MEASURE = {
    "energy": {},
    "energy_rise": {},
    "overlap": {"port": "memory", "window": LAST},
    "success": {"port": "memory", "window": LAST},
    "winner": {"port": "memory", "window": LAST},
    "settling_time": {"port": "memory"},
    "overlap_course": {"port": "memory"},
    "nearest_stored": {"port": "memory"},
    "rate": {},
}


def store(rows, steps=300, **more):
    """Patterns written out (0, 1; or any numbers), each shown as it is."""
    units = range(len(rows[0]))
    text = "\n".join(",".join(map(str, row)) for row in [[f"u{i}" for i in units], *rows])
    return {
        "files": {"patterns.csv": text + "\n"},
        "patterns": {"memory": {"table": {"file": "patterns.csv"}}},
        "epochs": [{"name": "cue", "duration": f"{steps} steps", "show": {}, "as": "state"}],
        "trials": {"each_pattern": 1},
        "measure": MEASURE,
        **more,
    }


def values(result, *names):
    return [result.measures[name].to_numpy() for name in names]


def final(result, population, variable):
    return result.recordings[0].traces[population, variable].values[:, -1]


@pytest.mark.parametrize("name", RATE)
def test_without_memories_features_relax_to_their_input(simulate, two_body, settle, name):
    circuit = two_body(name, 8)
    protocol = settle(8, 0, 200, measure=MEASURE)
    protocol["epochs"][0]["drive"] = {"memory": 0.5}
    result = simulate(circuit.model, protocol, circuit.settings)
    assert final(result, "features", "x") == pytest.approx(np.full((1, 8), 0.5 * (1 - math.exp(-1))), rel=1e-12)
    assert np.isnan(values(result, "overlap", "success", "winner", "settling_time", "nearest_stored")).all()
    assert result.measures["energy_rise"].item() <= 1e-12


def test_spiking_circuit_without_memories(simulate):
    protocol = {
        "patterns": {"memory": {"bernoulli": {"size": 8, "count": 0}}},
        "epochs": [{"name": "drive", "duration": "100 ms", "drive": {"memory": "12 mV"}}],
        "measure": {**MEASURE, "member_rate": {"population": "features"}},
    }
    result = simulate("two_body_lif", protocol)
    assert result.spikes["features"].cell.size > 0
    assert np.isnan(values(result, "overlap", "success", "winner", "settling_time")).all()
    assert np.isnan(result.measures["member_rate"]).all()


@pytest.mark.parametrize("name", [name for name in RATE if name != "A tanh exp"])  # whose cue is too weak
def test_one_memory(simulate, two_body, settle, name):
    circuit = two_body(name, 16)
    settings = {**circuit.settings, "time.dt": "1 ms"}
    result = simulate(circuit.model, settle(16, 1, 300, flips=0.1, measure=MEASURE), settings)
    assert result.measures["overlap"].item() == 1.0
    assert result.measures["winner"].item() == 0
    assert result.measures["energy_rise"].item() <= 1e-12


@pytest.mark.parametrize("name", RATE)
def test_one_unit(simulate, two_body, name):
    """N = 1, with both patterns that there are and one of them twice."""
    circuit = two_body(name, 1)
    result = simulate(circuit.model, store([[1], [0], [1]]), {**circuit.settings, "time.dt": "0.5 ms"})
    assert all(np.isfinite(found).all() for found in values(result, "overlap", "winner", "energy"))
    assert final(result, "features", "x").shape == (3, 1)


ROW, OTHER = [1, 0, 1, 1, 0, 0, 1, 0], [1, 1, 0, 1, 0, 1, 0, 0]


@pytest.mark.parametrize("name", ["A tanh max(x,0)^3", "B", "C max(x,0)^3"])
def test_equal_patterns_share_their_memory(simulate, two_body, name):
    circuit = two_body(name, 8)
    result = simulate(circuit.model, store([ROW, ROW, OTHER]), {**circuit.settings, "time.dt": "1 ms"})
    g = circuit.f(final(result, "hidden", "x"))
    assert g[0, 0] == pytest.approx(g[0, 1], rel=1e-12)
    assert (result.measures["overlap"][:2] == 1.0).all()


def test_opposite_patterns_each_recall_themselves(simulate, two_body):
    opposite = store([ROW, [1 - bit for bit in ROW]])
    for name in ("A sign max(x,0)^4", "A sign x^4", "B", "C max(x,0)^3"):
        circuit = two_body(name, 8)
        result = simulate(circuit.model, opposite, {**circuit.settings, "time.dt": "1 ms"})
        assert (result.measures["overlap"] == 1.0).all(), name


def test_even_energies_store_the_inverse_too(simulate, two_body):
    """Plain x^2 and x^4 hold the inverse of a pattern as they hold itself; with max(x, 0)^4 it fades."""
    inverse = store([ROW, OTHER], trials=1)
    inverse["epochs"][0]["show"] = {"corrupt": [{"flip": {"fraction": 1.0}}]}
    held = {}
    for name in ("A sign x^2", "A sign x^4", "A sign max(x,0)^4"):
        circuit = two_body(name, 8)
        result = simulate(circuit.model, inverse, {**circuit.settings, "time.dt": "1 ms"})
        assert result.measures["overlap"].item() == -1.0
        held[name] = np.abs(final(result, "features", "x")).min() > 0.5
    assert held == {"A sign x^2": True, "A sign x^4": True, "A sign max(x,0)^4": False}


def test_empty_rows_of_the_matrix(simulate, two_body):
    """A hidden cell without synapses stays at zero, and changes nothing for the others."""
    rows = [[2 * bit - 1 for bit in row] for row in (ROW, OTHER)]
    ends = []
    for stored in (rows, [*rows, [0] * 8]):
        circuit = two_body("A tanh max(x,0)^3", 8)
        result = simulate(circuit.model, store(stored, trials=2), {**circuit.settings, "time.dt": "1 ms"})
        ends.append(final(result, "features", "x"))
    assert (final(result, "hidden", "x")[:, 2] == 0).all()
    assert ends[0] == pytest.approx(ends[1], rel=1e-12)


@pytest.mark.parametrize("name", ["A tanh max(x,0)^3", "A tanh x^4", "A sign x^4", "C max(x,0)^3"])
def test_the_silent_state_is_a_fixed_point(simulate, two_body, settle, name):
    """A cue that shows nothing: with sign(0) = 0 and 0/|0| = 0 nothing moves, E stays 0, and no unit decides."""
    circuit = two_body(name, 8)
    protocol = settle(8, 3, 50, flips=0.0, measure=MEASURE)
    protocol["epochs"][0]["show"] = {"corrupt": [{"mask": {"fraction": 1.0}}]}
    result = simulate(circuit.model, protocol, circuit.settings)
    assert (final(result, "features", "x") == 0).all()
    assert (result.measures["overlap"] == 0).all()
    assert result.measures["energy"].sel(part="total").to_numpy() == pytest.approx(0.0, abs=1e-5)  # eps of model C


def test_softmax_answers_an_empty_cue_with_the_mean_pattern(simulate, two_body, settle):
    """All hidden cells are equal, so v goes to the mean of the rows: exactly, as no tie is broken by one step."""
    circuit = two_body("B", 8)
    protocol = settle(8, 3, 1, flips=0.0)
    protocol["epochs"][0]["show"] = {"corrupt": [{"mask": {"fraction": 1.0}}]}
    result = simulate(circuit.model, protocol, {**circuit.settings, "time.dt": "400 ms"})
    mean = result.run.networks[0].circuit.patterns["memory"].bipolar.mean(axis=0)
    assert final(result, "features", "x")[0] == pytest.approx(mean * (1 - math.exp(-20)), abs=1e-12)


@pytest.mark.parametrize(("beta", "winners"), [(1e-6, 3), (50.0, 1)])
def test_softmax_from_the_mean_to_the_winner(simulate, two_body, settle, beta, winners):
    """beta -> 0: all memories at once; beta -> infinity: winner takes all, without overflow."""
    circuit = two_body("B", 32)
    settings = {**circuit.settings, "populations.hidden.params.beta": beta, "time.dt": "1 ms"}
    protocol = settle(32, 3, 300, flips=0.1, record={"hidden": {"variables": ["g"], "every": "1 steps"}})
    share = final(simulate(circuit.model, protocol, settings), "hidden", "g")
    assert share.sum(axis=1) == pytest.approx(1.0)
    assert 1 / (share**2).sum(axis=1) == pytest.approx(winners, rel=1e-3)
