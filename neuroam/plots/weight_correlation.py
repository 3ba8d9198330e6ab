"""Which synapses know of each other?  Those that share a cell."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.circuit import Array
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.plots.matrix import matrix, matrix_scale
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import BLUE, QUIET, SMALL, VERMILLION, heading, style, tidy

CELLS, DRAWS = 5, 4000
NAMES = {
    "same_post": "same\npost cell",
    "same_pre": "same\npre cell",
    "chain": "chain",
    "reciprocal": "reciprocal",
}


def sampled(weights: Array, cells: int = CELLS, draws: int = DRAWS) -> Array:
    """Correlation of all weights between a few cells, over random choices of these cells; ordered by post cell.

    Parameters
    ----------
    weights : ndarray
        (N, N), N at least ``cells``.
    cells, draws : int
        How many cells, and how often they are chosen.

    Returns
    -------
    ndarray
        (cells (cells - 1), the same).
    """
    rng = np.random.default_rng(0)  # a figure of a run is the same every time
    group = np.argsort(rng.random((draws, len(weights))), axis=1)[:, :cells]
    post, pre = np.array(list(permutations(range(cells), 2))).T
    values = weights[group[:, post], group[:, pre]]
    values = values - weights[~np.eye(len(weights), dtype=bool)].mean()
    spread = np.sqrt((values**2).mean(axis=0))
    spread = np.where(spread > 0, spread, np.nan)
    return np.asarray(values.T @ values / draws / np.outer(spread, spread))


def expected(theory: dict[str, float], cells: int = CELLS) -> Array:
    """The same matrix as it should be; ``theory`` is by the names of the readout's pairs."""
    pairs = list(permutations(range(cells), 2))

    def of(one: tuple[int, int], other: tuple[int, int]) -> float:
        (i, j), (k, m) = one, other
        if one == other:
            return 1.0
        if (i, j) == (m, k):
            return theory["reciprocal"]
        return theory["same_post"] * (i == k) + theory["same_pre"] * (j == m) + theory["chain"] * (i == m or j == k)

    return np.array([[of(one, other) for other in pairs] for one in pairs])


def correlation_matrix(found: Array, theory: Array, axes: Axes) -> Axes:
    """Measured correlations above the diagonal, expected ones below.

    Parameters
    ----------
    found, theory : ndarray
        (n, n), from `sampled` and `expected`.
    axes : Axes
        Filled with an image.
    """
    matrix(np.triu(found) + np.tril(theory, -1), axes)
    block = round((1 + np.sqrt(1 + 4 * len(found))) / 2) - 1
    middle = block * (np.arange(block + 1) + 0.5) - 0.5
    for edge in block * np.arange(1, block + 1) - 0.5:
        axes.axvline(edge, color="white", linewidth=1.2)
        axes.axhline(edge, color="white", linewidth=1.2)
    names = [f"onto {chr(ord('a') + n)}" for n in range(block + 1)]
    axes.set_xticks(middle, names)
    axes.set_yticks(middle, names)
    axes.tick_params(length=0)
    return axes


def pair_bars(measure: xr.DataArray, axes: Axes) -> Axes:
    """What was measured, as points, and what is expected, as lines.

    Parameters
    ----------
    measure : DataArray
        (pair) with the coordinate ``theory``, from the readout of the same name.
    axes : Axes
        Filled with points.
    """
    places = np.arange(measure.size)
    axes.axhline(0.0, color=QUIET, linewidth=0.8)
    axes.hlines(measure.coords["theory"].to_numpy(), places - 0.3, places + 0.3, color=VERMILLION, linewidth=2.0)
    axes.plot(places, measure.to_numpy(), "o", color=BLUE, markersize=6)
    tidy(axes)
    axes.set_xticks(places, [NAMES.get(name, name) for name in measure.coords["pair"].to_numpy().tolist()])
    axes.set_xlim(-0.5, places.size - 0.5)
    axes.set_ylim(min(-0.1, float(np.nan_to_num(measure.to_numpy()).min()) - 0.05), 1.08)
    axes.set_ylabel("correlation")
    known = bool(np.isfinite(measure.coords["theory"]).all())
    for name, colour, height in (("measured", BLUE, 0.98), ("theory" * known, VERMILLION, 0.92)):
        axes.annotate(name, (0.02, height), xycoords="axes fraction", color=colour, fontsize=SMALL, va="top")
    return axes


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Correlations of the weights between a few cells, ordered by post cell, and theory below the diagonal."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    measure = needed(run, "weight_correlation", "weight_correlation", ("pair",), "{port: memory, of: w}")
    weights = weights_of(run, measure)
    names, values = (measure.coords[key].to_numpy().tolist() for key in ("pair", "theory"))
    theory = dict(zip(names, values, strict=True))
    cells, known = min(CELLS, len(weights)), bool(np.isfinite(values).all())
    found = sampled(weights, cells)
    with style():
        below = expected(theory, cells) if known else found
        left = correlation_matrix(found, below, figure.add_axes((0.06, 0.08, 0.5, 0.78)))
        matrix_scale(left, "r")
        pair_bars(measure, figure.add_axes((0.68, 0.14, 0.3, 0.7)))
        halves = "above the diagonal measured, below it theory" if known else "measured; not additive: no theory"
        note = f"{run.circuit.name}; {halves}"
        heading(figure, "Weights that share a cell", note, left=0.012)


def weights_of(run: RunData, measure: xr.DataArray) -> Array:
    """The matrix that a measure is of.

    Raises
    ------
    FunctionError
        If the model has none of this name, or fewer than three cells.
    """
    name = str(measure.attrs.get("matrix", "w"))
    if name not in run.circuit.matrices:
        raise FunctionError(f"the model has no matrix '{name}'", f"use one of: {', '.join(run.circuit.matrices)}")
    weights = as_array(run.circuit.matrices[name].weights)
    if len(weights) < 3 or weights.shape[0] != weights.shape[1]:
        raise FunctionError(f"'{name}' does not join three or more cells with each other", "name another matrix")
    return weights
