"""``reset``: an epoch begins where the run began, whatever was before; weights stay what they are."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

CELLS = {
    "slow": {
        "inputs": {"drive": 1},
        "params": {"tau": "30 ms"},
        "equations": ["tau*dx/dt = drive - x"],
        "output": {"g": "tanh(x)"},
        "start": {"x": "0.3"},
    }
}
MODEL = {
    "cells": CELLS,
    "populations": {"a": {"size": {"units": "memory"}, "cell": "slow"}, "b": {"size": 4, "cell": "slow"}},
    "projections": {
        "there": {"from": "a.g", "to": "b.drive", "connect": "all", "weights": 0.4, "kernel": {"low_pass": {"tau": "20 ms"}}},
        "back": {"from": "b.g", "to": "a.drive", "connect": "all", "weights": -0.3},
    },
    "ports": {"memory": {"population": "a", "cue": {"current": {"amplitude": 1.0}}}},
}  # fmt: skip


def protocol(second: dict, *, show: str = "current") -> dict:
    epoch = {"duration": "50 ms", "show": {}, "into": "memory"}
    epoch |= {} if show == "current" else {"as": {"state": {"amplitude": 0.8}}}
    return {
        "patterns": {"memory": {"bernoulli": {"size": 5, "count": 3}}},
        "epochs": [{"name": "one", **epoch}, {"name": "two", **epoch, **second}],
        "trials": 3,
        "record": {name: {"variables": ["x"], "every": "1 steps"} for name in ("a", "b")},
    }


@pytest.mark.parametrize("show", ["current", "state"])
@pytest.mark.parametrize(
    "device", ["numpy", pytest.param("cpp", marks=pytest.mark.skipif(shutil.which("g++") is None, reason="no g++"))]
)
def test_an_epoch_is_as_the_first_one(simulate, device, show):
    traces = simulate(MODEL, protocol({"reset": True}, show=show), device=device).recordings[0].traces
    for key in (("a", "x"), ("b", "x")):
        values = traces[key].values
        # the sample at the start of the second epoch is taken when the states are back
        assert np.array_equal(values[:, 500:1000], values[:, :500])
        assert np.ptp(values[:, :500]) > 0.1


def test_without_it_an_epoch_goes_on_from_the_last(simulate):
    values = simulate(MODEL, protocol({})).recordings[0].traces["b", "x"].values
    assert not np.allclose(values[:, 500:1000], values[:, :500], atol=1e-3)
