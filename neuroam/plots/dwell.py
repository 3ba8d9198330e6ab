"""Is every pattern of a sequence held as long as it should be?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from neuroam.circuit import Array
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import BLUE, INK, QUIET, SMALL, VERMILLION, heading, style, tidy
from neuroam.readouts.dwell_correlation import wanted_times


def dwell(measured: Array, wanted: Array, axes: Axes, *, strong: int | None = None) -> Axes:
    """Measured against wanted dwell times, a dot per pattern and trial, with the line on which they are equal.

    Parameters
    ----------
    measured : ndarray
        (trials, patterns), ms; NaN where a pattern has no stay to be measured.
    wanted : ndarray
        (patterns,), ms.
    axes : Axes
        Both in ms.
    strong : int, optional
        Place of a trial that stands out.
    """
    x = np.broadcast_to(wanted, measured.shape)
    ends = np.concatenate([wanted, measured[np.isfinite(measured)]])
    low, high = float(ends.min(initial=np.inf)), float(ends.max(initial=-np.inf))
    margin = 0.06 * (high - low) or 0.1 * high
    limits = (max(0.0, low - margin), high + margin)
    axes.plot(limits, limits, color=QUIET, linewidth=1.0, zorder=1, label="_identity")
    axes.annotate(
        "as wanted", (limits[1], limits[1]), (-8, -16), textcoords="offset points", ha="right", va="top", rotation=45,
        rotation_mode="anchor", transform_rotates_text=True, fontsize=SMALL, color=QUIET,
    )  # fmt: skip
    _dots(axes, x, measured, strong)
    axes.set(xlim=limits, ylim=limits, xlabel="wanted dwell time (ms)", ylabel="measured dwell time (ms)")
    axes.set_aspect("equal")
    axes.set_title(said(measured, x), loc="left", pad=10, color=INK)
    return tidy(axes)


def dwell_errors(error: Array, axes: Axes, *, strong: int | None = None) -> Axes:
    """Measured less wanted dwell times along the sequence, a dot per pattern and trial; lines are means over trials.

    Parameters
    ----------
    error : ndarray
        (trials, patterns), ms; NaN where a pattern has no stay to be measured.
    axes : Axes
        Patterns on x, ms on y.
    strong : int, optional
        Place of a trial that stands out.
    """
    count = error.shape[1]
    axes.axhline(0.0, color=QUIET, linewidth=1.0, zorder=1)
    if len(error) > 1:
        there = np.isfinite(error)
        mean = np.where(there, error, 0.0).sum(axis=0) / np.where(there.any(axis=0), there.sum(axis=0), np.nan)
        axes.hlines(
            mean, np.arange(count) - 0.3, np.arange(count) + 0.3, color=INK, linewidth=1.4, zorder=3, label="_means"
        )
        axes.set_title("line: mean over the trials", loc="left", pad=10, color=INK)
    _dots(axes, np.broadcast_to(np.arange(count), error.shape), error, strong)
    axes.set(xlim=(-0.8, count - 0.2), xlabel="pattern", ylabel="measured less wanted (ms)")
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    return tidy(axes)


def _dots(axes: Axes, x: Array, y: Array, strong: int | None) -> None:
    """The fainter the more trials there are."""
    alpha = float(np.clip(4.0 / max(len(y), 1), 0.08, 0.6))
    axes.scatter(x, y, s=26, c=BLUE, alpha=alpha, linewidths=0, rasterized=True, zorder=2)
    if strong is not None:
        axes.scatter(x[strong], y[strong], s=30, c=VERMILLION, linewidths=0, zorder=4)


def said(measured: Array, wanted: Array) -> str:
    """Correlation, bias and spread over all dots, in words; both are (trials, patterns) in ms."""
    there = np.isfinite(measured)
    error = measured[there] - wanted[there]
    count = f"{there.sum()} of {there.size} stays measured"
    if not error.size:
        return "no stay begins and ends inside the epoch"
    bias = f"{abs(error.mean()):.1f} ms too {'long' if error.mean() > 0 else 'short'} on average"
    text = f"{bias}, sd {error.std(ddof=1):.1f} ms, {count}" if error.size > 1 else f"{bias}, {count}"
    if error.size < 3 or not np.ptp(measured[there]) or not np.ptp(wanted[there]):
        return text
    return f"r = {np.corrcoef(measured[there], wanted[there])[0, 1]:.2f}, {text}".replace("-", "\N{MINUS SIGN}")


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Measured against wanted dwell times of a sequence, in all trials; one of them stands out if it is named."""
    strong = None if trial is None else chosen(run.trials, trial)
    error = needed(run, "dwell", "dwell_error", ("trial", "pattern"), "{port: motifs}")
    wanted = 1e3 * wanted_times(run.circuit, "dwell")
    with style():
        axes = figure.add_axes((0.07, 0.09, 0.49, 0.77))
        dwell(error.to_numpy() + wanted, wanted, axes, strong=strong)
        dwell_errors(error.to_numpy(), figure.add_axes((0.65, 0.09, 0.33, 0.77)), strong=strong)
        note = run.circuit.name if strong is None else f"{run.circuit.name}, trial {strong} in colour"
        heading(figure, "Dwell times of a sequence", note, left=0.07)
