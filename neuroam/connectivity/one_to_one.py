"""Cell i contacts cell i."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Sparse
from neuroam.connectivity import connectivity
from neuroam.errors import FunctionError


@connectivity("one_to_one")
def one_to_one(pre: int, post: int) -> Sparse:
    """Each cell contacts the cell of the same number.

    Parameters
    ----------
    pre, post : int
        Cells on either side.

    Returns
    -------
    Sparse
        The identity, (post, pre).

    Raises
    ------
    FunctionError
        If the two sides differ in size.
    """
    if pre != post:
        raise FunctionError(f"{pre} cells before the synapse but {post} after it", "one to one needs equally many")
    index = np.arange(pre, dtype=np.int64)
    return Sparse((post, pre), np.arange(pre + 1, dtype=np.int64), index, np.ones(pre))
