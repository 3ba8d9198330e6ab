"""Do all cells take part in a competition?"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import BLUE, INK, SMALL, heading, style, tidy

NAME = "win_share"


def win_share(share: xr.DataArray, axes: Axes) -> Axes:
    """How often every cell won, the most frequent winner first, beside equal shares.

    Parameters
    ----------
    share : DataArray
        (cell), from the readout of the same name.
    axes : Axes
        Filled with a step per cell.
    """
    values = 100.0 * np.sort(share.to_numpy())[::-1]
    with style():
        ends = np.append(values, values[-1:])
        axes.fill_between(np.arange(values.size + 1), ends, step="post", color=BLUE, alpha=0.6, linewidth=0)
        equal = 100.0 / max(values.size, 1)
        axes.axhline(equal, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate("equal shares", (1.0, equal), (-4, 4), xycoords=axes.get_yaxis_transform(), ha="right",
                      textcoords="offset points", fontsize=SMALL, color=INK)  # fmt: skip
        axes.set_xlim(0, max(values.size, 1))
        axes.set_ylim(0.0, 1.1 * float(np.nanmax(values, initial=equal)))
        tidy(axes)
        axes.set_xlabel("cells, by how often they won")
        axes.set_ylabel("share of all spikes (%)")
    return axes


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes."""
    return win_share(_shares(run, trial), axes)


def _shares(run: RunData, trial: int | None) -> xr.DataArray:
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    return needed(run, NAME, NAME, ("cell",), "{port: kc}")


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """The share of all wins that each cell has, and how many cells never won."""
    share = _shares(run, trial)
    with style():
        into(run, figure.add_axes((0.09, 0.12, 0.86, 0.74)))
        dead = int((share.to_numpy() == 0).sum())
        note = f"{run.circuit.name}; {dead} of {share.size} cells never won"
        heading(figure, "Who wins", note, left=0.012)
