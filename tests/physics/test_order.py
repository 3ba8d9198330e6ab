"""Sums that need each other within one step are evaluated in the order of their need, whatever their names."""

from __future__ import annotations

import numpy as np
import pytest

UNITS, MEMORIES, BETA, TOP = 24, 7, 0.25, 24.0
# the softmax of model B in three cells: exponentials, a pool that adds them up, and shares that need the pool
HIDDEN = {
    "params": {"tau": "2 ms", "beta": BETA, "top": TOP},
    "inputs": {"drive": 1, "scale": 1},
    "equations": ["tau*dx/dt = drive - x"],
    "output": {"grown": "exp(beta*(x - top))", "share": "grown*scale"},
}
POOL = {"inputs": {"total": 1}, "output": {"inverse": "1.0/total"}}
LINEAR = {"size": {"units": "memory"}, "cell": "linear", "params": {"tau": "20 ms"}}


def chain(hidden, pool):
    """The populations under names of the caller's choice: some sort the wrong way round."""
    return {
        "cells": {"grower": HIDDEN, "pooler": POOL},
        "matrices": {"xi": {"rows": {"of": "memory"}}},
        "populations": {
            "features": LINEAR,
            hidden: {"size": {"count": "memory"}, "cell": "grower"},
            pool: {"size": 1, "cell": "pooler"},
        },
        "projections": {
            f"{hidden}_to_features": {
                "from": f"{hidden}.share", "to": "features.drive", "weights": {"of": "xi", "transpose": True}
            },
            "divide": {"from": f"{pool}.inverse", "to": f"{hidden}.scale", "connect": "all", "weights": 1},
            "add": {"from": f"{hidden}.grown", "to": f"{pool}.total", "connect": "all", "weights": 1},
            "recognise": {"from": "features.g", "to": f"{hidden}.drive", "weights": {"of": "xi"}},
        },
        "ports": {"memory": {"population": "features", "cue": "state"}},
    }  # fmt: skip


def reference(xi, v, dt, steps):
    """Exponential Euler of model B in plain numpy, hidden cells from zero: (steps + 1, units)."""
    h, path = np.zeros(len(xi)), [v]
    for _ in range(steps):
        grown = np.exp(BETA * (h - TOP))
        drive_v, drive_h = xi.T @ (grown / grown.sum()), xi @ v
        v = drive_v + (v - drive_v) * np.exp(-dt / 20)
        h = drive_h + (h - drive_h) * np.exp(-dt / 2)
        path.append(v)
    return np.array(path)


@pytest.mark.parametrize(
    ("device", "hidden", "pool", "steps"),
    [
        ("numpy", "a_hidden", "z_pool", (0.2, 2.0, 40.0)),
        ("numpy", "z_hidden", "a_pool", (0.2, 2.0, 40.0)),
        ("cpp", "z_hidden", "a_pool", (0.2,)),
    ],
)
def test_chained_sums_equal_an_independent_evaluation(simulate, settle, device, hidden, pool, steps):
    """A stale pool is off by 2.6e-2 at dt = tau_h/10, and undefined far above tau_h."""
    for dt in steps:
        result = simulate(
            chain(hidden, pool), settle(UNITS, MEMORIES, 50, flips=0.2), {"time.dt": f"{dt} ms"}, device=device
        )
        x = result.recordings[0].traces["features", "x"].values
        xi = result.run.networks[0].circuit.patterns["memory"].bipolar
        expected = np.stack([reference(xi, start, dt, 50) for start in x[:, 0]])
        assert x == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_the_softmax_cell_equals_the_chain(simulate, settle):
    """The same layer as one cell with reductions."""
    protocol = settle(UNITS, MEMORIES, 100, flips=0.2)
    settings = {"populations.hidden.params.beta": BETA, "start": {}, "time.dt": "0.5 ms"}
    one = simulate("two_body_softmax", protocol, settings)
    three = simulate(chain("hidden", "pool"), protocol, {"time.dt": "0.5 ms"})
    ends = [result.recordings[0].traces["features", "x"].values for result in (one, three)]
    assert ends[0] == pytest.approx(ends[1], rel=1e-12, abs=1e-13)
