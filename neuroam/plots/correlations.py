"""How similar are the codes of different patterns, from one population to the next?"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.errors import FunctionError
from neuroam.plots.matrix import matrix, matrix_scale
from neuroam.plots.run import RunData, chosen
from neuroam.plots.style import INK, SMALL, heading, style

NAME = "correlations"
MOST = 4
LEFT, RIGHT, BETWEEN, ABOVE, BELOW, LARGEST = 0.7, 0.8, 0.4, 1.0, 0.55, 5.2  # inches


def correlations(measure: xr.DataArray, axes: Axes) -> Axes:
    """One matrix of correlations, white at zero and grey where a code is empty.

    Parameters
    ----------
    measure : DataArray
        (pattern, other), from the readout of the same name.
    axes : Axes
        Filled with an image.
    """
    values = measure.transpose("pattern", "other").to_numpy()
    pairs = values[np.triu_indices(len(values), 1)]
    with style():
        matrix(values, axes)
        axes.set_xlabel("pattern")
        mean = np.nanmean(pairs) if np.isfinite(pairs).any() else np.nan
        axes.set_title(
            f"mean of pairs {mean:.2f}".replace("-", "\N{MINUS SIGN}"), fontsize=SMALL, loc="left", color=INK
        )
    return axes


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Correlation of the codes of every two patterns, a matrix for every measure 'correlations...'."""
    found = {
        key: one.isel(network=run.network) if "network" in one.dims else one
        for key, one in run.measures.items()
        if key.startswith(NAME) and {"pattern", "other"} <= set(one.dims)
    }
    if not found:
        raise FunctionError(
            f"the figure '{NAME}' needs the measure '{NAME}', which this run does not have",
            f"add it to the protocol and run again: measure: {{{NAME}: {{port: kc}}}}",
        )
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    names = list(found)[:MOST]
    width = figure.get_figwidth()
    side = min((width - LEFT - RIGHT + BETWEEN) / len(names) - BETWEEN, LARGEST)
    figure.set_figheight(side + ABOVE + BELOW)  # matrices are square, and a row of them is no higher
    with style():
        for number, name in enumerate(names):
            place = (LEFT + number * (side + BETWEEN), BELOW, side, side)
            axes = figure.add_axes(tuple(np.array(place) / ([width, figure.get_figheight()] * 2)))
            correlations(found[name], axes)
            label = name.removeprefix(NAME).strip("_").replace("_", " ")
            axes.annotate(label or "codes", (0, 1), (0, 20), "axes fraction", "offset points", fontweight="bold")
        figure.axes[0].set_ylabel("pattern")
        matrix_scale(figure.axes[-1], "r")
        empty = any(bool(np.isnan(found[name]).any()) for name in names)
        note = f"{run.circuit.name}{'; grey: a code is empty or the same in all cells' if empty else ''}"
        heading(figure, "Similarity of codes", note, left=0.012, top=1.0 - 0.18 / figure.get_figheight())
