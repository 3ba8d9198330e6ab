"""Every pattern with the same length."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Array
from neuroam.transforms import step


@step("divide_by_length")
def divide_by_length(values: Array) -> Array:
    """Divide every row by its own Euclidean length.

    Parameters
    ----------
    values : ndarray
        (P, N).

    Returns
    -------
    ndarray
        (P, N); each row has length 1.  A row of zeros stays as it is.
    """
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.where(length == 0.0, 1.0, length))
