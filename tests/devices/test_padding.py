"""Another number of patterns needs no other program, and the room that is not used changes nothing."""

import shutil

import numpy as np
import pytest

import neuroam
from neuroam.sim import structure

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
SHORT = {
    "epochs.cue.duration": "20 ms",
    "epochs.settle.duration": "20 ms",
    "trials": 3,
    "measure": {"overlap": {"port": "memory", "window": {"last": "10 ms"}}},
}


def run(model, count, device="cpp", **settings):
    given = SHORT | {"patterns.memory.bernoulli": {"size": 30, "count": count}} | settings
    return neuroam.run("recall_random", model, given, device=device)


@needs_compiler
@pytest.mark.parametrize("model", ["two_body_softmax", "two_body_lif"])
def test_another_number_of_patterns_finds_the_program(model):
    run(model, 11)
    assert run(model, 10).run.cache_hit  # 50 and 55 hidden cells of the spiking model have room in the same program


@pytest.mark.parametrize("model", ["two_body_softmax", "two_body_lif", "two_body_discrete"])
@pytest.mark.parametrize("update", ["synchronous", "one_cell", "alternate"])
def test_room_that_is_not_used_changes_nothing(model, update, monkeypatch):
    settings = {}
    if model == "two_body_discrete":
        settings = {"time.discrete": update, "epochs.cue.duration": "30 steps", "epochs.settle.duration": "90 steps",
                    "measure": {"overlap": {"port": "memory"}}}  # fmt: skip
    elif update != "synchronous":
        pytest.skip("continuous time")
    roomy = run(model, 5, "numpy", **settings)
    monkeypatch.setattr(structure, "size_class", lambda count, least=1: count)
    exact = run(model, 5, "numpy", **settings)
    assert exact.sha256 == roomy.sha256
    if model == "two_body_lif":
        assert sum(spikes.step.size for spikes in exact.spikes.values()) > 100
    else:
        assert np.isfinite(exact.measures["overlap"].values).all()
