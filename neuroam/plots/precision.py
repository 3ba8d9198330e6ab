"""How well do codes of different lengths keep neighbours?"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import COLOURS, SMALL, heading, spread, style, tidy

DIMS = ("code", "k")


def precision(curves: xr.DataArray, axes: Axes) -> Axes:
    """Mean average precision against hash length, a line per code.

    Parameters
    ----------
    curves : DataArray
        (code, k), from the readout of the same name.
    axes : Axes
        Filled with lines, named at their ends.
    """
    lengths = curves.coords["k"].to_numpy().astype(float)
    values = 100.0 * curves.transpose(*DIMS).to_numpy()
    with style():
        for number, line in enumerate(values):
            axes.plot(lengths, line, color=COLOURS[number % len(COLOURS)], marker="o", markersize=4, linewidth=1.6)
        axes.set_xscale("log", base=2)
        axes.set_xticks(lengths, [f"{length:g}" for length in lengths])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_ylim(0.0, 1.08 * float(np.nanmax(values, initial=1.0)))
        tidy(axes)
        axes.set_xlabel("hash length k")
        axes.set_ylabel("mean average precision (%)")
        _name(axes, curves, values)
    return axes


def _name(axes: Axes, curves: xr.DataArray, values: np.ndarray) -> None:
    ends = [float(line[np.isfinite(line)][-1]) if np.isfinite(line).any() else 0.0 for line in values]
    low, high = axes.get_ylim()
    places = spread(ends, 0.045 * (high - low), low, high)
    for number, (name, place) in enumerate(zip(curves.coords["code"].to_numpy(), places, strict=True)):
        axes.annotate(
            str(name).replace("_", " "), (1.0, float(place)), (8, 0), xycoords=axes.get_yaxis_transform(),
            textcoords="offset points", va="center", fontsize=SMALL, color=COLOURS[number % len(COLOURS)],
        )  # fmt: skip


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Precision of finding the nearest patterns by their codes, for every code and hash length."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    curves = needed(run, "precision", "precision", DIMS, "{port: kc, k: [2, 4, 8]}")
    with style():
        precision(curves, figure.add_axes((0.09, 0.12, 0.74, 0.74)))
        heading(figure, "Neighbours found by their codes", run.circuit.name, left=0.012)
