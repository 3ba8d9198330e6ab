"""Missing units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.stimuli import corruption


@corruption("drop")
def drop(pattern: Array, rng: np.random.Generator, *, fraction: Annotated[float, Field(ge=0, le=1)]) -> Array:
    """Set exactly round(fraction K) of the K active units to zero.

    Parameters
    ----------
    pattern : ndarray
        (N,); a unit is active if it is above zero.
    rng : Generator
        Chooses the units.
    fraction : float
        Share of the active units that are missing.

    Returns
    -------
    ndarray
        (N,).
    """
    active = np.flatnonzero(pattern > 0)
    missing = rng.permutation(active)[: round(fraction * active.size)]
    result = pattern.copy()
    result[missing] = 0.0
    return result
