"""Cells that are silent on a half-line leave flat directions in the energy: Fanaskov & Oseledets, arXiv 2410.13866.

Two rectified cells, dx/dt = W g(x) + b - x with W = [[0.6, -0.3], [-0.3, 0.5]] and b = (1, -0.5).
"""

from __future__ import annotations

import numpy as np
import pytest

RELU = {"cell": "rectified_polynomial", "params": {"tau": "20 ms", "n": 2, "scale": 1}}
BIAS = {"first": 1.0, "second": -0.5}


def pair(copies: int, start: dict) -> dict:
    """Two populations; with more copies, as many pairs side by side."""

    def weights(matrix, **more):
        return {"weights": {"of": matrix, **more}}

    if copies == 1:
        links = {
            "self_first": ("first", "first", weights("a")),
            "self_second": ("second", "second", weights("c")),
            "down": ("first", "second", weights("b")),
            "up": ("second", "first", weights("b", transpose=True)),
        }
    else:
        together = {"connect": {"same": "copy"}}
        links = {
            "self_first": ("first", "first", {**together, "weights": 0.6}),
            "self_second": ("second", "second", {**together, "weights": 0.5}),
            "down": ("first", "second", {**together, "weights": -0.3}),
            "up": ("second", "first", {**together, "weights": -0.3}),
        }
    return {
        "time": {"method": "rk4", "dt": "2 ms"},
        "matrices": {name: {"entries": [[value]]} for name, value in (("a", 0.6), ("b", -0.3), ("c", 0.5))},
        "populations": {name: {"size": {"number": 1, "copies": copies}, **RELU} for name in BIAS},
        "projections": {
            name: {"from": f"{pre}.g", "to": f"{post}.drive", **link} for name, (pre, post, link) in links.items()
        },
        "start": start,
        "ports": {name: name for name in BIAS},
    }


def protocol(steps, **more):
    return {
        "epochs": [{"name": "settle", "duration": f"{steps} steps", "drive": BIAS}],
        "trials": 1,
        **more,
    }


@pytest.mark.parametrize("depth", [0.0, 0.5, 3.0, 1000.0])
def test_energy_is_flat_where_a_cell_is_dead(simulate, depth):
    """E = -1.2 for all x = (2, -a): (x - b).g - L - g.W g/2 = 2 - 2 - 1.2."""
    model = pair(1, {"first": {"x": 2}, "second": {"x": -depth}})
    result = simulate(model, protocol(60, measure={"energy": {}, "energy_rise": {}}))
    total = result.measures["energy"].sel(part="total")[0]
    assert total[0].item() == pytest.approx(-1.2, abs=1e-12)
    assert total[-1].item() == pytest.approx(-1.25, abs=1e-3)  # at (2.5, -1.25)
    assert result.measures["energy_rise"].item() <= 1e-12


def test_all_starts_end_in_the_one_steady_state(simulate):
    """200 pairs that start up to 8 away."""
    apart = {"uniform": {"low": -8, "high": 8}}
    result = simulate(pair(200, {"first": {"x": apart}, "second": {"x": apart}}), protocol(700))
    traces = result.recordings[0].traces
    for name, end in (("first", 2.5), ("second", -1.25)):
        x = traces[name, "x"].values[0]
        assert np.ptp(x[0]) > 15
        assert x[-1] == pytest.approx(np.full(200, end), abs=1e-9)


W = {
    "positive": [[0.6, -0.3], [-0.3, 0.5]],
    "indefinite": [[0.6, -0.8], [-0.8, 0.6]],
}
DIFFERENCE = {
    "inputs": {"drive": 1, "own": 1, "bias": 1},
    "output": {"g": "drive + bias - own"},
}
PREMULTIPLIED = {"equations": ["tau*dx/dt = drive"], "params": {"tau": "20 ms"}, "inputs": {"drive": 1},
                 "output": {"g": "rectified(x)"}}  # fmt: skip
CONSTANT = {"output": {"g": "1.0 + 0*size"}}


def altered(name, bias, start):
    """Form (i): tau dx/dt = W (W g + b - x); with two instantaneous cells that hold the bracket."""
    identity = [[1, 0], [0, 1]]
    return {
        "cells": {"difference": DIFFERENCE, "premultiplied": PREMULTIPLIED, "constant": CONSTANT},
        "time": {"method": "rk4", "dt": "0.4 ms"},
        "matrices": {"w": {"entries": W[name]}},
        "populations": {
            "x": {"size": 2, "cell": "premultiplied"},
            "bracket": {"size": 2, "cell": "difference"},
            "one": {"size": 1, "cell": "constant"},
        },
        "projections": {
            "recurrent": {"from": "x.g", "to": "bracket.drive", "weights": {"of": "w"}},
            "leak": {"from": "x.x", "to": "bracket.own", "weights": {"entries": identity}},
            "bias": {"from": "one.g", "to": "bracket.bias", "weights": {"entries": [[value] for value in bias]}},
            "move": {"from": "bracket.g", "to": "x.drive", "weights": {"of": "w"}},
        },
        "start": {"x": {"x": {"uniform": start}}},
    }


def altered_path(simulate, name, bias, steps):
    model = altered(name, bias, {"low": -1, "high": 2})
    epochs = [{"name": "settle", "duration": f"{steps} steps"}]
    result = simulate(model, {"epochs": epochs, "record": {"x": {"variables": ["x"], "every": "1 steps"}}})
    x = result.recordings[0].traces["x", "x"].values[0]
    away = x - np.array(bias)
    energy = 0.5 * (away @ np.linalg.inv(W[name]) * away).sum(axis=1) - 0.5 * (np.maximum(x, 0) ** 2).sum(axis=1)
    return x, energy


def test_altered_dynamics_keep_the_steady_state_for_positive_weights(simulate):
    x, energy = altered_path(simulate, "positive", [1.0, -0.5], 3000)
    assert x[-1] == pytest.approx([2.5, -1.25], abs=1e-3)
    assert np.diff(energy).max() <= 1e-12 * np.ptp(energy)


def test_altered_dynamics_run_away_for_indefinite_weights(simulate):
    """The energy still falls, but it has no floor."""
    x, energy = altered_path(simulate, "indefinite", [0.5, 0.5], 600)
    assert np.diff(energy).max() <= 1e-12 * np.ptp(energy)
    assert np.abs(x[-1]).max() > 10 * np.abs(x[0]).max()


def test_original_dynamics_settle_for_indefinite_weights(simulate):
    """tau dx/dt = W g + b - x goes to (1.25, -0.5) or its mirror image."""
    model = {
        "time": {"method": "rk4", "dt": "2 ms"},
        "matrices": {"w": {"entries": W["indefinite"]}},
        "populations": {"x": {"size": 2, **RELU}},
        "projections": {"recurrent": {"from": "x.g", "to": "x.drive", "weights": {"of": "w"}}},
        "start": {"x": {"x": {"uniform": {"low": -1, "high": 2}}}},
        "ports": {"x": "x"},
    }
    epochs = [{"name": "settle", "duration": "500 steps", "drive": {"x": 0.5}}]
    result = simulate(model, {"epochs": epochs, "measure": {"energy_rise": {}}})
    end = result.recordings[0].traces["x", "x"].values[0, -1]
    assert sorted(end) == pytest.approx([-0.5, 1.25], abs=1e-6)
    assert result.measures["energy_rise"].item() <= 1e-12
