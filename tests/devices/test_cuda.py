"""On a GPU: the numbers of C++.

Programs take a minute to compile; they are kept for the whole module.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neuroam
from neuroam.sim import cuda_tools

LACKING = cuda_tools.lacking("run")
pytestmark = [pytest.mark.cuda, pytest.mark.skipif(bool(LACKING), reason="; ".join(LACKING) or "all there")]

SMALL = {"patterns.memory.bernoulli": {"size": 30, "count": 6}, "trials": 5, "measure": {"overlap": {"port": "memory"}}}
SHORT = {"epochs.cue.duration": "40 ms", "epochs.settle.duration": "60 ms"}


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEUROAM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def run(model: str, device: str, **settings: Any) -> Any:
    return neuroam.run("recall_random", model, SMALL | SHORT | settings, device=device, batch=2)


def same_spikes(first: Any, second: Any) -> None:
    for name, spikes in first.spikes.items():
        other = second.spikes[name]
        for field in ("trial", "step", "cell"):
            assert np.array_equal(getattr(spikes, field), getattr(other, field)), (name, field)


def test_spikes_are_those_of_cpp_over_1000_steps():
    expected = run("two_body_lif", "cpp")
    assert min(spikes.step.size for spikes in expected.spikes.values()) > 20
    found = run("two_body_lif", "cuda")
    assert found.run.networks[0].trials.n_steps == 1000
    same_spikes(expected, found)
    assert found.sha256 == expected.sha256


def test_numbers_of_a_run_change_its_results_and_not_its_program():
    """Another threshold, other noise: the program of the first test, the results of C++."""
    first = run("two_body_lif", "cuda")
    changed = {"populations.features.params.threshold": "13 mV", "seeds.noise": 77}
    expected, found = run("two_body_lif", "cpp", **changed), run("two_body_lif", "cuda", **changed)
    assert found.run.cache_hit
    assert found.sha256 != first.sha256
    same_spikes(expected, found)


MANY = {"patterns.memory.bernoulli": {"size": 30, "count": 2000}}


@pytest.mark.parametrize("settings", [{}, MANY, {"time": {"method": "rk4", "dt": "0.5 ms"}}])
def test_rates_are_those_of_cpp_to_1e_9(settings):
    """The exponential functions of two libraries differ in the last bit; the circuit falls into fixed points."""
    expected, found = (run("two_body_softmax", device, **settings) for device in ("cpp", "cuda"))
    for key, trace in expected.recordings[0].traces.items():
        assert np.ptp(trace.values) > 0
        assert found.recordings[0].traces[key].values == pytest.approx(trace.values, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("update", ["synchronous", "one_cell"])
def test_discrete_time_is_identical(update):
    """Powers of whole numbers, and in ``one_cell`` the draw of the cell that moves: no library takes part."""
    settings = {"time.discrete": update, "epochs.settle.duration": "2000 ms"}
    assert run("two_body_discrete", "cuda", **settings).sha256 == run("two_body_discrete", "cpp", **settings).sha256


def test_noise_is_equal(simulate):
    """A cell that does nothing but hold its noise."""
    model = {
        "cells": {"noisy": {"params": {"tau": "1 ms"}, "states": {"x": 1, "u": 1}, "update": ["x = randn()", "u = rand()"],
                            "inputs": {"drive": 1}, "output": {"g": "x + u + 0*drive"}}},
        "time": {"discrete": "synchronous"},
        "populations": {"cells": {"size": {"units": "memory"}, "cell": "noisy"}},
        "ports": {"memory": {"population": "cells", "cue": "state"}},
    }  # fmt: skip
    protocol = {
        "patterns": {"memory": {"bernoulli": {"size": 50, "count": 2}}},
        "epochs": [{"name": "rest", "duration": "200 steps"}],
        "trials": 3,
        "record": {"cells": {"variables": ["x", "u"], "every": "1 steps"}},
    }
    expected, found = (simulate(model, protocol, device=device, batch=2) for device in ("cpp", "cuda"))
    for key in ("x", "u"):
        values = found.recordings[0].traces["cells", key].values
        assert np.unique(values).size > 25_000
        assert np.array_equal(values, expected.recordings[0].traces["cells", key].values)
