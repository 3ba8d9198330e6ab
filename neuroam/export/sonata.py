"""A run as a SONATA folder: nodes, edges with weights and delays, spikes, and reports of recorded variables.

``circuit_config.json`` names nodes and edges; ``spikes.h5`` and ``report_POPULATION_VARIABLE.h5`` have the time of
``recording.h5``, trials one after another.  There are no reports of what was sampled at uneven times, as SONATA has no
place for it.  ``trials.csv`` is the ground truth.  Weights are in the unit of the slot they act on, times the gain of
the projection; of plastic ones, those before the run.

Source: Dai et al. (2020) PLoS Comput Biol 16:e1007696, and the developer guide of SONATA.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Population, Projection
from neuroam.errors import StoreError
from neuroam.evaluate import view
from neuroam.export.source import LABELS, Source, cells_of, joined, traces_of, uniform
from neuroam.export.tables import tables
from neuroam.export.target import whole_folder
from neuroam.network import Network
from neuroam.recording import Trace
from neuroam.store import name_of, write_spikes

MILLI = 1e3
MAX_EDGES = 50_000_000  # 2 GB


def write(source: Source, path: Path) -> None:
    """A folder of SONATA files."""
    import h5py

    _refuse_endless(source)
    with whole_folder(path, source, "sonata") as made:
        with h5py.File(made / "nodes.h5", "w") as nodes, h5py.File(made / "edges.h5", "w") as edges:
            for number, network in enumerate(source.networks):
                name = name_of(number, len(source.networks))
                for population in network.circuit.populations.values():
                    _nodes(nodes, name, population)
                for projection in network.circuit.projections.values():
                    _edges(edges, name, network.circuit, projection)
            populations, projections = list(nodes["nodes"]), list(edges.get("edges", ()))
        with h5py.File(made / "spikes.h5", "w") as file:
            for number, network in enumerate(source.networks):
                write_spikes(file, name_of(number, len(source.networks)), network.recording)
        for number, network in enumerate(source.networks):
            name = name_of(number, len(source.networks))
            for (owner, variable), trace in traces_of(network).items():
                _report(made / f"report_{name}{owner}_{variable}.h5", name, network, (owner, variable), trace)
        _node_types(made / "node_types.csv", source)
        (made / "circuit_config.json").write_text(json.dumps(_config(populations, projections), indent=1))
        _trials(made / "trials.csv", source)


def _refuse_endless(source: Source) -> None:
    for network in source.networks:
        sizes = {name: population.size for name, population in network.circuit.populations.items()}
        count = sum(sizes[p.pre] * sizes[p.post] for p in network.circuit.projections.values())
        if count > MAX_EDGES:
            what = f"the circuit may have {count} edges, and SONATA lists every one"
            raise StoreError(f"{what}: export to nwb or neo, or a circuit with at most {MAX_EDGES}")


def _config(populations: list[str], projections: list[str]) -> dict[str, Any]:
    nodes = {"nodes_file": "$BASE_DIR/nodes.h5", "node_types_file": "$BASE_DIR/node_types.csv"}
    edges = {"edges_file": "$BASE_DIR/edges.h5"}
    return {
        "version": 2,
        "manifest": {"$BASE_DIR": "."},
        "networks": {
            "nodes": [{**nodes, "populations": {name: {"type": "point_neuron"} for name in populations}}],
            "edges": [{**edges, "populations": {name: {"type": "chemical"} for name in projections}}],
        },
    }


def _nodes(file: Any, name: str, population: Population) -> None:
    """Every cell with its labels; all cells of a population are of one type."""
    group, size = file.create_group(f"nodes/{name}{population.name}"), population.size
    group.create_dataset("node_type_id", data=np.full(size, _type_of(file), dtype=np.uint64))
    group.create_dataset("node_group_id", data=np.zeros(size, dtype=np.uint64))
    group.create_dataset("node_group_index", data=np.arange(size, dtype=np.uint64))
    own = group.create_group("0")
    for label, values in population.labels.items():
        own.create_dataset(LABELS.get(label, label), data=values)


def _type_of(file: Any) -> int:
    """Types are numbered as their populations are."""
    return len(file["nodes"]) - 1


def _node_types(path: Path, source: Source) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=" ", lineterminator="\n")
        writer.writerow(["node_type_id", "population", "model_type", "model_template"])
        numbered = [(name_of(k, len(source.networks)), network) for k, network in enumerate(source.networks)]
        kinds = [(prefix, p) for prefix, network in numbered for p in network.circuit.populations.values()]
        writer.writerows(
            [number, f"{prefix}{population.name}", "point_neuron", f"neuroam:{population.cell.name}"]
            for number, (prefix, population) in enumerate(kinds)
        )


def _edges(file: Any, name: str, circuit: Circuit, projection: Projection) -> None:
    weights = _weights(circuit, projection)
    post, pre = np.nonzero(weights)
    group = file.create_group(f"edges/{name}{projection.name}")
    for key, cells, owner in (("source_node_id", pre, projection.pre), ("target_node_id", post, projection.post)):
        group.create_dataset(key, data=cells.astype(np.uint64)).attrs["node_population"] = f"{name}{owner}"
    group.create_dataset("edge_type_id", data=np.full(post.size, -1, dtype=np.int64))
    group.create_dataset("edge_group_id", data=np.zeros(post.size, dtype=np.uint64))
    group.create_dataset("edge_group_index", data=np.arange(post.size, dtype=np.uint64))
    own = group.create_group("0")
    own.create_dataset("syn_weight", data=weights[post, pre])
    size = circuit.populations[projection.post].size
    own.create_dataset("delay", data=np.broadcast_to(projection.delay, (size,))[post] * MILLI).attrs["units"] = "ms"


def _weights(circuit: Circuit, projection: Projection) -> NDArray[np.float64]:
    """(post, pre), gain included."""
    size = circuit.populations[projection.post].size
    gain = np.broadcast_to(np.asarray(projection.gain, dtype=float), (size,))
    return np.asarray(gain[:, None] * view(circuit, projection), dtype=float)


def _report(path: Path, name: str, network: Network, key: tuple[str, str], trace: Trace) -> None:
    """A variable of every recorded cell over time; SONATA knows even samples only."""
    import h5py

    recording, every = network.recording, uniform(network.recording, trace)
    if not every:
        return
    cells = cells_of(network, key[0])
    data, step = joined(trace), every * recording.dt * MILLI
    with h5py.File(path, "w") as file:
        group = file.create_group(f"report/{name}{key[0]}")
        unit = str(network.circuit.populations[key[0]].cell.dimensions[key[1]])
        group.create_dataset("data", data=data.astype(np.float32)).attrs["units"] = unit
        mapping = group.create_group("mapping")
        mapping.create_dataset("node_ids", data=cells.astype(np.uint64)).attrs["sorted"] = np.uint8(1)
        mapping.create_dataset("index_pointers", data=np.arange(cells.size + 1, dtype=np.uint64))
        mapping.create_dataset("element_ids", data=np.zeros(cells.size, dtype=np.uint32))
        mapping.create_dataset("time", data=[0.0, len(data) * step, step]).attrs["units"] = "ms"


def _trials(path: Path, source: Source) -> None:
    columns = tables(source)["trials"]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))
