"""Whole CUDA programs on a CPU: the generated source, compiled by g++ against a stand-in for CUDA (`cuda_on_cpu.h`).

This runs everything but the GPU itself: kernels and host code as generated and merged, the numbers of a run, results
read back.  Threads run one by one, in three orders.  What it cannot show: nvcc's arithmetic, and threads at once.
"""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest

import neuroam

pytest.importorskip("brian2cuda", reason="brian2cuda is not installed")
pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")

ORDERS = ["0", "1", "2"]


def protocol(steps: int, **more: Any) -> dict[str, Any]:
    return {
        "seed": 3,
        "patterns": {"memory": {"bernoulli": {"size": 30, "count": 6}}},
        "epochs": [
            {"name": "cue", "duration": f"{steps} steps", "show": {"corrupt": [{"flip": {"fraction": 0.2}}]}},
            {"name": "alone", "duration": f"{steps} steps"},
        ],
        "trials": 5,
        "measure": {"overlap": {"port": "memory", "epoch": "alone"}},
        **more,
    }


def compare(simulate: Any, monkeypatch: pytest.MonkeyPatch, *circuit: Any) -> Any:
    """The result of C++, which CUDA equals bit for bit in every order of its threads."""
    expected = simulate(*circuit, device="cpp", batch=2)
    for order in ORDERS:
        monkeypatch.setenv("EMULATED_ORDER", order)
        found = simulate(*circuit, device="cuda", batch=2)
        assert found.run.cache_hit == (order != "0")
        for name, spikes in expected.spikes.items():
            assert np.array_equal(found.spikes[name].step, spikes.step), (order, name)
            assert np.array_equal(found.spikes[name].cell, spikes.cell), (order, name)
        for key, trace in expected.recordings[0].traces.items():
            assert np.array_equal(found.recordings[0].traces[key].values, trace.values), (order, key)
        assert found.sha256 == expected.sha256
    return expected


@pytest.mark.slow
def test_noisy_spikes(simulate, emulated, monkeypatch):
    found = compare(simulate, monkeypatch, "two_body_lif", protocol(500))
    assert min(spikes.step.size for spikes in found.spikes.values()) > 20


CELLS = {
    "sheet": {
        "inputs": {"drive": 1},
        "params": {"tau": "10 ms"},
        "equations": ["tau*dx/dt = drive - x"],
        "reduce": {
            "third": "kth(x, 3)", "top": "max(x)", "low": "min(x)", "place": "argmax(x)", "middle": "mean(x)", "all": "sum(x)",
        },
        "output": {
            "g": "tanh(x) - 0.1*tanh(third) + 0.01*tanh(top - low) + 0.001*place + 0.05*tanh(middle) - 0.01*tanh(all) + 0.1*int(x >= third)"
            " + 0.01*int_power(tanh(x), 3)"
        },
    }
}  # fmt: skip
CONTACTS = {"fixed_probability": {"p": 0.3}}
MIXED = {
    "cells": CELLS,
    "populations": {
        "E": {"size": {"units": "memory"}, "cell": "lif", "params": {"noise": "4 mV", "bias": "9 mV"}},
        "sheet": {"size": 12, "cell": "sheet"},
    },
    "projections": {
        "recur": {"from": "E", "to": "E", "connect": CONTACTS, "weights": "4 mV", "synapse": {"exponential": {"tau": "5 ms"}}},
        "up": {"from": "E", "to": "sheet.drive", "connect": CONTACTS, "weights": 1.5, "synapse": {"exponential": {"tau": "9 ms"}}},
        "around": {"from": "sheet.g", "to": "sheet.drive", "connect": CONTACTS, "weights": -0.2},
        "down": {"from": "sheet.g", "to": "E.drive", "connect": "all", "weights": "0.2 mV"},
    },
    "ports": {"memory": {"population": "E", "cue": {"current": {"amplitude": "6 mV"}}}},
}  # fmt: skip


@pytest.mark.slow
def test_sparse_weights_reductions_and_capital_letters(simulate, emulated, monkeypatch):
    found = compare(simulate, monkeypatch, MIXED, protocol(400))
    assert found.spikes["E"].step.size > 100
    assert np.ptp(found.recordings[0].traces["sheet", "x"].values) > 0


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        pytest.param("two_body_softmax", {"time": {"method": "rk4", "dt": "0.5 ms"}}, marks=pytest.mark.slow),
        pytest.param("two_body_discrete", {"time.discrete": "one_cell"}, marks=pytest.mark.slow),
        pytest.param("two_body_discrete", {"time.discrete": "alternate"}, marks=pytest.mark.slow),
        *(
            pytest.param(name, {}, marks=pytest.mark.slow)
            for name in ("two_body_power", "two_body_spherical", "hierarchical", "hierarchical_local")
        ),
    ],
)
def test_graded_signals(simulate, emulated, monkeypatch, model, settings):
    found = compare(simulate, monkeypatch, model, protocol(40), settings)
    assert all(np.ptp(trace.values) > 0 for trace in found.recordings[0].traces.values())


LONG = {
    "cells": {
        "big": {
            "inputs": {"drive": 1},
            "params": {"tau": "10 ms"},
            "equations": ["tau*dx/dt = drive - x"],
            "reduce": {"top": "max(x)", "low": "min(x)", "middle": "mean(x)", "all": "sum(exp(x))"},
            "output": {"g": "tanh(x) - 0.1*tanh(top - low) + 0.05*tanh(middle) - 0.1*tanh(all/3000)"},
        },
        "small": {"inputs": {"drive": 1}, "params": {"tau": "5 ms"}, "equations": ["tau*dy/dt = drive - y"], "output": {"h": "tanh(y)"}},
    },
    "matrices": {"xi": {"rows": {"of": "memory"}}},
    "populations": {"big": {"size": {"units": "memory"}, "cell": "big"}, "small": {"size": {"count": "memory"}, "cell": "small"}},
    "projections": {
        "down": {"from": "big.g", "to": "small.drive", "weights": {"of": "xi", "gain": 0.02}},
        "up": {"from": "small.h", "to": "big.drive", "weights": {"of": "xi", "transpose": True, "gain": 0.5}},
        "alike": {"from": "big.g", "to": "small.drive", "connect": "all", "weights": 1.0e-3},
    },
    "ports": {"memory": {"population": "big", "cue": {"current": {"amplitude": 1.0}}}},
}  # fmt: skip


@pytest.mark.slow
def test_long_sums(simulate, emulated, monkeypatch):
    """Made in blocks on a GPU; C++ adds in the same order."""
    patterns = {"patterns.memory.bernoulli": {"size": 2500, "count": 6, "coding_level": 0.3}}
    found = compare(simulate, monkeypatch, LONG, protocol(30), patterns)
    assert all(np.ptp(trace.values) > 0 for trace in found.recordings[0].traces.values())


@pytest.mark.slow
def test_synapses_that_change_at_random(emulated, monkeypatch):
    """Every edge of every trial draws a number per step, in whatever order the threads run."""
    small = {"patterns.memory.bernoulli": {"size": 9, "count": 30}, "trials": 3}

    def weights(device: str) -> Any:
        return neuroam.run("store_cascade", settings=small, device=device, batch=2).recordings[0].weights["recurrent"]

    expected = weights("cpp").values
    assert 0.2 < expected.mean() < 0.8
    for order in ORDERS:
        monkeypatch.setenv("EMULATED_ORDER", order)
        assert np.array_equal(weights("cuda").values, expected)
