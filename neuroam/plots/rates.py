"""Firing rates of populations over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.plots.bands import spiking
from neuroam.plots.cells import groups
from neuroam.plots.epochs import draw_epochs, name_epochs
from neuroam.plots.margin import name_population
from neuroam.plots.run import RunData, chosen
from neuroam.plots.style import BLUE, SMALL, colour_of, heading, shorten, style, tidy, tint
from neuroam.plots.wiring import cells_text
from neuroam.recording import Recording, Spikes

WIDTH = 0.01  # standard deviation of the kernel, in seconds: evens out cells that fire every 20 ms
FINE = 5  # bins in one standard deviation
BAND = (5.0, 95.0)  # percentiles over trials


def rates(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    name: str,
    axes: Axes,
    *,
    trial: int | None = None,
    width: float = WIDTH,
    colour: str = BLUE,
) -> Axes:
    """Mean rate of the cells of one population; those of the cued memory and the others apart, where that is known.

    Spikes are smoothed by a Gaussian kernel, which is cut off at the ends of the run and scaled to its rest there.
    Bins would beat with cells that fire at even intervals.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    name : str
        A population whose spikes were recorded.
    axes : Axes
        Time in ms.
    trial : int, optional
        By its place; unless given, the mean over trials with a band from the 5th to the 95th percentile.
    width : float
        Standard deviation of the kernel, in seconds.
    colour : str
        Of the population.
    """
    edges = _edges(trials, recording.dt, width)
    time = np.asarray(0.5 * (edges[:-1] + edges[1:]) * recording.dt * 1e3, dtype=float)
    highest = 0.0
    with style():
        for label, cells, ink, line in _kinds(_members(circuit, trials, name), colour):
            found = smoothed(binned(recording.spikes[name], cells, edges, recording.dt), edges, width / recording.dt)
            shown = found if trial is None else found[[trial]]
            highest = max(highest, _line(axes, shown, time, ink, line, label))
        draw_epochs(axes, circuit, trials, trial=trial)
        axes.set_ylim(0.0, 1.08 * highest or 1.0)
        tidy(axes)
        axes.set(xlabel="time (ms)", ylabel="rate (Hz)")
    return axes


def _kinds(members: NDArray[np.bool_], colour: str) -> list[tuple[str, NDArray[np.bool_], str, float]]:
    """Which cells get a line: a name, (trials, cells), its colour and width."""
    if members.all():
        return [("all cells", members, colour, 2.0)]
    return [("other cells", ~members, tint(colour, 0.5), 1.1), ("cells of the cued memory", members, colour, 2.0)]


def _line(axes: Axes, found: Array, time: Array, colour: str, width: float, label: str) -> float:
    """The mean over trials, and a band if there are several; how high it reaches."""
    mean = found.mean(axis=0)
    axes.plot(time, mean, color=colour, linewidth=width, label=label)
    if len(found) < 2:
        return float(mean.max(initial=0.0))
    low, high = np.percentile(found, BAND, axis=0)
    axes.fill_between(time, low, high, color=colour, alpha=0.22, linewidth=0)
    return float(max(mean.max(initial=0.0), high.max(initial=0.0)))


def binned(spikes: Spikes, members: NDArray[np.bool_], edges: NDArray[np.int64], dt: float) -> Array:
    """Mean rate per member cell: (trials, bins) in Hz.  ``members`` is (trials, cells), ``edges`` are steps."""
    bins = len(edges) - 1
    place = np.searchsorted(edges, spikes.step, side="right") - 1
    kept = (place >= 0) & (place < bins) & members[spikes.trial, spikes.cell]
    flat = spikes.trial[kept].astype(np.int64) * bins + place[kept]
    counts = np.bincount(flat, minlength=len(members) * bins).reshape(len(members), bins)
    cells = np.maximum(members.sum(axis=1), 1)
    return np.asarray(counts / (cells[:, None] * np.diff(edges) * dt))


def smoothed(found: Array, edges: NDArray[np.int64], width: float) -> Array:
    """Rates (trials, bins) under a Gaussian kernel of this many steps; a shorter bin counts less."""
    steps = np.diff(edges).astype(float)
    sd = width / max(float(steps[0]), 1.0) if steps.size else 1.0
    reach, weight = (gaussian_filter1d(part, sd, axis=-1, mode="constant") for part in (found * steps, steps))
    return np.asarray(reach / weight)


def _edges(trials: Trials, dt: float, width: float) -> NDArray[np.int64]:
    """Limits of the bins in steps, several in one width of the kernel; the last one may be shorter."""
    step = max(1, round(width / dt / FINE))
    return np.append(np.arange(0, trials.n_steps, step), trials.n_steps)


def _members(circuit: Circuit, trials: Trials, name: str) -> NDArray[np.bool_]:
    """(trials, cells): does the cell belong to the cued memory?  All do where that makes no sense."""
    population = circuit.populations[name]
    found = np.zeros((trials.count, population.size), dtype=bool)
    for trial in range(trials.count):
        for group in groups(circuit, trials, population, trial):
            found[trial, group.cells] = group.strong
    return found


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Firing rate of every spiking population over time; cells of the cued memory and the others apart."""
    populations = spiking(run.recording, run.circuit, run.trials)
    if not populations:
        raise FunctionError(
            f"no population of '{run.circuit.name}' spikes, so there are no rates to draw",
            "draw 'raster' or 'overlap' of this run instead",
        )
    number = None if trial is None else chosen(run.trials, trial)
    with style():
        rows = figure.subplots(
            len(populations), 1, sharex=True, squeeze=False,
            gridspec_kw={"left": 0.17, "right": 0.97, "top": 0.89, "bottom": 0.08, "hspace": 0.18},
        )[:, 0]  # fmt: skip
        for place, (axes, population) in enumerate(zip(rows, populations, strict=True)):
            colour = colour_of(place)
            rates(run.recording, run.circuit, run.trials, population.name, axes, trial=number, colour=colour)
            note = cells_text(population.size)
            name_population(axes, sum(axes.get_ylim()) / 2, population.name, note, colour, at=-52.0)
        for axes in rows[:-1]:
            axes.set_xlabel("")
            axes.tick_params(labelbottom=False)
        name_epochs(rows[0], run.circuit, run.trials)
        many = f"mean of {run.trials.count} trials, band: 5th to 95th percentile"
        which = f"trial {number}" if number is not None else many if run.trials.count > 1 else "1 trial"
        kernel = f"smoothed, kernel of sd {1e3 * WIDTH:g} ms"
        heading(figure, "Firing rates", f"{shorten(run.circuit.name, 28)}, {which}; {kernel}", left=0.012)
        _key(figure, rows[0])


def _key(figure: Figure, axes: Axes) -> None:
    """What dark and pale lines are, in a row of its own, where cells of the cued memory are known."""
    if len(axes.lines) and axes.get_legend_handles_labels()[1] != ["all cells"]:
        handles = [
            Line2D([], [], color=colour, linewidth=width, label=label)
            for colour, width, label in ((BLUE, 2.0, "cells of the cued memory"), (tint(BLUE, 0.5), 1.1, "other cells"))
        ]
        figure.legend(handles=handles, loc="upper right", bbox_to_anchor=(0.975, 0.955), ncols=2, fontsize=SMALL)
