"""recording.h5 is what its documentation says, for other tools too."""

from __future__ import annotations

from dataclasses import replace

import h5py
import libsonata
import numpy as np
import pytest
import xarray as xr

from neuroam.errors import StoreError
from neuroam.network import Network
from neuroam.recording import EdgeWeights, Recording, Selected, Spikes, Trace
from neuroam.resolve import resolve
from neuroam.spec.load import load
from neuroam.store import recording_file


@pytest.fixture(scope="module")
def network():
    """Two trials of 2 ms: cells 1 and 0 fire in the first, 2 and 7 in the second."""
    spec = load("recall_random", "two_body_lif", ["patterns.memory.bernoulli.count=3", "trials=2"])
    columns = ([0, 0, 1, 1], [3, 5, 4, 4], [1, 0, 2, 7])
    spikes = Spikes(*(np.array(column, dtype=np.int32) for column in columns))
    trace = Trace(np.array([0, 10, 20]), np.arange(90.0).reshape(2, 3, 15))
    edges = EdgeWeights(np.array([0, 0, 2]), np.array([1, 2, 0]), np.array([[0.5, 1.0, 0.0], [2.0, 0.1, 3.0]]))
    recording = Recording(1e-4, 20, 2, {"features": spikes}, {("hidden", "v"): trace}, {"p": edges})
    return Network(*resolve(spec), recording)


def test_a_reader_of_sonata_finds_the_trials_one_after_another(tmp_path, network):
    recording_file.write(tmp_path / "r.h5", [network], {})
    population = libsonata.SpikeReader(str(tmp_path / "r.h5"))["features"]
    assert population.sorting == "by_time"
    assert [cell for cell, _ in population.get()] == [1, 0, 2, 7]
    assert [time for _, time in population.get()] == pytest.approx([0.3, 0.5, 2.4, 2.4])  # trials take 2 ms


def test_traces_are_labelled(tmp_path, network):
    recording_file.write(tmp_path / "r.h5", [network], {})
    with xr.open_dataset(tmp_path / "r.h5", group="traces/hidden/v") as data:
        assert data["values"].dims == ("trial", "time", "cell")
        assert data["values"].attrs["units"] == "V"
        assert data.time.values == pytest.approx([0, 1e-3, 2e-3])
        assert float(data["values"].sel(trial=1, time=1e-3, cell=4)) == 64
        assert data.coords["row"].values.tolist() == sorted([0, 1, 2] * 5)
    with xr.open_dataset(tmp_path / "r.h5", group="trials") as data:
        assert data.start.values == pytest.approx([0, 2e-3])
        assert data.cued.values.tolist() == [[0, 1]]
    with xr.open_dataset(tmp_path / "r.h5", group="epochs") as data:
        assert data.name.values.tolist() == ["cue", "settle"]
        assert data.stop.values[0] == pytest.approx([0.2, 0.8])


def test_networks_have_populations_of_their_own(tmp_path, network):
    none = replace(network.recording, spikes={"features": Spikes(*[np.empty(0, np.int32)] * 3)})
    recording_file.write(tmp_path / "r.h5", [network, replace(network, recording=none)], {})
    reader = libsonata.SpikeReader(str(tmp_path / "r.h5"))
    assert sorted(reader.get_population_names()) == ["network_0.features", "network_1.features"]
    assert len(reader["network_0.features"].get()) == 4
    first, second = recording_file.read(tmp_path / "r.h5")
    assert first.spikes["features"].cell.tolist() == [1, 0, 2, 7]
    assert second.spikes["features"].cell.size == 0
    assert np.array_equal(first.weights["p"].values, network.recording.weights["p"].values)
    assert np.array_equal(first.traces["hidden", "v"].values, network.recording.traces["hidden", "v"].values)


def test_what_was_selected_is_known_again(tmp_path, network):
    cells = np.array([1, 4], dtype=np.int32)
    trace = Trace(np.array([0, 10, 20]), np.arange(12.0).reshape(2, 3, 2))
    selected = {"hidden": Selected(cells, ((0, 5), (10, 20))), "features": Selected(cells)}
    recording = replace(network.recording, traces={("hidden", "v"): trace}, selected=selected)
    recording_file.write(tmp_path / "r.h5", [replace(network, recording=recording)], {})
    again = recording_file.read(tmp_path / "r.h5")[0]
    assert again.selected["hidden"].spans == ((0, 5), (10, 20))
    assert again.selected["features"].spans is None
    assert again.selected["hidden"].cells.tolist() == [1, 4]
    with xr.open_dataset(tmp_path / "r.h5", group="traces/hidden/v") as data:
        assert data.cell.values.tolist() == [1, 4]


def test_another_layout_is_refused(tmp_path, network):
    recording_file.write(tmp_path / "r.h5", [network], {})
    with h5py.File(tmp_path / "r.h5", "a") as file:
        file.attrs["layout"] = 1
    with pytest.raises(StoreError, match=r"layout 1, not 2\): run it again"):
        recording_file.read(tmp_path / "r.h5")
