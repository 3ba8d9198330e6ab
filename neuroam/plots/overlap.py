"""Overlap with the stored memories over time."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neuroam.circuit import Array
from neuroam.plots.epochs import draw_epochs, name_epochs, name_time
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import COLOURS, INK, PALE, QUIET, SIGNED, SMALL, TEXT, heading, spread, style, tidy

DIMS = ("trial", "time", "pattern")


def overlap(course: xr.DataArray, axes: Axes, *, trial: int = 0, cued: int | None = None) -> Axes:
    """Heat map of the overlap with every stored memory.

    Parameters
    ----------
    course : DataArray
        (trial, time, pattern), ``time`` in seconds: the ends of the bins.
    axes : Axes
        Time in ms, one row per memory.
    trial : int
        By its place.
    cued : int, optional
        Memory that is marked.
    """
    edges, values = _one(course, trial)
    with style():
        image = axes.pcolormesh(
            edges, np.arange(values.shape[1] + 1) - 0.5, values.T, cmap=SIGNED, vmin=-1, vmax=1, rasterized=True
        )
        axes.set_ylim(values.shape[1] - 0.5, -0.5)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if cued is not None:
            axes.plot([1.008], [cued], marker="<", color=INK, transform=axes.get_yaxis_transform(), clip_on=False)
        tidy(axes)
        axes.set_xlabel("time (ms)")
        axes.set_ylabel("stored memory")
        bar = axes.figure.colorbar(image, cax=axes.inset_axes((1.04, 0.0, 0.014, 1.0)), ticks=[-1, 0, 1])
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=SMALL, length=2)
        bar.set_label("overlap", fontsize=TEXT)
    return axes


def overlap_lines(course: xr.DataArray, axes: Axes, *, trial: int = 0, cued: int | None = None, best: int = 4) -> Axes:
    """The overlap with the cued memory, and with the few others that come closest at any time, as lines.

    Parameters
    ----------
    course, trial, cued
        As of `overlap`.
    axes : Axes
        Time in ms.
    best : int
        How many others are drawn.
    """
    edges, values = _one(course, trial)
    others = [k for k in np.argsort(-values.max(axis=0, initial=-np.inf), kind="stable") if k != cued][:best]
    with style():
        axes.axhline(0.0, color=PALE, linewidth=0.8, zorder=0.4)
        names: list[tuple[float, str, str, str]] = []
        for number, k in enumerate(others):
            axes.stairs(values[:, k], edges, baseline=None, color=COLOURS[number % len(COLOURS)], linewidth=1.1)
            names.append((values[-1, k], f"memory {k}", COLOURS[number % len(COLOURS)], "normal"))
        if cued is not None:
            axes.stairs(values[:, cued], edges, baseline=None, color=INK, linewidth=2.6)
            names.append((values[-1, cued], f"memory {cued}, cued", INK, "bold"))
        shown = others if cued is None else [*others, cued]
        limits(axes, values[:, shown])
        tidy(axes)
        axes.set_ylabel("overlap")
        low, high = axes.get_ylim()
        for at, (_, name, colour, weight) in zip(
            spread([n[0] for n in names], 0.085 * (high - low), low, high), names, strict=True
        ):
            axes.text(
                1.012, float(at), name, transform=axes.get_yaxis_transform(), color=colour, fontsize=SMALL,
                fontweight=weight, va="center",
            )  # fmt: skip
    return axes


def overlap_strip(course: xr.DataArray, axes: Axes, *, trial: int, cued: int) -> Axes:
    """The overlap with the cued memory and, thin, the largest of the others: a strip above other panels."""
    edges, values = _one(course, trial)
    axes.axhline(0.0, color=PALE, linewidth=0.8, zorder=0.4)
    shown = values[:, [cued]]
    axes.stairs(shown[:, 0], edges, baseline=None, color=INK, linewidth=2.4, label=f"memory {cued}, cued", zorder=3)
    if values.shape[1] > 1:
        other = np.delete(values, cued, axis=1).max(axis=1)
        axes.stairs(other, edges, baseline=None, color=QUIET, linewidth=0.9, label="closest other memory")
        shown = np.column_stack([shown, other])
    limits(axes, shown)
    return tidy(axes, x=False)


def limits(axes: Axes, values: Array) -> None:
    """From 0, or below it if there is something to see there, to 1."""
    low = min(0.0, float(values.min(initial=0.0)))
    axes.set_ylim(max(low - 0.05, -1.05), 1.06)
    axes.set_yticks([t for t in (-1.0, -0.5, 0.0, 0.5, 1.0) if t >= low - 0.05])


def _one(course: xr.DataArray, trial: int) -> tuple[Array, Array]:
    """Limits of the bins in ms, and the overlaps in them (time, pattern)."""
    ends = course.coords["time"].to_numpy() * 1e3
    return np.concatenate([[0.0], ends]), course.transpose(*DIMS).to_numpy()[trial]


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The heat map of the figure in given axes."""
    course, number, cued = _shown(run, trial)
    with style():
        overlap(course, axes, trial=number, cued=cued)
        draw_epochs(axes, run.circuit, run.trials, trial=number, over=True)
        return name_time(axes, run.circuit)


def _shown(run: RunData, trial: int | None) -> tuple[xr.DataArray, int, int | None]:
    """The overlaps, which trial, and which memory it cues."""
    course = needed(run, "overlap", "overlap_course", DIMS, f"{{port: {run.trials.cue_port or 'memory'}}}")
    number = chosen(run.trials, trial or 0)
    cued = int(run.trials.cued[number]) if run.trials.cue_port else None
    return course, number, cued if cued is not None and cued < course.sizes["pattern"] else None


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Overlap with all stored memories over time, in one trial: the closest few as lines, all as a heat map."""
    course, number, cued = _shown(run, trial)
    with style():
        upper, lower = figure.subplots(
            2, 1, sharex=True, height_ratios=(1, 1.5),
            gridspec_kw={"left": 0.075, "right": 0.87, "top": 0.9, "bottom": 0.08, "hspace": 0.1},
        )  # fmt: skip
        into(run, lower, trial=trial)
        overlap_lines(course, upper, trial=number, cued=cued)
        draw_epochs(upper, run.circuit, run.trials, trial=number)
        name_epochs(upper, run.circuit, run.trials)
        upper.tick_params(labelbottom=False)
        cue = f"memory {cued} cued" if cued is not None else "nothing cued"
        heading(figure, "Overlap with the stored memories", f"{run.circuit.name}, trial {number}, {cue}", left=0.075)
