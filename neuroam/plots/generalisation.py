"""What learning about one stimulus did to the answers to others."""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import BLUE, INK, QUIET, SMALL, VERMILLION, heading, style, tidy

DIMS = ("value", "presentation")


def generalisation(values: xr.DataArray, axes: Axes) -> Axes:
    """Answers before and after against similarity to the punished stimulus, which has similarity 1.

    Parameters
    ----------
    values : DataArray
        (value, presentation), from the readout of the same name.
    axes : Axes
        Filled with two points per stimulus, joined by a line.
    """
    similar, before, after = (values.sel(value=name).to_numpy() for name in ("similarity", "before", "after"))
    own = int(similar.argmax())
    with style():
        axes.vlines(similar, after, before, color=QUIET, linewidth=0.8, zorder=1)
        axes.scatter(
            similar, before, s=34, facecolors="white", edgecolors=BLUE, linewidths=1.2, label="before", zorder=2
        )
        axes.scatter(similar, after, s=34, color=VERMILLION, label="after", zorder=3)
        axes.annotate("punished", (similar[own], max(before[own], after[own])), (0, 8), textcoords="offset points",
                      ha="right", fontsize=SMALL, color=INK)  # fmt: skip
        low = min(0.0, float(similar.min()))
        axes.set_xlim(low - 0.04 * (1.0 - low), 1.04)
        axes.set_ylim(0.0, 1.15 * float(max(before.max(), after.max(), 1.0)))
        tidy(axes)
        axes.set_xlabel("similarity to the punished stimulus (r)")
        axes.set_ylabel(f"answer of the output cell ({values.attrs.get('answers', 'spikes')})")
        axes.legend(loc="upper left", fontsize=SMALL)
    return axes


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of the mean of all trials, but not of those that are not there
    example = "{port: valence, by: pn, epochs: [before, after]}"
    return generalisation(needed(run, "generalisation", "generalisation", DIMS, example), axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Answers of the output cell before and after learning, by how similar a stimulus is to the punished one."""
    with style():
        into(run, figure.add_axes((0.09, 0.12, 0.86, 0.74)), trial=trial)
        heading(figure, "Generalisation of what was learned", run.circuit.name, left=0.012)
