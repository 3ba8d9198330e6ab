"""The number of a cell."""

from __future__ import annotations

import numpy as np

from neuroam.units import ONE
from neuroam.values import value
from neuroam.values.distributions import Drawn


@value("index", per_cell=True)
def index(size: int) -> Drawn:
    """0, 1, 2, ... over the cells.

    Parameters
    ----------
    size : int
        Number of cells.

    Returns
    -------
    tuple
        (size,) and its dimension, 1.
    """
    return np.arange(size, dtype=float), ONE
