"""Raw arrays of several batches become one recording in one order."""

import numpy as np
import pytest

from neuroam.errors import RunError
from neuroam.sim.collect import Raw, collect
from neuroam.sim.gates import CLOCK


def raw(index, step, samples=None, final=0.0):
    traces = {} if samples is None else {("p", "x"): samples}
    room = 4 if samples is None else samples.shape[1]
    return Raw({"p": (np.array(index), np.array(step))}, traces, {("p", "x"): np.full(room, final)})


def test_spikes_are_sorted_and_padding_is_dropped():
    batches = [raw([3, 0, 1], [5, 2, 2]), raw([0, 2], [1, 1])]
    spikes = collect(batches, [2, 1], {"p": (2, 2)}, {}, 1e-4, 10, {}).spikes["p"]
    assert spikes.trial.tolist() == [0, 0, 1, 2]
    assert spikes.step.tolist() == [2, 2, 5, 1]
    assert spikes.cell.tolist() == [0, 1, 1, 0]


def test_spikes_of_the_extra_step_are_dropped():
    assert collect([raw([0, 1], [9, 10])], [2], {"p": (2, 2)}, {}, 1e-4, 10, {}).spikes["p"].step.tolist() == [9]


def test_traces_are_trial_sample_cell():
    samples = np.arange(12.0).reshape(3, 4)
    trace = collect([raw([], [], samples)], [2], {"p": (2, 2)}, {("p", "x"): 5}, 1e-4, 10, {}).traces["p", "x"]
    assert trace.values.shape == (2, 3, 2)
    assert trace.values[1, 2].tolist() == [10.0, 11.0]
    assert trace.step.tolist() == [0, 5, 10]


def test_cells_for_which_there_is_only_room_are_dropped():
    samples = np.arange(12.0).reshape(2, 6)
    samples[:, 2::3] = np.nan
    made = collect([raw([0, 2, 4, 5], [1, 1, 1, 1], samples)], [2], {"p": (2, 3)}, {("p", "x"): 5}, 1e-4, 9, {})
    assert (made.spikes["p"].trial.tolist(), made.spikes["p"].cell.tolist()) == ([0, 1], [0, 1])
    assert made.traces["p", "x"].values.tolist() == [[[0, 1], [6, 7]], [[3, 4], [9, 10]]]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_run_says_where(bad):
    samples = np.zeros((3, 4))
    samples[1, 3] = bad
    with pytest.raises(RunError, match=r"populations.p: 'x' of cell 1 is not finite from 0.5 ms on \(trial 1\)"):
        collect([raw([], [], samples)], [2], {"p": (2, 2)}, {("p", "x"): 5}, 1e-4, 10, {})
    with pytest.raises(RunError, match="time.dt"):
        collect([raw([], [], None, bad)], [2], {"p": (2, 2)}, {}, 1e-4, 10, {})


def ended(samples, flags):
    made = raw([], [], samples)
    return Raw(made.spikes, made.traces, {**made.final, (CLOCK, "ended"): np.array(flags)})


SIZES = {"p": (2, 2), CLOCK: (1, 1)}


def test_a_run_that_ended_early_stands_still_where_it_ended():
    """Which may be later than the last sample."""
    samples, last = np.arange(8.0).reshape(2, 4), np.array([8.0, 9.0, 10.0, 11.0])
    made = ended(samples, [1.0, 1.0])
    whole = Raw(made.spikes, made.traces, {**made.final, ("p", "x"): last})
    made = collect([whole], [2], SIZES, {("p", "x"): 5}, 1e-4, 20, {})
    assert made.traces["p", "x"].values[0].tolist() == [[0, 1], [4, 5], [8, 9], [8, 9], [8, 9]]
    assert made.traces["p", "x"].step.tolist() == [0, 5, 10, 15, 20]


@pytest.mark.parametrize("cut", [raw([], [], np.zeros((2, 4))), ended(np.zeros((2, 4)), [1.0, 0.0])])
def test_missing_samples_are_not_taken_for_an_early_end(cut):
    whole = ended(np.zeros((3, 4)), [1.0, 0.0])
    with pytest.raises(RunError, match=r"populations.p: 2 of 3 samples of 'x' were written"):
        collect([whole, cut], [2, 2], SIZES, {("p", "x"): 5}, 1e-4, 10, {})
