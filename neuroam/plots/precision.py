"""How well do codes of different lengths keep neighbours?"""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.plots.curves import against_length
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import heading, style

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
    return against_length(curves, axes, "mean average precision (%)")


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    curves = needed(run, "precision", "precision", DIMS, "{port: kc, k: [2, 4, 8]}")
    return precision(curves, axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Precision of finding the nearest patterns by their codes, for every code and hash length."""
    with style():
        into(run, figure.add_axes((0.09, 0.12, 0.74, 0.74)), trial=trial)
        heading(figure, "Neighbours found by their codes", run.circuit.name, left=0.012)
