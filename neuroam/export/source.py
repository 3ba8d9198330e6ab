"""What an export is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.network import Network
from neuroam.recording import Recording, Selected, Trace
from neuroam.spec.nouns import Spec

# labels of cells under names that the classes of other tools have not taken
LABELS = {"place": "place", "unit": "unit", "row": "row", "copy": "copy_number"}


@dataclass(frozen=True)
class Source:
    """A run: its files, its networks, what was measured, where and when it ran, and the hash of its result."""

    spec: Spec
    networks: tuple[Network, ...]
    measures: Mapping[str, Any]
    device: str
    started: datetime
    sha256: str

    @property
    def title(self) -> str:
        """The run in one line."""
        return f"{self.spec.protocol.spec.title} ({self.spec.protocol.name} on {self.spec.model.name})"


def measures_of(source: Source, network: int) -> dict[str, Any]:
    """The measures of one network, of the last round where the protocol was repeated."""
    found = {}
    for name, array in source.measures.items():
        one = array.isel(network=network, drop=True) if "network" in array.dims else array
        found[name] = one.isel(repeat=-1, drop=True) if "repeat" in one.dims else one
    return found


def cells_of(network: Network, population: str) -> NDArray[np.int64]:
    """The cells of a population of which something was kept, ascending."""
    selected = network.recording.selected.get(population, Selected())
    size = network.circuit.populations[population].size
    return np.arange(size) if selected.cells is None else selected.cells.astype(np.int64)


def spans_of(recording: Recording, population: str) -> tuple[tuple[int, int], ...]:
    """The spans of steps in which a population was recorded."""
    selected = recording.selected.get(population, Selected())
    return ((0, recording.n_steps),) if selected.spans is None else selected.spans


def steps_of(recording: Recording, population: str) -> list[dict[int, NDArray[np.int32]]]:
    """For every trial, the steps of the spikes of every cell that fired in it."""
    spikes = recording.spikes[population]
    found: list[dict[int, NDArray[np.int32]]] = []
    edges = np.searchsorted(spikes.trial, np.arange(recording.n_trials + 1))
    for first, stop in pairwise(edges):
        order = np.argsort(spikes.cell[first:stop], kind="stable")  # by time within a cell, as they were
        cells, steps = spikes.cell[first:stop][order], spikes.step[first:stop][order]
        names, starts = np.unique(cells, return_index=True)
        found.append(dict(zip(names.tolist(), np.split(steps, starts[1:])[: names.size], strict=True)))
    return found


def traces_of(network: Network) -> dict[tuple[str, str], Trace]:
    """Recorded variables by population and name, without those of which no cell was kept."""
    return {key: trace for key, trace in network.recording.traces.items() if trace.values.shape[2]}


def uniform(recording: Recording, trace: Trace) -> int:
    """Steps between the samples of a trace that covers whole trials evenly, so that trials may be joined; else 0."""
    every = int(trace.step[1] - trace.step[0]) if trace.step.size > 1 else 0
    if not every or recording.n_steps % every:
        return 0
    return every if np.array_equal(trace.step, np.arange(0, recording.n_steps + 1, every)) else 0


def joined(trace: Trace) -> NDArray[np.float64]:
    """The trials one after another, (samples, cells), without the last sample, at which the next trial begins."""
    return trace.values[:, :-1].reshape(-1, trace.values.shape[2])
