"""Do people and cells agree on which words are close?"""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.plots.curves import against_length
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import heading, style

DIMS = ("set", "k")


def spearman(curves: xr.DataArray, axes: Axes) -> Axes:
    """Rank correlation with judgements against hash length, a line per set, with how many of its pairs are known.

    Parameters
    ----------
    curves : DataArray
        (set, k) with the coordinates ``pairs`` and ``listed``, from the readout of the same name.
    axes : Axes
        Filled with lines, named at their ends.
    """
    counted = zip(*(curves.coords[key].to_numpy() for key in ("set", "pairs", "listed")), strict=True)
    named = curves.assign_coords({"set": [f"{name} ({pairs} of {listed})" for name, pairs, listed in counted]})
    return against_length(named, axes, "100 x Spearman's rank correlation")


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    curves = needed(run, "spearman", "spearman", DIMS, "{port: kc}")
    return spearman(curves, axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Agreement with human judgements on pairs of words, for every set of pairs and hash length."""
    with style():
        into(run, figure.add_axes((0.09, 0.12, 0.74, 0.74)), trial=trial)
        heading(
            figure, "Words that are close share cells", f"{run.circuit.name}; in brackets the known pairs", left=0.012
        )
