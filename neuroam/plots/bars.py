"""Values of words: groups of bars with intervals, and lines across them."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from neuroam.circuit import Array
from neuroam.plots.style import INK, SMALL

GROUP = 0.8  # of the way from one word to the next
ROOM = 26.0  # points of paper that a number above a bar takes


def slots(words: int, case: int, cases: int) -> tuple[Array, float]:
    """Where the bars of one case stand, (words,), and how wide they are; word n has its middle at n."""
    width = GROUP / cases
    return np.asarray(np.arange(words) + (case - 0.5 * (cases - 1)) * width), width


def bars(data: xr.Dataset, axes: Axes, places: Array, width: float, *, colour: str) -> Axes:
    """A bar for every word, with its interval; with its number, if there is room; a cross where there is nothing.

    Parameters
    ----------
    data : Dataset
        (word): ``mean``, ``low``, ``high``.
    axes : Axes
        Filled.
    places, width
        From `slots`.
    colour : str
        Of all these bars.
    """
    mean, low, high = (data[key].to_numpy() for key in ("mean", "low", "high"))
    there = np.isfinite(mean)
    whiskers = np.nan_to_num(np.abs(np.stack([mean - low, high - mean])))
    axes.bar(places[there], mean[there], 0.92 * width, color=colour, alpha=0.85, linewidth=0)
    axes.errorbar(
        places[there], mean[there], whiskers[:, there], linestyle="none", color=INK, elinewidth=1.0, capsize=2.0
    )
    axes.plot(
        places[~there], np.full((~there).sum(), 0.015), linestyle="none", marker="x", color=colour, markersize=5,
        transform=axes.get_xaxis_transform(), clip_on=False,
    )  # fmt: skip
    if width / mean.size * axes.bbox.width * 72 / axes.figure.dpi >= ROOM:
        for place, value, end in zip(places[there], mean[there], (mean + whiskers[1])[there], strict=True):
            axes.annotate(
                f"{value:.2g}", (place, max(end, 0.0)), (0, 3), textcoords="offset points", ha="center", va="bottom",
                fontsize=SMALL, color=INK, zorder=5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            )  # fmt: skip
    return axes


def levels(values: Array, axes: Axes, places: Array, width: float, *, linestyle: Any) -> Axes:
    """What every bar is compared with, as a short line across it.

    Parameters
    ----------
    values : ndarray
        (words,), or one number for all.
    axes : Axes
        Filled.
    places, width
        From `slots`.
    linestyle
        As matplotlib has it.
    """
    heights = np.broadcast_to(values, places.shape)
    axes.hlines(
        heights, places - width / 2, places + width / 2, color=INK, linestyle=linestyle, linewidth=1.4, zorder=4
    )
    return axes
