"""A delay is honoured whatever the weights look like in memory: all later, nothing else."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
WEIGHTS = {
    "ones": {"connect": "all", "weights": "2 mV"},
    "sparse": {"connect": {"fixed_probability": {"p": 0.3}}, "weights": "2 mV"},
    "dense": {"weights": {"of": "w", "gain": "90 mV"}},
}
STEPS = 300


def membranes(simulate, device, steps):
    """Of cells that never fire, one population per kind of weights, reached by the same spikes."""
    model = {
        "matrices": {"w": {"hopfield": {"of": "memory"}}},
        "populations": {
            "source": {"size": {"units": "memory"}, "cell": "lif", "params": {"bias": {"uniform": {"low": "14 mV", "high": "30 mV"}}}},
            **{name: {"size": {"units": "memory"}, "cell": "lif", "params": {"threshold": "1 V"}} for name in WEIGHTS},
        },
        "projections": {
            f"to_{name}": {"from": "source", "to": name, "delay": f"{steps / 10} ms", **weights}
            for name, weights in WEIGHTS.items()
        },
        "ports": {"memory": "source"},
    }  # fmt: skip
    protocol = {
        "patterns": {"memory": {"bernoulli": {"size": 20, "count": 3}}},
        "epochs": [{"name": "all", "duration": f"{STEPS} steps"}],
        "record": {name: {"variables": ["v"], "every": "1 steps"} for name in WEIGHTS},
        "trials": 2,
    }
    traces = simulate(model, protocol, device=device).recordings[0].traces
    return {name: traces[name, "v"].values for name in WEIGHTS}


@pytest.mark.parametrize("device", ["numpy", pytest.param("cpp", marks=needs_compiler)])
def test_a_delay_moves_everything_and_changes_nothing(simulate, device):
    at_once = membranes(simulate, device, 0)
    for steps in (1, 23):
        late = membranes(simulate, device, steps)
        for name, values in at_once.items():
            assert np.ptp(values) > 1e-4, name
            assert not late[name][:, :steps].any(), name
            assert np.array_equal(late[name][:, steps:], values[:, : STEPS + 1 - steps]), name
