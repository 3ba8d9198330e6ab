"""Residual cells take the covariance of the stored patterns out of a state: z - v = C (C + lambda)^-1 z."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.evaluate import as_array
from neuroam.rules.additive import additive
from neuroam.rules.centred import centred

SIZE, COUNT = 16, 5


def settled(simulate, model, level, duration, more=()):
    """v after a state was held, with the circuit and the states."""
    protocol = {
        "seed": 3, "trials": 2,
        "patterns": {"memory": {"bernoulli": {"size": SIZE, "count": COUNT, "coding_level": level}}},
        "epochs": [{"name": "hold", "duration": duration, "show": {"corrupt": [{"flip": {"fraction": 0.1}}]}, "into": "memory",
                    "as": {"clamp": {"state": "x"}}}],
        "record": {"resid": {"variables": ["v"], "every": "10 ms"}},
    }  # fmt: skip
    result = simulate(model, protocol, dict(more))
    network = result.run.networks[0]
    cue = network.trials.cues["memory"]
    return network.circuit, cue - level, network.recording.traces["resid", "v"].values[:, -1]


@pytest.mark.parametrize(
    ("model", "level", "duration"),
    [
        ("correlation_whiten_rate", 0.5, "1200 ms"),
        ("correlation_whiten_rate", 0.2, "1200 ms"),
        ("correlation_whiten_gibbs", 0.2, "40 ms"),
    ],
)
def test_the_loop_settles_where_ridge_regression_is(simulate, model, level, duration):
    circuit, z, v = settled(simulate, model, level, duration)
    c, size = as_array(circuit.matrices["c"].weights), SIZE
    ridge = max(0.05 * size * level * (1 - level), 2.5)
    expected = z @ (c @ np.linalg.inv(c + ridge * np.eye(size))).T
    assert np.abs(z - v - expected).max() < 1e-6
    assert np.abs(expected).max() > 0.1  # not nothing


def test_a_loop_that_is_cut_copies_the_state(simulate):
    _, z, v = settled(simulate, "correlation_whiten_rate", 0.5, "1200 ms", {"projections.explain.weights.gain": 0})
    assert np.abs(z - v).max() < 1e-6


@pytest.mark.parametrize(("level", "size"), [(0.5, 200), (0.2, 200)])
def test_the_centred_weights_are_the_covariance(level, size):
    """Off the diagonal: mean error 0.28 sqrt(T/N) at level 1/2, as measured for the brief; on it, exact there."""
    count, rng = 60, np.random.default_rng(5)
    x = (rng.random((count, size)) < level).astype(float)
    patterns = {"memory": PatternSet("memory", x, True, level)}
    weights = additive(Sources(patterns, {}), of="memory")
    found = centred(Sources(patterns, {}, {"w": weights}), of="w", port="memory").values
    truth = (x - level).T @ (x - level)
    away = ~np.eye(size, dtype=bool)
    assert np.corrcoef(found[away], truth[away])[0, 1] > 0.98
    if level == 0.5:
        assert np.abs(found - truth)[away].mean() == pytest.approx(0.28 * np.sqrt(count / size), rel=0.15)
        assert np.diagonal(found) == pytest.approx(np.diagonal(truth), abs=1e-9)
    else:
        assert np.corrcoef(np.diagonal(found), np.diagonal(truth))[0, 1] > 0.9
    assert np.allclose(found[away.nonzero()], found.T[away.nonzero()], rtol=0, atol=1e-9)
    assert np.abs((found * away).sum(axis=1)).max() < 1e-9  # no popularity is left
