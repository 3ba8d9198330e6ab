"""The SONATA folder, and the run's own recording, read by libsonata."""

from __future__ import annotations

import json

import libsonata
import numpy as np
import pytest


@pytest.fixture(scope="module")
def made(stored, tmp_path_factory):
    return stored.export("sonata", tmp_path_factory.mktemp("sonata") / "run")


@pytest.fixture(scope="module")
def circuit(made):
    return libsonata.CircuitConfig.from_file(str(made / "circuit_config.json"))


def test_nodes_have_their_labels(circuit, stored):
    populations = stored.run.networks[0].circuit.populations
    assert circuit.node_populations == set(populations)
    features = circuit.node_population("features")
    assert features.size == 16
    assert (
        features.get_attribute("unit", features.select_all()).tolist()
        == populations["features"].labels["unit"].tolist()
    )


def test_edges_have_weights_and_delays(circuit, stored):
    network = stored.run.networks[0].circuit
    assert circuit.edge_populations == set(network.projections)
    edges = circuit.edge_population("recognise")
    assert (edges.source, edges.target) == ("features", "hidden")
    every = edges.select_all()
    pre, post = edges.source_nodes(every), edges.target_nodes(every)
    weight = edges.get_attribute("syn_weight", every)
    wiring = network.matrices["wiring"].weights.values  # of patterns on cells, 0 or 1; copies repeat its rows
    assert edges.size == 5 * wiring.sum()
    assert (wiring[post // 5, pre] == 1).all()
    assert weight == pytest.approx(np.full(edges.size, 35e-3 / 8))  # 35 mV per unit
    assert edges.get_attribute("delay", every) == pytest.approx(np.zeros(edges.size))


@pytest.mark.parametrize("own", [True, False])
def test_spikes_are_those_of_the_run(made, folder, stored, own):
    reader = libsonata.SpikeReader(str(folder / "recording.h5" if own else made / "spikes.h5"))
    assert set(reader.get_population_names()) == set(stored.spikes)
    for name, spikes in stored.spikes.items():
        assert reader[name].sorting == "by_time"
        cells, times = map(np.array, zip(*reader[name].get(), strict=True))
        assert np.array_equal(cells, spikes.cell)
        assert times == pytest.approx(400 * spikes.trial + 0.1 * spikes.step, rel=1e-12)


def test_reports_are_the_traces(made, stored):
    report = libsonata.SomaReportReader(str(made / "report_features_v.h5"))["features"]
    assert (report.times, report.time_units, report.data_units) == ((0.0, 6400.0, 1.0), "ms", "V")
    values = stored.recordings[0].traces["features", "v"].values
    found = report.get(node_ids=[3], tstart=400.0, tstop=799.0)
    assert found.data[:, 0] == pytest.approx(values[1, :-1, 3], rel=1e-6)  # SONATA keeps 32 bits


def test_the_folder_says_which_cells_were_recorded(made, some_cells, tmp_path):
    assert json.loads((made / "export.json").read_text(encoding="utf-8"))["recorded_cells"] == {}
    some = some_cells.export("sonata", tmp_path / "some")
    assert json.loads((some / "export.json").read_text(encoding="utf-8"))["recorded_cells"] == {"features": [2, 5]}
