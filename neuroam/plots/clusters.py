"""Recall by clusters of constraints: who complains, and how many errors are left."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.plots.epochs import draw_epochs
from neuroam.plots.run import RunData, chosen
from neuroam.plots.style import BLUE, INK, QUIET, SMALL, VERMILLION, heading, style, tidy, tint
from neuroam.recording import Recording, Spikes, Trace

MATRIX = "w"
TOLERANCE = 0.01
COLOURS = (BLUE, VERMILLION)


def owners(rows: Array, members: Array) -> NDArray[np.int64]:
    """The cluster of every constraint: the first that holds all units that it reads.

    Parameters
    ----------
    rows : ndarray
        (constraints, units).
    members : ndarray
        (clusters, units) in {0, 1}.
    """
    outside = (rows != 0).astype(float) @ (1.0 - members.T)  # (constraints, clusters)
    return np.argmin(outside, axis=1)


def errors_left(trace: Trace, pattern: Array, trial: int, axes: Axes, dt: float) -> Axes:
    """Number of units whose rounded level is not that of the pattern, over time.

    Parameters
    ----------
    trace : Trace
        (trials, samples, units) levels.
    pattern : ndarray
        (units,).
    trial : int
        By its place.
    axes : Axes
        Time in ms.
    dt : float
        Of a step, in seconds.
    """
    wrong = (np.rint(trace.values[trial]) != pattern).sum(axis=-1)
    axes.plot(1e3 * dt * trace.step, wrong, color=INK, linewidth=1.6, drawstyle="steps-post")
    axes.set_ylim(0, max(1.0, 1.12 * float(wrong.max(initial=1))))
    axes.annotate(f"{wrong[-1]}", (1.0, float(wrong[-1])), (6, 0), xycoords=axes.get_yaxis_transform(),
                  textcoords="offset points", va="center", fontsize=SMALL, color=INK)  # fmt: skip
    tidy(axes, x=False)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_ylabel("wrong units")
    return axes


def complaints(spikes: Spikes, place: NDArray[np.int64], trial: int, axes: Axes, dt: float, colour: str) -> Axes:
    """Spikes of constraint cells, each at its place.

    Parameters
    ----------
    spikes : Spikes
        Of one population.
    place : ndarray
        (cells,): the row in which a cell is drawn.
    trial : int
        By its place.
    axes : Axes
        Time in ms.
    dt : float
        Of a step, in seconds.
    colour : str
        Of the marks.
    """
    own = spikes.trial == trial
    axes.scatter(
        1e3 * dt * spikes.step[own], place[spikes.cell[own]], s=0.7, c=colour, linewidths=0, rasterized=True, zorder=2
    )
    return axes


def broken(
    trace: Trace, rows: Array, place: NDArray[np.int64], trial: int, axes: Axes, dt: float, sign: float, colour: str
) -> Axes:
    """Constraints that do not hold for the rounded levels, each at its place: for cells that send no spikes.

    Parameters
    ----------
    trace, trial, axes, dt
        As of `errors_left`.
    rows : ndarray
        (constraints, units).
    place : ndarray
        (constraints,): the row in which a constraint is drawn.
    sign : {1, -1}
        Whether the sums above zero are shown, or those below.
    colour : str
        Of the marks.
    """
    sums = sign * (np.rint(trace.values[trial]) @ rows.T)
    sample, row = np.nonzero(sums > TOLERANCE)
    axes.scatter(1e3 * dt * trace.step[sample], place[row], s=1.0, c=colour, linewidths=0, rasterized=True, zorder=2)
    return axes


def places(owner: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of a drawing in which every cluster has two halves: for cells that report sums above and below zero.

    Parameters
    ----------
    owner : ndarray
        (constraints,): their clusters.
    """
    order = np.argsort(owner, kind="stable")
    size = np.bincount(owner)
    first = np.concatenate([[0], np.cumsum(size)])[:-1]
    inside = np.empty_like(order)
    inside[order] = np.arange(order.size) - first[owner[order]]
    above = 2 * first[owner] + inside
    return above, above + size[owner]


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Constraint cells sorted by cluster, and above them how many units are wrong."""
    number = 0 if trial is None else chosen(run.trials, trial)
    trace, rows, members, pattern = _parts(run.circuit, run.trials, run.recording, number)
    owner = owners(rows, members)
    halves, dt = places(owner), run.recording.dt
    with style():
        grid = figure.add_gridspec(
            2, 1, left=0.085, right=0.955, top=0.86, bottom=0.09, height_ratios=(1, 4), hspace=0.08
        )
        above, axes = (figure.add_subplot(grid[n, 0]) for n in range(2))
        errors_left(trace, pattern, number, above, dt)
        draw_epochs(above, run.circuit, run.trials, trial=number, over=True)
        names = [name for name, p in run.circuit.populations.items() if p.cell.event and p.size == len(rows)]
        for name, place, colour in zip(names[:2], halves, COLOURS, strict=False):
            complaints(run.recording.spikes[name], place, number, axes, dt, colour)
        for sign, place, colour in zip((1.0, -1.0), halves, COLOURS, strict=True) if not names else ():
            broken(trace, rows, place, number, axes, dt, sign, colour)
        _bands(axes, np.sort(owner), len(members))
        draw_epochs(axes, run.circuit, run.trials, trial=number, over=True)
        discrete = run.circuit.update != "continuous"
        last = _last_change(trace, number) * 1e3 * dt
        for each in (above, axes) if discrete and last < 0.8e3 * dt * run.trials.n_steps else ():
            each.set_xlim(0.0, 1.25 * max(last, 8e3 * dt))  # the trial ended early
        if discrete:
            axes.xaxis.set_major_formatter(lambda x, _: f"{x / (1e3 * dt):g}")
        tidy(axes)
        axes.set_xlabel("step" if discrete else "time (ms)")
        axes.set_ylabel("constraint cells, by cluster")
        shown = [name.replace("_", " ") for name in names] or ["sum above zero", "sum below zero"]
        handles = [Line2D([], [], linestyle="none", marker="o", markersize=4, color=colour, label=name)
                   for name, colour in zip(shown, COLOURS, strict=False)]  # fmt: skip
        axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.28), ncols=2)
        note = f"{run.circuit.name}, trial {number}: {len(members)} clusters, {len(rows)} constraints"
        heading(figure, "Which constraints complain", note, left=0.085)


def _last_change(trace: Trace, trial: int) -> int:
    """The step from which on nothing changes."""
    rows = np.rint(trace.values[trial])
    changes = np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1))
    return int(trace.step[changes[-1] + 1]) if changes.size else 0


def _parts(circuit: Circuit, trials: Trials, recording: Recording, trial: int) -> tuple[Trace, Array, Array, Array]:
    port = circuit.ports.get(trials.cue_port)
    patterns = circuit.patterns.get(trials.cue_port)
    if port is None or patterns is None or "members" not in patterns.attributes or MATRIX not in circuit.matrices:
        raise FunctionError(
            "the figure 'clusters' is of patterns with clusters and constraints 'w'", "use the model noisy_clusters"
        )
    population = circuit.populations[port.population]
    key = (population.name, population.cell.states[0]) if population.cell.states else (population.name, "")
    if key not in recording.traces:
        raise FunctionError(f"no state of '{population.name}' was recorded", "add it to 'record' of the protocol")
    rows = as_array(circuit.matrices[MATRIX].weights)
    return recording.traces[key], rows, patterns.attributes["members"], patterns.values[trials.cued[trial]]


def _bands(axes: Axes, owner: NDArray[np.int64], count: int) -> None:
    """Every other cluster on a shade, and the numbers of some."""
    edges = 2 * np.searchsorted(owner, np.arange(count + 1))
    for cluster in range(0, count, 2):
        axes.axhspan(edges[cluster] - 0.5, edges[cluster + 1] - 0.5, facecolor=tint(QUIET, 0.9), zorder=0)
    every = max(1, count // 10)
    shown = np.arange(0, count, every)
    axes.set_yticks(0.5 * (edges[shown] + edges[shown + 1]) - 0.5, [str(cluster) for cluster in shown])
    axes.set_ylim(2 * owner.size - 0.5, -0.5)
