"""``recording.h5``: everything that a run recorded and measured, in one HDF5 file that other tools open by themselves.

``/spikes/POPULATION``
    SONATA spikes: ``timestamps`` (ms) and ``node_ids``, sorted by time and then by cell; beside them ``trial`` and
    ``step`` of every spike.
``/traces/POPULATION/VARIABLE``
    ``values`` (trial, time, cell) in the unit of its attribute ``units``; ``time`` in seconds from the start of a
    trial, ``step``, and the labels of the cells.
``/weights/PROJECTION``
    Of plastic projections: ``values`` (trial, edge) after the last step, ``pre`` and ``post``.
``/measures/NAME``
    Every measure.
``/trials``, ``/epochs``
    What was shown: ``start`` (s) and ``cued`` of every trial; ``name``, ``start`` and ``stop`` (s) of every epoch.
``/selected/POPULATION``
    The ``cells`` and ``spans`` of steps that were kept, where not everything was.

Traces, weights and measures are compressed.  All but the spikes are labelled (netCDF-4):
``xarray.open_dataset("recording.h5", group="traces/features/v")``.

**Time.** The trials lie one after another on the axis of ``timestamps``: trial b of a run whose trials take T ms
begins at b T, which is ``/trials/start`` in seconds, so step k of it is at b T + k dt.

**Networks.** If there are several, each has populations of its own, ``network_0.POPULATION`` and so on, and the time of
each begins at 0; projections too, and ``/trials`` and ``/epochs`` have a dimension ``network``.

The attributes of the file are ``layout`` (a number; files of another one are refused), ``networks``, and, of every
network, ``dt`` (s), ``n_steps`` and ``n_trials``.

Source of the layout of spikes: Dai et al. (2020) PLoS Comput Biol 16:e1007696 (SONATA), and its developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Epoch
from neuroam.errors import StoreError
from neuroam.network import Network
from neuroam.recording import EdgeWeights, Recording, Selected, Spikes, Trace
from neuroam.store.labelled import groups_of, write_groups

LAYOUT = 2
NONE, BY_ID, BY_TIME = 0, 1, 2  # SONATA's enumeration of how spikes are sorted
PACK = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
MILLI = 1e3


def write(path: Path, networks: Sequence[Network], measures: Mapping[str, Any]) -> None:
    """Write what the networks of a run did, and what was measured of them."""
    import h5py

    names = [name_of(number, len(networks)) for number in range(len(networks))]
    with h5py.File(path, "w") as file:
        file.attrs["layout"] = LAYOUT
        file.attrs["networks"] = len(networks)
        for key in ("dt", "n_steps", "n_trials"):
            file.attrs[key] = [getattr(network.recording, key) for network in networks]
        for name, network in zip(names, networks, strict=True):
            write_spikes(file, name, network.recording)
            _write_selected(file, name, network.recording)
    groups = {"trials": _trials(networks), "epochs": _epochs(networks)}
    for name, network in zip(names, networks, strict=True):
        groups |= _traces(name, network.circuit, network.recording)
        groups |= {f"weights/{name}{key}": _weights(edges) for key, edges in network.recording.weights.items()}
    write_groups(path, groups | groups_of(measures, "measures/"), mode="a")


def name_of(number: int, count: int) -> str:
    """What stands before the name of a population of one of several networks."""
    return f"network_{number}." if count > 1 else ""


def write_spikes(file: Any, name: str, recording: Recording) -> None:
    """Spikes of every population in SONATA layout; ``name`` stands before the names of populations."""
    import h5py

    sorting = h5py.enum_dtype({"none": NONE, "by_id": BY_ID, "by_time": BY_TIME}, basetype="u1")
    for population, spikes in recording.spikes.items():
        group = file.create_group(f"spikes/{name}{population}")
        group.attrs.create("sorting", BY_TIME, dtype=sorting)
        times = (spikes.trial.astype(np.int64) * recording.n_steps + spikes.step) * recording.dt * MILLI
        # not compressed: the HDF5 library inside libsonata knows no filters
        group.create_dataset("timestamps", data=times).attrs["units"] = "ms"
        group.create_dataset("node_ids", data=spikes.cell.astype(np.uint64))
        group.create_dataset("trial", data=spikes.trial, **PACK)
        group.create_dataset("step", data=spikes.step, **PACK)


def _write_selected(file: Any, name: str, recording: Recording) -> None:
    for population, selected in recording.selected.items():
        group = file.create_group(f"selected/{name}{population}")
        if selected.cells is not None:
            group.create_dataset("cells", data=selected.cells)
        if selected.spans is not None:
            group.create_dataset("spans", data=np.array(selected.spans, dtype=np.int64).reshape(-1, 2))


def _traces(name: str, circuit: Circuit, recording: Recording) -> dict[str, Any]:
    import xarray as xr

    found = {}
    for (owner, variable), trace in recording.traces.items():
        population = circuit.populations[owner]
        cells = kept_cells(recording, owner, population.size)
        coords: dict[str, Any] = {
            "trial": np.arange(recording.n_trials),
            "time": ("time", trace.step * recording.dt, {"units": "s"}),
            "step": ("time", trace.step),
            "cell": cells,
            **{label: ("cell", values[cells]) for label, values in population.labels.items()},
        }
        what = {"population": owner, "variable": variable, "units": str(population.cell.dimensions[variable])}
        data = xr.Dataset({"values": (("trial", "time", "cell"), trace.values, what)}, coords)
        found[f"traces/{name}{owner}/{variable}"] = data
    return found


def kept_cells(recording: Recording, population: str, size: int) -> np.ndarray[Any, Any]:
    """The cells of a population of which something was kept, ascending."""
    selected = recording.selected.get(population, Selected())
    return np.arange(size) if selected.cells is None else selected.cells


def _weights(edges: EdgeWeights) -> Any:
    import xarray as xr

    values = {"values": (("trial", "edge"), edges.values)}
    return xr.Dataset({**values, "pre": ("edge", edges.pre), "post": ("edge", edges.post)})


def _trials(networks: Sequence[Network]) -> Any:
    import xarray as xr

    recording = networks[0].recording
    start = np.arange(recording.n_trials) * (recording.n_steps * recording.dt)
    cued = [network.trials.cued for network in networks]
    return xr.Dataset(
        {"start": ("trial", start, {"units": "s"}), "cued": (("network", "trial"), cued)},
        {"trial": networks[0].trials.index},
    )


def _epochs(networks: Sequence[Network]) -> Any:
    import xarray as xr

    dt, epochs = networks[0].recording.dt, [network.trials.epochs for network in networks]

    def times(key: str) -> list[list[float]]:
        return [[getattr(epoch, key) * dt for epoch in row] for row in epochs]

    def shown(epoch: Epoch) -> int:
        return -1 if epoch.pattern is None else epoch.pattern

    return xr.Dataset({
        "name": ("epoch", np.array([epoch.name for epoch in epochs[0]], dtype=object)),
        "start": (("network", "epoch"), times("start"), {"units": "s"}),
        "stop": (("network", "epoch"), times("stop"), {"units": "s"}),
        "pattern": ("epoch", [shown(epoch) for epoch in epochs[0]]),
    })  # fmt: skip


def read(path: Path) -> tuple[Recording, ...]:
    """The recordings of all networks.

    Raises
    ------
    StoreError
        If the file has another layout.
    """
    import h5py

    with h5py.File(path) as file:
        if int(file.attrs.get("layout", 1)) != LAYOUT:
            what = (
                f"{path} was written by another version of neuroam (layout {file.attrs.get('layout', 1)}, not {LAYOUT})"
            )
            raise StoreError(f"{what}: run it again, or read it with that version")
        count = int(file.attrs["networks"])
        return tuple(_network(file, number, name_of(number, count)) for number in range(count))


def _network(file: Any, number: int, name: str) -> Recording:
    def parts(kind: str) -> dict[str, Any]:
        return {key.removeprefix(name): part for key, part in file.get(kind, {}).items() if key.startswith(name)}

    spikes = {
        key: Spikes(part["trial"][()], part["step"][()], part["node_ids"][()].astype(np.int32))
        for key, part in parts("spikes").items()
    }
    traces = {
        (key, variable): Trace(part["step"][()], part["values"][()])
        for key, variables in parts("traces").items()
        for variable, part in variables.items()
    }
    weights = {
        key: EdgeWeights(part["pre"][()], part["post"][()], part["values"][()])
        for key, part in parts("weights").items()
    }
    selected = {key: _selected(part) for key, part in parts("selected").items()}
    dt, n_steps, n_trials = (file.attrs[key][number] for key in ("dt", "n_steps", "n_trials"))
    return Recording(float(dt), int(n_steps), int(n_trials), spikes, traces, weights, selected)


def _selected(part: Any) -> Selected:
    cells = part["cells"][()] if "cells" in part else None
    spans = tuple((int(a), int(b)) for a, b in part["spans"][()]) if "spans" in part else None
    return Selected(cells, spans)
