"""Do cells that were often active have strong synapses?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.circuit import Array
from neuroam.errors import FunctionError
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import BLUE, INK, PALE, QUIET, SMALL, VERMILLION, heading, style, tidy
from neuroam.plots.weight_correlation import weights_of
from neuroam.tables import level_of


def popularity(active: Array, strength: Array, axes: Axes) -> Axes:
    """Total strength of every cell against how much more often than expected it was active, with the straight line.

    Parameters
    ----------
    active : ndarray
        (N,) u: sums over patterns of x - f.
    strength : ndarray
        (N,) w: sums of the weights onto a cell.
    axes : Axes
        Filled with a scatter.
    """
    axes.axvline(0.0, color=PALE, linewidth=0.8, zorder=0)
    axes.scatter(active, strength, s=14, color=BLUE, alpha=0.6, linewidths=0)
    tidy(axes)
    axes.set_xlabel("popularity u: patterns with the cell active, less the expected number")
    axes.set_ylabel("total strength w of its synapses")
    if np.ptp(active) > 0 and np.ptp(strength) > 0:
        slope, base = np.polyfit(active, strength, 1)
        ends = np.array([active.min(), active.max()])
        axes.plot(ends, base + slope * ends, color=VERMILLION, linewidth=1.4)
        r = f"{np.corrcoef(active, strength)[0, 1]:.3f}".replace("-", "\N{MINUS SIGN}")
        axes.annotate(f"r = {r}", (0.03, 0.97), xycoords="axes fraction", va="top", color=INK, fontsize=SMALL)
    return axes


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Total strength of every cell against its popularity, and how both are distributed."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    measure = needed(run, "popularity", "weight_correlation", ("pair",), "{port: memory, of: w}")
    weights, patterns = weights_of(run, measure), run.circuit.patterns.get(run.trials.cue_port)
    if patterns is None or patterns.size != len(weights):
        raise FunctionError("the figure 'popularity' is of cells that are the units of the cued patterns", "show a cue")
    active = (patterns.values - level_of(patterns)).sum(axis=0)
    with style():
        axes = figure.add_axes((0.09, 0.1, 0.68, 0.64))
        popularity(active, weights.sum(axis=1), axes)
        above = figure.add_axes((0.09, 0.76, 0.68, 0.1), sharex=axes)
        above.hist(active, bins=np.arange(active.min() - 0.5, active.max() + 1.0).tolist(), color=QUIET)
        beside = figure.add_axes((0.79, 0.1, 0.1, 0.64), sharey=axes)
        beside.hist(weights.sum(axis=1), bins=30, color=QUIET, orientation="horizontal")
        above.axis("off")
        beside.axis("off")
        note = f"{run.circuit.name}, {patterns.count} patterns"
        heading(figure, "Popular cells have strong synapses", note, left=0.012)
