"""Every function that draws takes axes of the caller, fills only these, and returns them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam import plots
from neuroam.plots import correlations, energy, graph, overlap, raster, rates, similarity, success, top_words, win_share
from neuroam.plots.wiring import wiring

WORDS = {
    "beside",
    "name_parts",
    "name_population",
    "points_high",
    "limits",
    "figure_of",
}  # write beside axes, or measure
DRAWN: dict[str, Callable[[Any, Axes], Axes]] = {
    "raster": lambda run, axes: raster.raster(run.recording, run.circuit, run.trials, axes=axes),
    "rates": lambda run, axes: rates.rates(run.recording, run.circuit, run.trials, "features", axes),
    "overlap": lambda run, axes: overlap.overlap(run.measures["overlap_course"], axes, cued=0),
    "overlap_lines": lambda run, axes: overlap.overlap_lines(run.measures["overlap_course"], axes, cued=0),
    "energy": lambda run, axes: energy.energy(run.measures["energy"], axes),
    "success": lambda run, axes: success.success(run.measures["overlap"], axes),
    "similarity": lambda run, axes: similarity.similarity(np.eye(3), axes),
    "correlations": lambda run, axes: correlations.correlations(run.measures["correlations"], axes),
    "win_share": lambda run, axes: win_share.win_share(run.measures["win_share"], axes),
    "top_words": lambda run, axes: top_words.top_words(run.measures["top_words"], axes),
    "graph": lambda run, axes: graph.graph(*wiring(run.circuit), axes),
}


def drawing() -> list[Any]:
    """Every public function of the room that has a parameter ``axes``."""
    found = []
    for module in pkgutil.iter_modules(plots.__path__):
        room = importlib.import_module(f"neuroam.plots.{module.name}")
        for name, function in inspect.getmembers(room, inspect.isfunction):
            own = function.__module__ == room.__name__ and not name.startswith("_")
            if own and name not in WORDS and "axes" in inspect.signature(function).parameters:
                found.append(pytest.param(function, id=f"{module.name}.{name}"))
    return found


@pytest.mark.parametrize("function", drawing())
def test_what_takes_axes_returns_axes(function):
    assert inspect.signature(function).return_annotation == "Axes"


@pytest.mark.parametrize("name", DRAWN)
def test_it_fills_the_axes_of_the_caller_and_no_others(name, make):
    figure = Figure(figsize=(8, 3))
    mine, other = figure.subplots(1, 2)
    assert DRAWN[name](make(), mine) is mine
    assert mine.has_data() or mine.patches or mine.texts
    assert figure.axes == [mine, other]
    assert not other.has_data()
    assert not figure.texts


@pytest.mark.parametrize("name", sorted(set(DRAWN) - {"graph", "raster", "similarity", "correlations", "top_words"}))
def test_both_axes_are_labelled(name, make, axes):
    drawn = DRAWN[name](make(), axes)
    assert drawn.get_ylabel()
    assert drawn.get_xlabel() or name in ("energy", "overlap_lines")  # which stand above another panel
