"""Wrong units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.stimuli import corruption


@corruption("flip")
def flip(pattern: Array, rng: np.random.Generator, *, fraction: Annotated[float, Field(ge=0, le=1)]) -> Array:
    """Invert exactly round(fraction N) units of a binary pattern.

    Parameters
    ----------
    pattern : ndarray
        (N,) in {0, 1}.
    rng : Generator
        Chooses the units.
    fraction : float
        Share of wrong units.
    """
    wrong = rng.permutation(pattern.size)[: round(fraction * pattern.size)]
    result = pattern.copy()
    result[wrong] = 1.0 - result[wrong]
    return result
