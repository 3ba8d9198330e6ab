"""Units that are not shown."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.stimuli import corruption


@corruption("mask")
def mask(pattern: Array, rng: np.random.Generator, *, fraction: Annotated[float, Field(ge=0, le=1)]) -> Array:
    """Leave exactly round(fraction N) units uncued: neither the active nor the inactive side gets any drive.

    Parameters
    ----------
    pattern : ndarray
        (N,).
    rng : Generator
        Chooses the units.
    fraction : float
        Share of units that are not shown (NaN in the result).
    """
    hidden = rng.permutation(pattern.size)[: round(fraction * pattern.size)]
    result = pattern.copy()
    result[hidden] = np.nan
    return result
