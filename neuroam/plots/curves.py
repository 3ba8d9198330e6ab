"""Scores against the length of codes, a line each; shared by the figures of codes."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from neuroam.plots.style import SMALL, colour_of, spread, style, tidy


def against_length(curves: xr.DataArray, axes: Axes, label: str) -> Axes:
    """Percent against hash length k, lines named at their ends.

    Parameters
    ----------
    curves : DataArray
        (lines, k).
    axes : Axes
        Filled.
    label : str
        Of the vertical axis.
    """
    (dim,) = (dim for dim in curves.dims if dim != "k")
    lengths = curves.coords["k"].to_numpy().astype(float)
    values = 100.0 * curves.transpose(dim, "k").to_numpy()
    with style():
        for number, line in enumerate(values):
            axes.plot(lengths, line, color=colour_of(number), marker="o", markersize=4, linewidth=1.6)
        axes.set_xscale("log", base=2)
        axes.set_xticks(lengths, [f"{length:g}" for length in lengths])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(
            min(0.0, 1.08 * float(np.nanmin(values, initial=0.0))), 1.08 * float(np.nanmax(values, initial=1.0))
        )
        tidy(axes)
        axes.set_xlabel("hash length k")
        axes.set_ylabel(label)
        _name(axes, curves.coords[dim].to_numpy(), values)
    return axes


def _name(axes: Axes, names: np.ndarray, values: np.ndarray) -> None:
    ends = [float(line[np.isfinite(line)][-1]) if np.isfinite(line).any() else 0.0 for line in values]
    low, high = axes.get_ylim()
    places = spread(ends, 0.045 * (high - low), low, high)
    for number, (name, place) in enumerate(zip(names, places, strict=True)):
        axes.annotate(
            str(name).replace("_", " "), (1.0, float(place)), (8, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", va="center", fontsize=SMALL, color=colour_of(number),
        )  # fmt: skip
