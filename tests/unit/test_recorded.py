"""What stays of a recording is what `record` says, and a recording that is too large is refused before the run."""

from __future__ import annotations

import numpy as np
import pytest

import neuroam
from neuroam import recorded
from neuroam.errors import SpecError
from neuroam.recording import Recording, Spikes, Trace
from neuroam.resolve import main, resolve
from neuroam.spec.load import load

BASE = ["patterns.memory.bernoulli.count=3", "patterns.memory.bernoulli.size=10", "trials=2"]


def loaded(record, *more, model="two_body_lif"):
    spec = load("recall_random", model, [*BASE, f"record={record}", *more])
    return spec, *resolve(spec)


def recording(circuit, trials, every=10):
    """Cell i of the features fires in steps 100 i and 5000 of trial 0, and cell 3 in every 50th step."""
    size = circuit.populations["features"].size
    pairs = [(100 * cell, cell) for cell in range(size)] + [(5000, cell) for cell in range(size)]
    pairs += [(step, 3) for step in range(1, trials.n_steps, 50)]
    step, cell = np.array(sorted(set(pairs)), dtype=np.int32).T
    spikes = {"features": Spikes(np.zeros_like(step), step, cell), "pool": Spikes(*[np.zeros(1, np.int32)] * 3)}
    steps = np.arange(0, trials.n_steps + 1, every)
    shape = (trials.count, steps.size, size)
    values = np.broadcast_to(steps[None, :, None] + 0.001 * np.arange(size), shape)
    return Recording(circuit.dt, trials.n_steps, trials.count, spikes, {("features", "v"): Trace(steps, values)})


def kept(record, *more):
    spec, circuit, trials = loaded(record, *more)
    return recorded.kept(spec, circuit, trials, recording(circuit, trials))


def test_without_a_word_everything_stays():
    spec, circuit, trials = loaded("{}")
    whole = recording(circuit, trials)
    assert recorded.kept(spec, circuit, trials, whole) == whole


def test_cells_of_a_list_and_of_a_range():
    for words in ("[2, 4, 3]", "{from: 2, to: 4}"):
        found = kept(f"{{features: {{variables: [v], cells: {words}}}}}")
        assert set(found.spikes["features"].cell) == {2, 3, 4}
        trace = found.traces["features", "v"]
        assert trace.values.shape == (2, 801, 3)
        assert trace.values[0, 1] == pytest.approx([10.002, 10.003, 10.004])
        assert found.selected["features"].cells.tolist() == [2, 3, 4]
        assert found.spikes["pool"].cell.size == 1  # others stay whole


def test_epochs_only():
    found = kept("{features: {variables: [v], epochs: [settle]}}")  # the cue takes 2000 of 8000 steps
    assert found.spikes["features"].step.min() == 2001
    assert found.traces["features", "v"].step[[0, -1]].tolist() == [2000, 8000]
    assert found.selected["features"].spans == ((2000, 8000),)
    assert found.selected["features"].cells is None


def test_every_entry_has_its_own_sampling():
    found = kept("{features: {variables: [v], every: 5 ms}, hidden: {variables: [v], every: 1 ms}}")
    assert np.diff(found.traces["features", "v"].step).tolist() == [50] * 160


def test_an_electrode_finds_cells_at_random_that_fire():
    cells = kept("{features: {cells: {random: {count: 6}}}}").selected["features"].cells
    assert cells.size == 6
    assert np.array_equal(cells, kept("{features: {cells: {random: {count: 6}}}}").selected["features"].cells)
    elsewhere = kept("{features: {cells: {random: {count: 6, seed: 1}}}}").selected["features"].cells
    assert not np.array_equal(cells, elsewhere)
    fast = kept("{features: {cells: {random: {count: 6, rate_floor: 50 Hz}}}}").selected["features"].cells
    assert fast.tolist() == [3]  # 160 spikes in 1.6 s; all others fire twice


def test_fewer_cells_than_asked_for_are_told():
    def told(cells):
        spec, circuit, trials = loaded(f"{{features: {{cells: {cells}}}}}")
        return list(
            recorded.shortfalls(spec, circuit, recorded.kept(spec, circuit, trials, recording(circuit, trials)))
        )

    none, one = "{random: {count: 6, rate_floor: 1000 Hz}}", "{random: {count: 6, rate_floor: 50 Hz}}"
    assert told(none) == ["record.features: 0 of the 6 cells asked for fire at 1000 Hz or more"]
    assert told(one) == ["record.features: 1 of the 6 cells asked for fire at 50 Hz or more"]
    assert told("{random: {count: 6}}") == told("[1, 2]") == []


def test_figures_leave_out_what_is_not_whole():
    found = kept("{features: {variables: [v], cells: [1]}}")
    assert set(recorded.drawable(found, partial_spikes=True).spikes) == {"features", "pool"}
    assert set(recorded.drawable(found, partial_spikes=False).spikes) == {"pool"}
    assert not recorded.drawable(found, partial_spikes=True).traces


@pytest.mark.parametrize(
    ("cells", "text"), [("[3, 20]", "has 20 cells, and no cell 20"), ("{random: {count: 21}}", "has 20 cells")]
)
def test_cells_that_are_not_there_are_refused(cells, text):
    with pytest.raises(SpecError, match=text) as caught:
        recorded.refuse_impossible(*loaded(f"{{features: {{cells: {cells}}}}}"))
    assert caught.value.problems[0].path == "record.features.cells"


def test_the_first_and_the_last_state_can_be_sampled_and_not_less():
    recorded.refuse_impossible(*loaded("{features: {variables: [v], every: 800 ms}}"))
    with pytest.raises(SpecError, match="'801 ms' is longer than a trial, which takes 800 ms"):
        recorded.refuse_impossible(*loaded("{features: {variables: [v], every: 801 ms}}"))


def test_the_size_counts_what_stays(monkeypatch):
    spikes = 24 * 20 * 0.8 * 2  # bytes per cell: 20 Hz, two trials of 0.8 s
    cells = {"features": 20, "hidden": 15, "pairs": 10, "pool": 20}
    everything = recorded.size_on_disk(*loaded("{}"))
    assert everything == pytest.approx(sum(cells.values()) * spikes)
    some = recorded.size_on_disk(*loaded("{features: {variables: [v], every: 1 ms, cells: [1, 2], epochs: [cue]}}"))
    assert some == pytest.approx((2 / 4 + 45) * spikes + 8 * 2 * 801 * 2 / 4, rel=1e-3)
    monkeypatch.setenv("NEUROAM_RECORDING_SIZE", "20 kB")
    with pytest.raises(SpecError, match=r"would take about 50 kB.*the limit is 20 kB"):
        recorded.refuse_too_large(*loaded("{}"))
    monkeypatch.setenv("NEUROAM_RECORDING_SIZE", "1 MB")
    assert recorded.refuse_too_large(*loaded("{}")) == everything


@pytest.mark.parametrize("what", [neuroam.run, neuroam.plan])
def test_a_recording_is_refused_before_trials_have_numbers(monkeypatch, what):
    def made(*_):
        raise AssertionError("trials were made")

    monkeypatch.setattr(main, "make_trials", made)
    with pytest.raises(AssertionError, match="trials were made"):
        what("recall_random", "two_body_lif", dict(text.split("=") for text in BASE))
    large = {"trials": 900_000, "record": {"features": {"variables": ["v"], "every": "0.1 ms"}}}
    with pytest.raises(SpecError, match=r"the recording would take about 1.17 TB, and the limit is 4 GB"):
        what("recall_random", "two_body_lif", dict(text.split("=") for text in BASE) | large)
