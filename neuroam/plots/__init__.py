"""How does it look?  Data in, drawn axes out; nothing here simulates, and nothing opens a file.

``KINDS`` holds the figures that can be made of a stored run.  Every one is called as ``KINDS[name](run, figure)``,
where ``run`` is a `RunData` and ``figure`` an empty matplotlib figure (`new_figure`); ``trial=`` chooses a trial by its
place.  A figure that lacks a measure raises `neuroam.errors.FunctionError` and says what to add to the protocol.
The functions behind them draw into axes: `raster.raster`, `overlap.overlap`, `energy.energy`, `rates.rates`,
`success.success`, and `graph.graph` for the network of populations, which needs no run.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Protocol

from matplotlib.figure import Figure

from neuroam.plots import energy, overlap, raster, rates, success
from neuroam.plots.run import RunData
from neuroam.plots.style import new_figure


class Draw(Protocol):
    """Fills a figure; ``trial`` is the place of a trial, or None for the figure's own choice."""

    def __call__(self, run: RunData, figure: Figure, *, trial: int | None = None) -> None: ...


KINDS: Mapping[str, Draw] = {
    "raster": raster.draw,
    "overlap": overlap.draw,
    "energy": energy.draw,
    "rates": rates.draw,
    "success": success.draw,
}


def summary(kind: str) -> str:
    """One line on what a figure shows."""
    return (inspect.getdoc(KINDS[kind]) or "").split("\n")[0]
