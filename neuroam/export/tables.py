"""A run as plain tables, for csv and parquet: one file per table, a row per trial, spike, sample or entry of a measure.

``trials``, ``epochs``, ``cells``, ``spikes``, ``patterns`` (what is stored), ``cues`` (what was shown),
``trace_POPULATION_VARIABLE`` and ``measure_NAME``.  Times are in seconds from the start of a trial.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.export.source import LABELS, Source, cells_of, measures_of
from neuroam.export.target import needs, whole_folder
from neuroam.export.truth import Column, epochs_table, trials_table
from neuroam.network import Network
from neuroam.recording import Trace

Columns = dict[str, NDArray[Any]]


def tables(source: Source) -> dict[str, Columns]:
    """Every table by its name; rows of all networks, which their first column names."""
    found: dict[str, list[Columns]] = {}
    for number, network in enumerate(source.networks):
        for name, columns in _of_network(source, number, network).items():
            rows = len(next(iter(columns.values())))
            found.setdefault(name, []).append({"network": np.full(rows, number), **columns})
    return {name: _stacked(parts) for name, parts in found.items()}


def _stacked(parts: list[Columns]) -> Columns:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _of_network(source: Source, number: int, network: Network) -> dict[str, Columns]:
    found = {
        "trials": _values(trials_table(source, number)),
        "epochs": _values(epochs_table(network)),
        "cells": _cells(network),
        "spikes": _spikes(network),
    }
    for name, rows in (("patterns", _patterns(network)), ("cues", _cues(network))):
        found |= {name: rows} if rows else {}
    for (population, variable), trace in network.recording.traces.items():
        found[f"trace_{population}_{variable}"] = _trace(network, population, trace)
    return found | {f"measure_{name}": _long(array) for name, array in measures_of(source, number).items()}


def _values(table: Mapping[str, Column]) -> Columns:
    return {name: column.values for name, column in table.items()}


def _cells(network: Network) -> Columns:
    """What every cell stands for: pattern unit or row, place in the code, copy; -1 where there is no such thing."""
    found: list[Columns] = []
    for owner, population in network.circuit.populations.items():
        cells = cells_of(network, owner)
        labels = {
            name: population.labels[label][cells] if label in population.labels else np.full(cells.size, -1)
            for label, name in LABELS.items()
        }
        found.append({"population": _repeated(owner, cells.size), "cell": cells, **labels})
    return _stacked(found)


def _repeated(name: str, count: int) -> NDArray[Any]:
    return np.full(count, name, dtype=object)


def _spikes(network: Network) -> Columns:
    empty: Columns = {
        "population": np.empty(0, dtype=object), "cell": np.empty(0, np.int32), "trial": np.empty(0, np.int32),
        "time": np.empty(0),
    }  # fmt: skip
    found = [
        {
            "population": _repeated(name, spikes.cell.size),
            "cell": spikes.cell,
            "trial": spikes.trial,
            "time": spikes.step * network.recording.dt,
        }
        for name, spikes in network.recording.spikes.items()
    ]
    return _stacked([empty, *found])


def _patterns(network: Network) -> Columns:
    return _grid_of_ports({name: found.values for name, found in network.circuit.patterns.items()}, "pattern")


def _cues(network: Network) -> Columns:
    return _grid_of_ports(network.trials.cues, "trial")


def _grid_of_ports(arrays: Mapping[str, NDArray[Any]], rows: str) -> Columns:
    """A row per entry of every (rows, units) array; nothing if there is none."""
    found = []
    for port, values in arrays.items():
        row, unit = np.indices(values.shape)
        column = {rows: row.ravel(), "unit": unit.ravel(), "value": values.ravel()}
        found.append({"port": _repeated(port, values.size), **column})
    return _stacked(found) if found else {}


def _trace(network: Network, population: str, trace: Trace) -> Columns:
    trial, sample, place = np.indices(trace.values.shape)
    return {
        "trial": trial.ravel(),
        "time": (trace.step * network.recording.dt)[sample.ravel()],
        "cell": cells_of(network, population)[place.ravel()],
        "value": trace.values.ravel(),
    }


def _long(array: Any) -> Columns:
    """A row per entry of a measure, with its coordinates."""
    places = np.indices(array.shape).reshape(array.ndim, array.size)
    coords = {
        str(dim): (array.coords[dim].to_numpy() if dim in array.coords else np.arange(array.sizes[dim]))[place]
        for dim, place in zip(array.dims, places, strict=True)
    }
    return {**coords, "value": array.to_numpy().ravel()}


def write_csv(source: Source, path: Path) -> None:
    """A folder of csv files."""
    _write(source, path, "csv", _write_csv)


def write_parquet(source: Source, path: Path) -> None:
    """A folder of parquet files."""
    with needs("the export to parquet", "pyarrow", "parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    def write(columns: Columns, file: Path) -> None:
        pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), file)

    _write(source, path, "parquet", write)


def _write_csv(columns: Columns, file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))


def _write(source: Source, path: Path, to: str, write: Callable[[Columns, Path], None]) -> None:
    found = tables(source)
    about = {name: column.about for name, column in trials_table(source, 0).items()}
    with whole_folder(path, source, to, columns_of_trials=about) as made:
        for name, columns in found.items():
            write(columns, made / f"{name}.{to}")
