"""Every pattern in every condition, and cues that begin later in some trials."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.errors import SpecError
from neuroam.resolve import begin, finish, resolve
from neuroam.spec.load import load

SIZE = 20
BASE = [f"patterns.memory.bernoulli.size={SIZE}", "patterns.memory.bernoulli.count=3"]
CONDITIONS = "{clear: [], wrong: [{flip: {fraction: 0.5}}], none: [{mask: {fraction: 1}}]}"


def trials_of(*settings, model="two_body_lif"):
    return resolve(load("recall_random", model, [*BASE, *settings]))


def test_all_patterns_are_cued_in_one_condition_and_then_in_the_next():
    circuit, trials = trials_of(
        "epochs.cue.show.corrupt=[]", f"epochs.cue.show.conditions={CONDITIONS}", "trials={each_pattern: 2}"
    )
    assert trials.count == 2 * 3 * 3
    assert trials.cued.tolist() == [0, 1, 2] * 6
    assert trials.condition.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2] * 2
    assert trials.conditions == ("clear", "wrong", "none")
    wrong = trials.cues["memory"] != circuit.patterns["memory"].values[trials.cued]  # not shown is not equal either
    assert wrong.mean(axis=1).tolist() == pytest.approx(([0] * 3 + [0.5] * 3 + [1] * 3) * 2)


def test_what_corrupts_always_comes_before_what_a_condition_adds():
    _, trials = trials_of(
        "epochs.cue.show={corrupt: [{flip: {fraction: 1}}], conditions: {back: [{flip: {fraction: 1}}]}}"
    )
    circuit, _ = trials_of()
    assert np.array_equal(trials.cues["memory"], circuit.patterns["memory"].values[trials.cued])


def test_the_trials_of_a_list_are_repeated_in_every_condition():
    _, trials = trials_of(f"epochs.cue.show={{conditions: {CONDITIONS}}}", "trials={patterns: [2, 0]}")
    assert trials.cued.tolist() == [2, 0] * 3
    assert trials.condition.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_cue_begins_at_its_onset_and_ends_with_its_epoch():
    late = "epochs.cue.show.onset={uniform: {low: 10 ms, high: 60 ms}}"
    plain, trials = trials_of("trials=8")[1], trials_of("trials=8", late)[1]
    steps = np.rint(trials.onset / 1e-4).astype(int)
    assert (steps % 10 == 0).all()  # whole milliseconds
    assert np.unique(steps).size > 4
    assert steps.min() >= 100
    assert steps.max() <= 600
    key = ("features", "drive")

    def drive(found, step, trial):
        row = found.drives[key].row[step]
        return found.drives[key].table[row, trial] if row >= 0 else np.zeros(2 * SIZE)

    for trial, onset in enumerate(steps):
        assert not drive(trials, onset - 1, trial).any()
        for step in (onset, 1999):
            assert np.array_equal(drive(trials, step, trial), drive(plain, step, trial))
        assert not drive(trials, 2000, trial).any()


def test_onsets_are_drawn_by_the_role_of_trials():
    late = "epochs.cue.show.onset={uniform: {low: 10 ms, high: 60 ms}}"
    first, same, other = (trials_of(late, f"seeds={seeds}")[1] for seeds in ("{}", "{cue: 8}", "{trial: 8}"))
    assert np.array_equal(first.onset, same.onset)
    assert not np.array_equal(first.onset, other.onset)
    assert np.array_equal(first.cues["memory"], other.cues["memory"])


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (["epochs.cue.show.onset={uniform: {low: 150 ms, high: 500 ms}}"], "which ends before that"),
        (
            ["epochs.cue.show.onset={uniform: {low: 1 ms, high: 2 ms}}", "epochs.cue.as={state: {amplitude: 1 mV}}"],
            "begins with its epoch",
        ),
    ],
)
def test_an_onset_that_cannot_be_is_refused(settings, text):
    with pytest.raises(SpecError, match=text) as caught:
        trials_of(*settings)
    assert caught.value.problems[0].path == "epochs[0].show.onset"


def test_the_first_trials_are_the_same_whatever_their_number():
    late = "epochs.cue.show.onset={uniform: {low: 10 ms, high: 60 ms}}"
    begun = begin(load("recall_random", "two_body_lif", [*BASE, "trials=8", late]))
    every, some = finish(begun), finish(begun, at_most=3)
    assert (begun.outline.count, every.count, some.count) == (8, 8, 3)
    assert some.onset.tolist() == every.onset[:3].tolist()
    assert np.array_equal(some.cues["memory"], every.cues["memory"][:3], equal_nan=True)
    assert some.epochs == every.epochs == begun.outline.epochs


def test_more_onsets_than_fit_into_memory_are_refused():
    long = ["epochs.cue.duration=2500 ms", "epochs.cue.show.onset={uniform: {low: 0 ms, high: 2400 ms}}"]
    with pytest.raises(SpecError, match=r"numbers are more than 400000000") as caught:
        trials_of("trials=6000", "patterns.memory.bernoulli.size=40", *long)
    assert caught.value.problems[0].path == "epochs[0].show.onset"
