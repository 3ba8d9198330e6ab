"""Nothing yet: the matrix is learned in the run."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Dense
from neuroam.errors import FunctionError
from neuroam.rules import rule


@rule("zeros")
def zeros(shape: tuple[int, int] | None) -> Dense:
    """No weight at all, for synapses that are learned from nothing.

    Parameters
    ----------
    shape : tuple of int
        (post, pre) as the projection needs it.

    Returns
    -------
    Dense
        (post, pre).

    Raises
    ------
    FunctionError
        If the sizes do not follow from the model.
    """
    if shape is None:
        raise FunctionError("the sizes of both populations must be known before the matrix is made")
    return Dense(np.zeros(shape))
