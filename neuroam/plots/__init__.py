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
Each returns the axes that it was given.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Protocol

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
from neuroam.plots.style import new_figure

__all__ = ["KINDS", "Draw", "RunData", "draw", "new_figure", "summary"]


class Draw(Protocol):
    """Fills a figure; ``trial`` is the place of a trial, or None for the figure's own choice."""

    def __call__(self, run: RunData, figure: Figure, *, trial: int | None = None) -> None: ...


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


def draw(kind: str, run: RunData, *, trial: int | None = None) -> Figure:
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
    if kind not in KINDS:
        raise FunctionError(f"no figure named '{kind}'", f"use one of: {', '.join(KINDS)}")
    figure = new_figure()
    KINDS[kind](run, figure, trial=trial)
    return figure


def summary(kind: str) -> str:
    """One line on what a figure shows."""
    return (inspect.getdoc(KINDS[kind]) or "").split("\n")[0]
