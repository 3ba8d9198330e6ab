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
MOST, COLUMNS = 4, 2


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
    rows = 1 if len(names) <= COLUMNS else 2
    width, height = 0.40, 0.80 / rows
    with style():
        last = None
        for number, name in enumerate(names):
            row, column = divmod(number, COLUMNS)
            axes = figure.add_axes((0.07 + column * width, 0.88 - (row + 1) * height, width - 0.06, height - 0.11))
            last = correlations(found[name], axes)
            label = name.removeprefix(NAME).strip("_").replace("_", " ")
            axes.annotate(label or "codes", (0, 1), (0, 20), "axes fraction", "offset points", fontweight="bold")
            if column == 0:
                axes.set_ylabel("pattern")
            if row + 1 < rows:
                axes.set_xlabel("")
        assert last is not None  # at least one was found
        matrix_scale(last, figure, (0.9, 0.3, 0.012, 0.32), "r")
        empty = any(bool(np.isnan(found[name]).any()) for name in names)
        note = f"{run.circuit.name}{'; grey: a code is empty or the same in all cells' if empty else ''}"
        heading(figure, "Similarity of codes", note, left=0.012)
