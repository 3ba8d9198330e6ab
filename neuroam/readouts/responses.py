"""How strongly every cell of a port answered in an epoch; shared by the readouts of codes."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts.activity import Window, counts, output_of, span
from neuroam.recording import Recording
from neuroam.registry import Ref
from neuroam.units import ONE

Port = Annotated[str, Ref("port")]
Epoch = Annotated[str, Ref("epoch")] | None


def responses(recording: Recording, circuit: Circuit, trials: Trials, port: str, epoch: str | None) -> Array:
    """(trials, cells): spikes in the epoch, or the graded output at its end; the whole run unless an epoch is named.

    Raises
    ------
    FunctionError
        If there is no such epoch, or graded cells were not sampled in it.
    """
    start, stop = span(Window(), trials, recording.dt, epoch)
    return answers(recording, circuit, port, start, stop)


def need_cells(circuit: Circuit, port: str, k: int) -> None:
    """Raise `FunctionError` if a code of k winners needs more cells than a port has."""
    size = circuit.populations[circuit.ports[port].population].size
    if k > size:
        raise FunctionError(f"a code of {k} winners needs as many cells, and '{port}' has {size}", "use a smaller k")


def answers(recording: Recording, circuit: Circuit, port: str, start: int, stop: int) -> Array:
    """The same for any span of steps, without its last one.

    Raises
    ------
    FunctionError
        If graded cells were not sampled in it.
    """
    population = circuit.populations[circuit.ports[port].population]
    if population.name in recording.spikes:
        edges = np.array([start, stop])
        return counts(recording.spikes[population.name], recording.n_trials, population.size, edges)[:, 0]
    trace = recording.traces[population.name, output_of(circuit, population.name)]
    at = int(np.searchsorted(trace.step, stop, side="left")) - 1
    if trace.step[at] < start:
        raise FunctionError(f"'{population.name}' was not sampled in the epoch", "record it more often: 'every'")
    return np.asarray(trace.values[:, at], dtype=float)


def per_presentation(recording: Recording, circuit: Circuit, trials: Trials, port: str, epoch: str) -> Array:
    """(trials, presentations): spikes per cell, or the mean graded output, in every occurrence of an epoch.

    Raises
    ------
    FunctionError
        As of `answers`.
    """
    spans = [(e.start, e.stop) for e in trials.epochs if e.name == epoch]
    found = [answers(recording, circuit, port, *span).mean(axis=1) for span in spans]
    return np.stack(found, axis=1) if found else np.zeros((trials.count, 0))


def unit_of(circuit: Circuit, recording: Recording, port: str) -> str:
    """The unit of what `answers` gives."""
    population = circuit.populations[circuit.ports[port].population]
    if population.name in recording.spikes:
        return "spikes"
    return str(population.cell.dimensions.get(output_of(circuit, population.name), ONE))


def presented(
    recording: Recording, circuit: Circuit, trials: Trials, port: str, epoch: str, variable: str | None
) -> tuple[Array, NDArray[np.int64]]:
    """Responses to the presentations of a stream in the first trial, and which pattern each shows.

    Spikes, or the graded output at the end of a presentation; ``variable`` names what is read in place of these.

    Raises
    ------
    FunctionError
        If there is no such stream, or it was not recorded at the end of every presentation.
    """
    found = [e for e in trials.epochs if e.name == epoch and e.patterns is not None]
    if not found:
        streams = ", ".join(e.name for e in trials.epochs if e.patterns is not None) or "none"
        raise FunctionError(f"no epoch '{epoch}' is a stream", f"streams: {streams}")
    shown, name = found[-1], circuit.ports[port].population
    assert shown.patterns is not None
    edges = np.linspace(shown.start, shown.stop, shown.patterns.size + 1).round().astype(np.int64)
    if name in recording.spikes and variable is None:
        return counts(recording.spikes[name], recording.n_trials, circuit.populations[name].size, edges)[
            0
        ], shown.patterns
    key = (name, variable or output_of(circuit, name))
    fix = f"add 'record: {{{name}: {{variables: [{key[1]}], every: 1 steps}}}}'"
    if key not in recording.traces:
        raise FunctionError(f"'{name}.{key[1]}' was not recorded", fix)
    trace = recording.traces[key]
    at = np.searchsorted(trace.step, edges[1:], side="left") - 1
    if (trace.step[at] < edges[:-1]).any():
        raise FunctionError(f"'{name}' was not recorded in every presentation of the stream", fix)
    return np.asarray(trace.values[0, at], dtype=float), shown.patterns


def by_pattern(values: Array, trials: Trials) -> Array:
    """Rows (trials, cells) averaged over the trials that cued the same pattern: (patterns that were cued, cells)."""
    rows, place = np.unique(trials.cued, return_inverse=True)
    total = np.zeros((rows.size, values.shape[1]))
    np.add.at(total, place, values)
    return total / np.bincount(place)[:, None]


def correlated(rows: Array) -> Array:
    """Pearson's r of every two rows; NaN where a row does not vary."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = centred / norm[:, None]
        return np.clip(unit @ unit.T, -1.0, 1.0)


def per_trial(values: Array, trials: Trials, interval: str = "") -> Any:
    """One number per trial, labelled; ``interval`` is that of its mean where it is not Student's."""
    import xarray as xr

    attrs = {"units": "1", **({"interval": interval} if interval else {})}
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs=attrs)


def number(value: float) -> Any:
    """One number, labelled."""
    import xarray as xr

    return xr.DataArray(float(value), attrs={"units": "1"})
