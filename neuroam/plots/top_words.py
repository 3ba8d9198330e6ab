"""What do cells stand for?  Their strongest words, as a table of text."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.plots.run import RunData, chosen, measured, needed
from neuroam.plots.style import INK, QUIET, SMALL, heading, shorten, style, tint

NAME = "top_words"
COLUMNS, ROWS = 6, 2
LETTERS = 15


def top_words(words: xr.DataArray, axes: Axes) -> Axes:
    """Lists of words under their cells, stronger words darker.

    Parameters
    ----------
    words : DataArray
        (cell, rank) with the coordinate ``word``, from the readout of the same name; cells in the order in which they
        are drawn, as many as there is room for.
    axes : Axes
        Filled with text.
    """
    shown = words[: COLUMNS * ROWS]
    ranks = shown.sizes["rank"]
    height = 1.0 / ROWS
    with style():
        axes.set_axis_off()
        axes.set(xlim=(0, COLUMNS), ylim=(1, 0))
        for number in range(shown.sizes["cell"]):
            row, column = divmod(number, COLUMNS)
            top = row * height
            cell = int(shown.coords["cell"].to_numpy()[number])
            axes.text(column, top + 0.015, f"cell {cell}", fontsize=SMALL, color=QUIET, va="top")
            weights = np.maximum(shown.to_numpy()[number], 0.0)
            most = max(float(weights.max(initial=0.0)), 1e-300)
            for rank in range(ranks):
                place = top + 0.055 + (height - 0.08) * rank / max(ranks, 1)
                text = shorten(str(shown.coords["word"].to_numpy()[number, rank]), LETTERS)
                colour = tint(INK, 0.65 * (1.0 - float(weights[rank]) / most))
                axes.text(column, place, text, fontsize=SMALL + 0.5, color=colour, va="top")
    return axes


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes: of the cells that won most often, where that is known."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    words = needed(run, NAME, NAME, ("cell", "rank"), "{port: kc}")
    share = measured(run, "win_share", ("cell",))
    if share is not None and share.size == words.sizes["cell"]:
        words = words[np.argsort(-share.to_numpy(), kind="stable")]
    return top_words(words, axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """The words with the strongest weights of the cells that won most often."""
    known = measured(run, "win_share", ("cell",)) is not None
    note = "the cells that won most often; stronger words are darker" if known else "the first cells"
    with style():
        into(run, figure.add_axes((0.03, 0.03, 0.95, 0.87)), trial=trial)
        heading(figure, "What cells stand for", f"{run.circuit.name}; {note}", left=0.03)
