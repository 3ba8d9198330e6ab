"""Activity of a port's population, in windows and over time; shared by the readouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.codes import decode
from neuroam.errors import FunctionError
from neuroam.leaves import Block, DurationLeaf
from neuroam.recording import Recording, Spikes


class Window(Block):
    """A span of time: the end of the run or of an epoch, or a whole epoch."""

    last: DurationLeaf | None = None
    epoch: str | None = None


WINDOW = Window()
Bin = Annotated[float, Field(gt=0)]


def span(window: Window, trials: Trials, dt: float, epoch: str | None = None) -> tuple[int, int]:
    """First and last step (exclusive) of a window.

    Raises
    ------
    FunctionError
        If there is no such epoch, or the window is longer than what it is cut from.
    """
    start, stop = 0, trials.n_steps
    name = window.epoch or epoch
    if name is not None:
        found = [e for e in trials.epochs if e.name == name]
        if not found:
            raise FunctionError(f"no epoch named '{name}'", f"epochs: {', '.join(e.name for e in trials.epochs)}")
        start, stop = found[-1].start, found[-1].stop
    if window.last is not None:
        steps = window.last.in_steps(dt)
        if steps > stop - start:
            available = (stop - start) * dt * 1e3
            raise FunctionError(f"the window of {window.last} is not inside the {available:g} ms that there are")
        start = stop - steps
    return start, stop


def of_populations(
    recording: Recording, trials: Trials, population: str | None, number: Callable[[str], Array], units: str
) -> Any:
    """A number of every trial and spiking population, or of one: (trial, population); NaN where spikes were not kept.

    ``number`` gives that of a population's name, (trials).
    """
    import xarray as xr

    names = [population] if population is not None else sorted(recording.spikes)
    missing = np.full(trials.count, np.nan)
    columns = [number(name) if name in recording.spikes else missing for name in names]
    values = np.stack(columns, axis=1) if columns else np.zeros((trials.count, 0))
    coords = {"trial": trials.index, "population": names}
    return xr.DataArray(values, dims=("trial", "population"), coords=coords, attrs={"units": units})


def counts(spikes: Spikes, n_trials: int, size: int, edges: NDArray[np.int64]) -> Array:
    """Spikes per trial, bin and cell; ``edges`` are steps, ascending: (trials, bins, cells)."""
    bins = len(edges) - 1
    place = np.searchsorted(edges, spikes.step, side="right") - 1
    inside = (place >= 0) & (place < bins)
    flat = (spikes.trial[inside].astype(np.int64) * bins + place[inside]) * size + spikes.cell[inside]
    return np.bincount(flat, minlength=n_trials * bins * size).astype(float).reshape(n_trials, bins, size)


def output_of(circuit: Circuit, population: str) -> str:
    """The graded signal of a population that stands for its activity.

    Its first output, else its first state; where cells stand still (``only``) outputs are zero, and so it is the state.
    """
    cell = circuit.populations[population].cell
    shown = cell.outputs and not (circuit.populations[population].only and cell.states)
    return cell.outputs[0][0] if shown else cell.states[0]


def binned(recording: Recording, circuit: Circuit, port: str, edges: NDArray[np.int64]) -> Array:
    """Mean activity of a port's places per bin, copies averaged: (trials, bins, places).

    Rates in Hz for spiking cells; for others the mean of the graded output, of the last sample before the end of a bin
    that holds none.
    """
    population = circuit.populations[circuit.ports[port].population]
    name, size = population.name, population.size
    if name in recording.spikes:
        seconds = np.diff(edges) * recording.dt
        activity = counts(recording.spikes[name], recording.n_trials, size, edges) / seconds[None, :, None]
    else:
        trace = recording.traces[name, output_of(circuit, name)]
        last = np.searchsorted(trace.step, edges[1:], side="left")
        first = np.minimum(np.searchsorted(trace.step, edges[:-1], side="left"), last - 1)
        pieces = [trace.values[:, a:b].mean(axis=1) for a, b in zip(first, last, strict=True)]
        activity = np.stack(pieces, axis=1)
    copies = int(population.labels["copy"].max(initial=0)) + 1
    return activity.reshape(*activity.shape[:2], -1, copies).mean(axis=-1)


def final(
    recording: Recording, circuit: Circuit, trials: Trials, port: str, window: Window, epoch: str | None
) -> Array:
    """Decoded units in a window, (trials, units) in {-1, 0, +1}.

    Spiking cells: the sign of the rates' difference in the window.  Graded cells: the sign of the mean output.
    """
    start, stop = span(window, trials, recording.dt, epoch)
    activity = binned(recording, circuit, port, np.array([start, stop]))[:, 0]
    return decode(activity, circuit.ports[port].code)


def overlaps(units: Array, stored: Array) -> Array:
    """Overlap m = mean(units * pattern) with every stored pattern: (..., units) and (P, units) give (..., P)."""
    return np.asarray(units @ stored.T / max(stored.shape[1], 1))


def bins_of(trials: Trials, dt: float, width: float) -> NDArray[np.int64]:
    """Edges in steps of bins of ``width`` seconds over the whole run; a rest shorter than half a bin joins the last."""
    step = max(1, round(width / dt))
    edges = np.arange(0, trials.n_steps + 1, step)
    if trials.n_steps - edges[-1] >= step / 2 or len(edges) == 1:
        return np.append(edges, trials.n_steps)
    edges[-1] = trials.n_steps
    return edges
