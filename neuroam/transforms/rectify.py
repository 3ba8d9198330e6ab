"""Nothing below zero."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Array
from neuroam.transforms import step


@step("rectify")
def rectify(values: Array) -> Array:
    """Set negative entries to zero.

    Parameters
    ----------
    values : ndarray
        (P, N).

    Returns
    -------
    ndarray
        (P, N).
    """
    return np.maximum(values, 0.0)
