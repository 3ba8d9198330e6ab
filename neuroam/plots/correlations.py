"""How similar are the codes of different patterns, from one population to the next?"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from neuroam.errors import FunctionError
from neuroam.plots.run import RunData, chosen
from neuroam.plots.style import INK, SIGNED, SMALL, heading, style, tidy

NAME = "correlations"
MOST, COLUMNS = 4, 2


def correlations(matrix: xr.DataArray, axes: Axes) -> AxesImage:
    """One matrix of correlations, white at zero.

    Parameters
    ----------
    matrix : DataArray
        (pattern, other), from the readout of the same name.
    axes : Axes
        Filled with an image.
    """
    values = matrix.transpose("pattern", "other").to_numpy()
    pairs = values[np.triu_indices(len(values), 1)]
    with style():
        image = axes.imshow(values, cmap=SIGNED, vmin=-1.0, vmax=1.0, interpolation="nearest")
        tidy(axes)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.set_xlabel("pattern")
        mean = np.nanmean(pairs) if np.isfinite(pairs).any() else np.nan
        axes.set_title(
            f"mean of pairs {mean:.2f}".replace("-", "\N{MINUS SIGN}"), fontsize=SMALL, loc="left", color=INK
        )
    return image


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
        images = []
        for number, name in enumerate(names):
            row, column = divmod(number, COLUMNS)
            axes = figure.add_axes((0.07 + column * width, 0.88 - (row + 1) * height, width - 0.06, height - 0.11))
            images.append(correlations(found[name], axes))
            label = name.removeprefix(NAME).strip("_").replace("_", " ")
            axes.annotate(label or "codes", (0, 1), (0, 20), "axes fraction", "offset points", fontweight="bold")
            if column == 0:
                axes.set_ylabel("pattern")
            if row + 1 < rows:
                axes.set_xlabel("")
        bar = figure.colorbar(images[0], cax=figure.add_axes((0.9, 0.3, 0.012, 0.32)), ticks=(-1, 0, 1))
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=SMALL, length=2, labelcolor=INK)
        bar.ax.set_title("r", fontsize=SMALL, pad=6)
        heading(figure, "Similarity of codes", run.circuit.name, left=0.012)
