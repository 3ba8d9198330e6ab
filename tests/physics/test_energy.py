"""The energy of rate circuits never rises: Krotov & Hopfield (2021), arXiv 2008.06996, eq. 2 to 4."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuroam.errors import SpecError
from neuroam.readouts.energy import energies
from neuroam.recording import Trace

RANDOM = {"x": {"normal": {"mean": 0, "sd": 1}}}
CONVEX = [
    *(f"A {g} {f}" for g in ("tanh", "sign") for f in ("x^2", "x^4", "max(x,0)^2", "max(x,0)^3", "max(x,0)^4", "exp")),
    "B",
    "C max(x,0)^3",
    "C x^4",
    "C exp",
]
TAUS = [(20.0, 20.0), (20.0, 2.0), (2.0, 20.0)]  # (1, 1), (1, 0.1) and (0.1, 1) of 20 ms
# a random state lies far from all patterns: with these shifts exponential cells are neither silent there nor huge
SHIFT = {"A": 15.0, "B": None, "C": 5.0}


def descend(simulate, two_body, settle, name, taus, start=None):
    """From a random state of both layers, as Runge-Kutta of fourth order goes: N = 50, K = 10, dt = min tau / 50."""
    circuit = two_body(name, 50, *taus, shift=SHIFT[name[0]])
    dt = 0.02 * min(taus)
    settings = {
        **circuit.settings,
        "time": {"method": "rk4", "dt": f"{dt!r} ms"},
        "start": start or {"features": RANDOM, "hidden": RANDOM},
    }
    steps = 500 if taus[0] == taus[1] else 1200
    result = simulate(circuit.model, settle(50, 10, steps, measure={"energy": {}, "energy_rise": {}}, seed=3), settings)
    return circuit, dt, result


@pytest.mark.parametrize("taus", TAUS)
@pytest.mark.parametrize("name", CONVEX)
def test_energy_falls_as_fast_as_the_hessians_say(simulate, two_body, settle, name, taus):
    """It never rises; dE/dt = -tau_f v' Hess(L_v) v' - tau_h h' Hess(L_h) h'.

    Measured with an independent reference: rises below 2.2e-15 of the drop, dE/dt within 2.5e-7.
    """
    circuit, _, result = descend(simulate, two_body, settle, name, taus)
    total = result.measures["energy"].sel(part="total").to_numpy()[0]
    assert total[0] - total[-1] > 1e-3
    assert result.measures["energy_rise"].item() <= 1e-12

    tau_f, tau_h = taus
    traces, xi = result.recordings[0].traces, result.run.networks[0].circuit.patterns["memory"].bipolar
    v, h = traces["features", "x"].values[0], traces["hidden", "x"].values[0]
    dv, dh = circuit.rate(v, h, xi, tau_f, tau_h)
    ahead = 1e-5 * min(tau_f, tau_h)

    def across(function):
        """Change per time of a function of the state along the flow, by central differences."""
        return (function(v + ahead * dv, h + ahead * dh) - function(v - ahead * dv, h - ahead * dh)) / (2 * ahead)

    expected = -tau_f * (dv * across(lambda v, h: circuit.g(v))).sum(axis=1)
    expected -= tau_h * (dh * across(lambda v, h: circuit.f(h))).sum(axis=1)
    found = across(lambda v, h: energy_at(result, v, h))
    smooth = (np.abs(v) > ahead * np.abs(dv)).all(axis=1)  # no kink of |v| in between
    found, expected = found[smooth], expected[smooth]
    moving = np.abs(expected) > 1e-3 * np.abs(expected).max()  # below, the energies' own rounding counts
    assert moving.sum() > 100
    assert found[moving] == pytest.approx(expected[moving], rel=1e-5)


def energy_at(result, v, h):
    """The energy readout at other states than those that were recorded."""
    network = result.run.networks[0]
    step = np.arange(len(v))
    traces = {("features", "x"): Trace(step, v[None]), ("hidden", "x"): Trace(step, h[None])}
    return energies(replace(network.recording, traces=traces), network.circuit, network.trials)["total"][0]


@pytest.mark.parametrize("name", ["A tanh x^3", "A sign x^3", "C x^3"])
def test_plain_odd_powers_have_no_such_energy(simulate, two_body, settle, name):
    """Where an overlap is negative x^3 is not convex: a hidden layer that starts there climbs."""
    start = {"features": RANDOM, "hidden": {"x": -20.0}}
    result = descend(simulate, two_body, settle, name, TAUS[0], start=start)[-1]
    assert result.measures["energy_rise"].item() > 0.01


@pytest.mark.parametrize(("leak", "length"), [(1.0, 7.1), (0.3, 23.5), (0.0, 137.0)])
def test_energy_of_spherical_features_falls_with_any_leak(simulate, two_body, settle, leak, length):
    """In model C the leak is free: it only sets how long |v| is, here after 20 tau from a cue with p = 0.2."""
    circuit = two_body("C max(x,0)^3", 50)
    settings = {**circuit.settings, "populations.features.params.leak": leak, "time": {"method": "rk4", "dt": "1 ms"}}
    measure = {"energy": {}, "energy_rise": {}, "overlap": {"port": "memory", "window": {"last": "1 steps"}}}
    result = simulate(circuit.model, settle(50, 6, 400, flips=0.2, measure=measure), settings)
    v = result.recordings[0].traces["features", "x"].values[:, -1]
    assert result.measures["energy_rise"].max() <= 1e-12
    assert (result.measures["overlap"] == 1.0).all()
    assert np.linalg.norm(v, axis=1).mean() == pytest.approx(length, rel=0.01)


LAYERS = {"hierarchical": {}, "hierarchical_local": {"matrices.lower.associate.window": 16}}


def descend_layers(simulate, settle, model, dt, steps, measure, **settings):
    """64 features, 24 middle cells, 12 top cells; the shortest time constant is 2 ms."""
    settings = {
        **LAYERS[model],
        "matrices.codes.random_rows.size": 24,
        "time": {"method": "rk4", "dt": dt},
        **settings,
    }
    result = simulate(model, settle(64, 12, steps, flips=0.1, measure=measure), settings)
    sizes = [population.size for population in result.run.networks[0].circuit.populations.values()]
    assert sizes == [64, 24, 12]
    return result


@pytest.mark.parametrize("model", LAYERS)
def test_energy_of_three_layers_never_rises(simulate, settle, model):
    """Krotov (2021), arXiv 2107.06446; measured with an independent reference: at most 1e-15 of the drop."""
    result = descend_layers(simulate, settle, model, "0.08 ms", 400, {"energy": {}, "energy_rise": {}})
    total = result.measures["energy"].sel(part="total")
    assert (total[:, 0] - total[:, -1] > 1.0).all()
    assert result.measures["energy_rise"].max() <= 1e-12


@pytest.mark.parametrize("model", LAYERS)
def test_energy_rises_where_the_feedback_is_not_the_transpose(simulate, settle, model):
    """Every feedback weight times its own uniform number between 0 and 2."""
    perturbed = {
        "matrices.back": {"perturbed": {"of": "lower", "uniform": 2}},
        "projections.down_1.weights": {"of": "back", "transpose": True},
    }
    measure = {"energy_rise": {"ignore_asymmetry": True}}
    result = descend_layers(simulate, settle, model, "0.4 ms", 150, measure, **perturbed)
    assert result.measures["energy_rise"].max() > 1e-6


def recurrent(*views, rows):
    """Three tanh cells that project to themselves."""
    return {
        "matrices": {"w": {"entries": rows}},
        "populations": {"x": {"size": 3, "cell": "tanh", "params": {"tau": "20 ms"}}},
        "projections": {
            f"view_{i}": {"from": "x.g", "to": "x.drive", "weights": {"of": "w", **view}}
            for i, view in enumerate(views)
        },
        "start": {"x": RANDOM},
        "ports": {"x": "x"},
    }


SYMMETRIC, ASYMMETRIC = [[0, 1, -1], [1, 0, 2], [-1, 2, 0]], [[0, 1, -1], [1, 0, 2], [-1, 0.5, 0]]
FALL = {
    "epochs": [{"name": "fall", "duration": "400 steps", "drive": {"x": 0.1}}],
    "record": {"x": {"variables": ["x"], "every": "1 steps"}},
    "measure": {"energy_rise": {}, "energy": {}},
}


@pytest.mark.parametrize(("views", "rows"), [([{}], SYMMETRIC), ([{}, {"transpose": True}], ASYMMETRIC)])
def test_energy_of_a_recurrent_layer(simulate, views, rows):
    """A symmetric matrix, or any matrix together with its transpose."""
    result = simulate(recurrent(*views, rows=rows), FALL, {"time": {"method": "rk4", "dt": "0.1 ms"}})
    total = result.measures["energy"].sel(part="total")[0]
    assert total[0] - total[-1] > 0.1
    assert result.measures["energy_rise"].item() <= 1e-12


@pytest.mark.parametrize("views", [[{}], [{}, {"transpose": True, "gain": 0.5}], [{}, {}]])
def test_an_asymmetric_recurrent_layer_has_no_energy(simulate, views):
    with pytest.raises(SpecError, match="has no mirror image, so the circuit has no energy"):
        simulate(recurrent(*views, rows=ASYMMETRIC), FALL)


LEAKY = {
    "params": {"tau": "20 ms", "leak": 0.3},
    "inputs": {"drive": 1},
    "equations": ["tau*dx/dt = drive - leak*x"],
    "output": {"g": "tanh(x)"},
    "lagrangian": "sum(log_cosh(x))",
}


def test_the_leak_weighs_the_energy_of_its_cells(simulate):
    """Leak (x.g - L), which is nothing for spherical features but something for all others."""
    model = recurrent({}, rows=SYMMETRIC)
    model = {**model, "cells": {"leaky": LEAKY}, "populations": {"x": {"size": 3, "cell": "leaky"}}}
    result = simulate(model, FALL, {"time": {"method": "rk4", "dt": "0.1 ms"}})
    assert result.measures["energy_rise"].item() <= 1e-12
    x = result.recordings[0].traces["x", "x"].values[0]
    g = np.tanh(x)
    expected = 0.3 * (x * g - np.log(np.cosh(x))).sum(axis=1) - 0.1 * g.sum(axis=1)
    expected -= 0.5 * (g * (g @ np.array(SYMMETRIC))).sum(axis=1)
    assert result.measures["energy"].sel(part="total")[0].to_numpy() == pytest.approx(expected, abs=1e-12)
