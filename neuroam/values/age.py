"""How old is every stored pattern?"""

from __future__ import annotations

import numpy as np

from neuroam.units import ONE
from neuroam.values import value
from neuroam.values.distributions import Drawn


@value("age", per_row=True)
def age(size: int) -> Drawn:
    """How many patterns were stored after each: P - 1, ..., 1, 0.

    Parameters
    ----------
    size : int
        P patterns, stored in their order.

    Returns
    -------
    tuple
        (P,) and its dimension, 1.
    """
    return np.arange(size, dtype=float)[::-1].copy(), ONE
