"""How does it look?  Data in, drawn axes out; nothing here simulates, and nothing opens a file.

`KINDS` holds the figures that can be made of a stored run, each called as ``KINDS[name](run, figure)`` with a `RunData`
and an empty figure; `draw` makes the figure too.  A figure that lacks a measure raises `neuroam.errors.FunctionError`
and says what to add to the protocol.  The functions behind them draw into given axes: `raster.raster`,
`overlap.overlap`, `energy.energy`, `rates.rates`, `success.success`,
`similarity.similarity`, `correlations.correlations`,
`precision.precision`, `generalisation.generalisation`, `spearman.spearman`, `win_share.win_share`,
`top_words.top_words`, `clusters.complaints`, `sequence.cells_in_order`, `sequence.overlap_curves`,
`staircase.staircase`, `dwell.dwell`, `frames.strip`, `weight_correlation.correlation_matrix`,
`weight_correlation.pair_bars`, `popularity.popularity`, `calibration.reliability`, `error_by_age.errors`,
`error_by_age.captures`; and `graph.graph` for the network of populations, which needs no run.
Each returns the axes that it was given; `draw_into` draws a figure of one panel, or the main one of several, into axes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.errors import FunctionError
from neuroam.plots import (
    calibration,
    clusters,
    correlations,
    dwell,
    energy,
    error_by_age,
    frames,
    generalisation,
    graph,
    overlap,
    popularity,
    precision,
    raster,
    rates,
    sequence,
    similarity,
    spearman,
    success,
    top_words,
    weight_correlation,
    win_share,
)
from neuroam.plots.run import RunData
from neuroam.plots.style import Page, new_figure

__all__ = ["INTO", "KINDS", "Draw", "Into", "RunData", "draw", "draw_into", "new_figure", "summary"]


class Draw(Protocol):
    """Fills a figure; ``trial`` is the place of a trial, or None for the figure's own choice."""

    def __call__(self, run: RunData, figure: Figure, *, trial: int | None = None) -> None: ...


class Into(Protocol):
    """Fills axes with a figure of one panel, or with the main panel of a figure, and returns them."""

    def __call__(self, run: RunData, axes: Axes, *, trial: int | None = None) -> Axes: ...


KINDS: Mapping[str, Draw] = {
    "raster": raster.draw,
    "overlap": overlap.draw,
    "energy": energy.draw,
    "rates": rates.draw,
    "success": success.draw,
    "similarity": similarity.draw,
    "correlations": correlations.draw,
    "precision": precision.draw,
    "generalisation": generalisation.draw,
    "spearman": spearman.draw,
    "win_share": win_share.draw,
    "top_words": top_words.draw,
    "clusters": clusters.draw,
    "sequence": sequence.draw,
    "dwell": dwell.draw,
    "frames": frames.draw,
    "weight_correlation": weight_correlation.draw,
    "popularity": popularity.draw,
    "calibration": calibration.draw,
    "error_by_age": error_by_age.draw,
    "graph": graph.draw,
}

INTO: Mapping[str, Into] = {
    "raster": raster.into,
    "overlap": overlap.into,
    "energy": energy.into,
    "success": success.into,
    "similarity": similarity.into,
    "precision": precision.into,
    "generalisation": generalisation.into,
    "spearman": spearman.into,
    "win_share": win_share.into,
    "top_words": top_words.into,
    "graph": graph.into,
}


def draw(kind: str, run: RunData, *, trial: int | None = None) -> Page:
    """A new figure of one kind.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    run : RunData
        One network of a run.
    trial : int, optional
        The place of a trial; unless given, the figure shows the first one, or all of them.

    Raises
    ------
    FunctionError
        If there is no such kind or trial, or the run lacks what the figure shows: which measure, and how to get it.
    """
    _check(kind)
    figure = new_figure()
    KINDS[kind](run, figure, trial=trial)
    return figure


def draw_into(kind: str, run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """One kind of figure in given axes: its only panel, or the main one.

    Parameters
    ----------
    kind : str
        One of `INTO`.
    run, trial
        As of `draw`.
    axes : Axes
        Where to draw.

    Returns
    -------
    Axes
        The same.

    Raises
    ------
    FunctionError
        As of `draw`; and if the figure has several panels, none of which stands for it.
    """
    _check(kind)
    if kind not in INTO:
        what = f"the figure '{kind}' has several panels, which do not fit into the axes that were given"
        raise FunctionError(what, f"draw it without 'ax', or one of: {', '.join(INTO)}")
    return INTO[kind](run, axes, trial=trial)


def _check(kind: str) -> None:
    if kind not in KINDS:
        raise FunctionError(f"no figure named '{kind}'", f"use one of: {', '.join(KINDS)}")


def summary(kind: str) -> str:
    """One line on what a figure shows."""
    return (inspect.getdoc(KINDS[kind]) or "").split("\n")[0]
