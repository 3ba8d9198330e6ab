"""The most active cells of every trial, with ties broken at random; shared by the readouts of codes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array


def top(values: Array, k: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which k cells of every row are the most active, (trials, cells); cells that do not answer never win.

    Parameters
    ----------
    values : ndarray
        (trials, cells), activity.
    k : int
        Winners; fewer where fewer cells have an activity above zero.
    rng : Generator
        Decides between cells that are equally active.
    """
    k = min(k, values.shape[1])
    if k == 0 or not len(values):
        return np.zeros(values.shape, dtype=bool)
    bar = -np.partition(-values, k - 1, axis=1)[:, k - 1 : k]
    won = values > bar
    left = k - won.sum(axis=1)
    trial, cell = np.nonzero((values == bar) & (bar > 0))
    lot = np.lexsort((rng.random(trial.size), trial))  # by trial, in random order within it
    start = np.searchsorted(trial, np.arange(len(values)))
    chosen = np.arange(trial.size) - start[trial] < left[trial]  # trial is sorted, and stays so
    won[trial, cell[lot]] |= chosen
    return won & (values > 0)


def distances(codes: Array, rows: NDArray[np.int64]) -> Array:
    """Squared Euclidean distances of some rows of codes to all, (rows, codes)."""
    squared = (codes**2).sum(axis=1)
    if np.count_nonzero(codes) < 0.2 * codes.size:
        from scipy import sparse

        held = sparse.csr_array(codes)
        products = np.asarray((held[rows] @ held.T).todense())
    else:
        products = codes[rows] @ codes.T
    return np.asarray(np.maximum(squared[rows, None] + squared[None] - 2.0 * products, 0.0))
