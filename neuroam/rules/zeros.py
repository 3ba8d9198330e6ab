"""Nothing yet: the matrix is learned in the run."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Dense, Sparse
from neuroam.errors import FunctionError
from neuroam.rules import rule


@rule("zeros")
def zeros(shape: tuple[int, int] | None, *, own: bool = True) -> Dense | Sparse:
    """No weight at all, for synapses that are learned from nothing.

    Parameters
    ----------
    shape : tuple of int
        (post, pre) as the projection needs it.
    own : bool
        Whether a cell has a synapse onto itself, or onto the cell of its place in the other population.

    Returns
    -------
    Dense or Sparse
        (post, pre).

    Raises
    ------
    FunctionError
        If the sizes do not follow from the model.
    """
    if shape is None:
        raise FunctionError("the sizes of both populations must be known before the matrix is made")
    if own:
        return Dense(np.zeros(shape))
    there = ~np.eye(*shape, dtype=bool)
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64)
    return Sparse(shape, start, np.nonzero(there)[1].astype(np.int64), np.zeros(int(start[-1])))
