"""Every pattern with the same mean."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Array
from neuroam.transforms import step


@step("divide_by_mean")
def divide_by_mean(values: Array) -> Array:
    """Divide every row by its own mean, as the antennal lobe does with the overall strength of an odour.

    Parameters
    ----------
    values : ndarray
        (P, N).

    Returns
    -------
    ndarray
        (P, N); each row has mean 1.  A row whose mean is 0 stays as it is.

    References
    ----------
    Dasgupta, Stevens & Navlakha (2017) Science 358:793.
    """
    mean = values.mean(axis=1, keepdims=True)
    return np.asarray(values / np.where(mean == 0.0, 1.0, mean))
