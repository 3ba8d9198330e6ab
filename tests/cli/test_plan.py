"""`neuroam plan`: what a run would take, and what needs another program."""

import json

import pytest

from neuroam import planning
from neuroam.resolve import finish


@pytest.fixture
def planned(neuroam):
    def go(*arguments):
        done = neuroam("plan", "recall_random", *arguments, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)

    return go


def test_numbers_are_free_and_sizes_and_times_are_not(planned):
    found = planned()
    assert {"seed", "populations.hidden.params.beta", "epochs.cue.show.corrupt.0.flip.fraction"} <= set(found["free"])
    assert {"patterns.memory.bernoulli.size", "epochs.settle.duration"} <= set(found["build"])
    assert {"patterns.memory.bernoulli.count", "trials"} <= set(found["near"])  # there is room for some more of them
    assert not set(found["free"]) & set(found["build"])
    assert found["memory_bytes"] > 0
    assert found["batches"] * found["batch"] >= 20


def test_numbers_of_patterns_share_a_program_as_far_as_it_has_room(planned):
    axes = planned("--over", "patterns.memory.bernoulli.count=5,9,60", "--over", "epochs.cue.duration=50 ms,60 ms")[
        "axes"
    ]
    assert axes["patterns.memory.bernoulli.count"] == {"values": 3, "programs": 2}
    assert axes["epochs.cue.duration"] == {"values": 2, "programs": 2}


def test_what_is_tried_is_tried_with_few_trials(planned, monkeypatch):
    counts = []

    def counted(begun, at_most=None):
        trials = finish(begun, at_most)
        counts.append(trials.count)
        return trials

    monkeypatch.setattr(planning, "finish", counted)
    found = planned("--set", "trials=2000")
    assert counts[0] == 2000
    assert set(counts[1:]) == {planning.TRIED}
    assert (found["batch"], found["batches"]) == (64, 32)
    assert "trials" in found["near"]  # of four times as many, samples are taken less often


def test_it_says_so_in_words(neuroam):
    done = neuroam("plan", "recall_random", "--model", "two_body_lif", "--over", "seed=1,2")
    assert done.code == 0
    assert "20 trials of 420 cells" in done.out
    assert "axis seed: 2 values, one program for all" in done.out


@pytest.mark.parametrize("text", ["seed", "=3", "seed=", "seed=1,,2"])
def test_an_axis_that_cannot_be_read_is_refused(neuroam, text):
    done = neuroam("plan", "recall_random", "--over", text)
    assert done.code == 2
    assert "expected PATH=V1,V2,..." in done.err
    assert "Traceback" not in done.err


def test_a_wrong_value_of_an_axis_is_refused(neuroam):
    done = neuroam("plan", "recall_random", "--over", "trials=3,-1")
    assert done.code == 2
    assert "trials" in done.err


def test_a_delay_that_would_be_ignored_is_refused(neuroam):
    done = neuroam("plan", "recall_random", "--model", "two_body_lif", "--set", "projections.recognise.delay='0.04 ms'")
    assert done.code == 2
    assert "less than half a step" in done.err


def test_a_protocol_that_may_end_early_is_planned(neuroam):
    small = [
        "patterns.memory.subspace={count: 2, size: 30, generators: 4, clusters: 3, degree: 1}",
        "matrices.w.null_space.inputs=8",
    ]
    done = neuroam("plan", "noise_benefit", *(word for text in small for word in ("--set", text)))
    assert done.code == 0, done.err
    assert "controls.upsilon" in done.out


def test_all_loads_of_a_circuit_that_recalls_are_one_program_and_each_circuit_is_one(neuroam):
    models = "model=correlation_ignoring,correlation_aware"
    done = neuroam(
        "plan", "error_vs_load", "--over", "patterns.memory.bernoulli.count=2,100", "--over", models, "--json"
    )
    assert done.code == 0, done.err
    axes = json.loads(done.out)["axes"]
    assert axes["patterns.memory.bernoulli.count"] == {"values": 2, "programs": 1}
    assert axes["model"] == {"values": 2, "programs": 2}
