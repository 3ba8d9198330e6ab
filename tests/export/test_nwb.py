"""The NWB file, read by PyNWB, nwbinspector, Neo and pynapple."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

REMAINS = {
    "check_experimenter_exists": "who ran it is not known",
    "check_institution": "nor where",
    "check_keywords": "Neo 0.14 cannot read a file with keywords",
}


@pytest.fixture(scope="module")
def path(stored, tmp_path_factory):
    return stored.export("nwb", tmp_path_factory.mktemp("nwb") / "run.nwb")


@pytest.fixture(scope="module")
def nwb(path):
    import pynwb

    with pynwb.NWBHDF5IO(path, "r") as stream:
        yield stream.read()


def test_the_inspector_finds_nothing_but_what_a_simulation_cannot_tell(three_patterns, tmp_path):
    import nwbinspector

    path = three_patterns.export("nwb", tmp_path / "run.nwb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        found = [
            message
            for config in (None, nwbinspector.load_config("dandi"))
            for message in nwbinspector.inspect_nwbfile(nwbfile_path=path, config=config)
        ]
    told = [(message.check_function_name, message.message) for message in found]
    assert [one for one in told if one[0] not in REMAINS] == []
    assert {message.importance for message in found} == {nwbinspector.Importance.BEST_PRACTICE_SUGGESTION}
    assert {name for name, _ in told} == set(REMAINS)


def test_the_file_says_that_nobody_was_recorded(nwb, stored):
    assert nwb.session_description.startswith("Simulation, no recording of an animal")
    assert nwb.subject.description.startswith("No animal: a simulated circuit, the model two_body_lif_background")
    assert (nwb.subject.subject_id, nwb.subject.sex) == ("simulated", "U")
    assert nwb.related_publications is None  # none of the references is a DOI
    assert json.loads(nwb.notes)["references"] == list(stored.spec.model.spec.references)


def test_trials_have_their_ground_truth(nwb, stored):
    trials, measures = nwb.trials.to_dataframe(), stored.measures
    assert len(trials) == 16
    assert trials.cued_pattern.tolist() == [0, 1] * 8
    assert trials.condition.tolist() == ["clear"] * 2 + ["partial"] * 2 + ["poor"] * 2 + ["none"] * 2 + (
        ["clear"] * 2 + ["partial"] * 2 + ["poor"] * 2 + ["none"] * 2
    )
    assert trials.corruption.tolist() == pytest.approx([0, 0, 3 / 8, 3 / 8, 2 / 8, 2 / 8, 1, 1] * 2)
    assert trials.closest_pattern.tolist() == measures["winner"].values.tolist()
    assert trials.closest_overlap.tolist() == measures["winner"].winner_overlap.values.tolist()
    assert trials.overlap.tolist() == measures["overlap"].values.tolist()
    assert trials.success.dtype == bool
    assert trials.success.tolist() == measures["success"].values.tolist()
    assert trials.start_time.to_numpy() == pytest.approx(0.4 * np.arange(16))
    late = trials.cue_onset.to_numpy() - trials.start_time.to_numpy() - 0.1
    assert late.min() >= -1e-9
    assert late.max() <= 0.04 + 1e-9
    assert np.ptp(late) > 0.01


def test_units_have_the_spikes_of_all_trials_on_one_axis(nwb, stored):
    units, spikes = nwb.units.to_dataframe(), stored.spikes
    assert len(units) == sum(p.size for p in stored.run.networks[0].circuit.populations.values())
    chosen = units[(units.population == "hidden") & (units.cell == 7)].iloc[0]
    mine = spikes["hidden"].cell == 7
    expected = 0.4 * spikes["hidden"].trial[mine] + 1e-4 * spikes["hidden"].step[mine]
    assert chosen.spike_times == pytest.approx(expected, abs=1e-12)
    assert (chosen.row, chosen.copy_number, chosen.unit) == (1, 2, -1)
    assert len(units[(units.population == "pool") & (units.cell == 0)].iloc[0].spike_times) == 0  # silent, but there


def test_epochs_cues_patterns_and_traces_are_there(nwb, stored):
    network = stored.run.networks[0]
    epochs = nwb.epochs.to_dataframe()
    assert [tags[0] for tags in epochs.tags[:3]] == ["baseline", "cue", "recall"]
    assert epochs.start_time[:4].tolist() == pytest.approx([0, 0.1, 0.2, 0.4])
    memory, cues = nwb.processing["misc"], network.trials.cues["memory"]
    assert np.array_equal(memory["patterns_memory"]["units"][:], network.circuit.patterns["memory"].values == 1)
    assert np.array_equal(memory["cues_memory"]["units"][:], cues == 1)
    assert np.array_equal(memory["cues_memory"]["shown"][:], np.isfinite(cues))
    assert nwb.stimulus["cue_memory"].data[:].tolist() == [0, 1] * 8
    trace = nwb.acquisition["features_v"]
    assert (trace.rate, trace.unit) == (1000.0, "volts")
    values = network.recording.traces["features", "v"].values
    assert np.array_equal(trace.data[400:800], values[1, :-1])
    assert nwb.session_start_time.isoformat() == "2026-01-02T03:04:05+00:00"


def test_neo_reads_it(path, stored):
    import neo

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = neo.io.NWBIO(str(path), "r")
        (block,) = reader.read_all_blocks()
    trains = block.segments[0].spiketrains
    assert sum(len(train) for train in trains) == sum(found.cell.size for found in stored.spikes.values())


def test_pynapple_reads_it(path, stored):
    import pynapple as nap

    data = nap.load_file(str(path))
    assert len(data["trials"]) == 16  # not joined
    assert set(data["trials"].metadata_columns) >= {"cued_pattern", "corruption", "recalled_pattern", "overlap"}
    assert len(data["units"]) == len(data["units"].index)
    assert set(data["units"]["population"]) == set(stored.spikes)
