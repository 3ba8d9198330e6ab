"""Matrices of similarities from -1 to 1 as images, and their scale; shared by the figures that show such."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from neuroam.circuit import Array
from neuroam.plots.style import INK, PALE, SIGNED, SMALL, tidy

MEASURED = SIGNED.with_extremes(bad=PALE)


def matrix(values: Array, axes: Axes) -> Axes:
    """One matrix, white at zero and grey where nothing is known.

    Parameters
    ----------
    values : ndarray
        (rows, columns), from -1 to 1, NaN where there is no value.
    axes : Axes
        Filled with an image.
    """
    axes.imshow(values, cmap=MEASURED, vmin=-1.0, vmax=1.0, interpolation="nearest")
    for axis, count in ((axes.xaxis, values.shape[1]), (axes.yaxis, values.shape[0])):
        round_numbers = MaxNLocator(6, integer=True).tick_values(0, max(count - 1, 1))
        axis.set_major_locator(FixedLocator([at for at in round_numbers if 0 <= at < count]))
    tidy(axes)
    axes.spines[["left", "bottom"]].set_visible(False)
    return axes


def matrix_scale(axes: Axes, name: str) -> Axes:
    """The scale of the image in ``axes``, at its right, with its name on top.

    Returns
    -------
    Axes
        Those of the scale.
    """
    bar = axes.figure.colorbar(axes.images[0], cax=axes.inset_axes((1.04, 0.2, 0.03, 0.6)), ticks=(-1, 0, 1))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, length=2, labelcolor=INK)
    bar.ax.set_title(name, fontsize=SMALL, pad=6)
    return bar.ax
