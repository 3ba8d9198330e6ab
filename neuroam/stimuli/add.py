"""Wrong levels."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.stimuli import corruption


@corruption("add")
def add(
    pattern: Array,
    rng: np.random.Generator,
    *,
    fraction: Annotated[float, Field(ge=0, le=1)],
    amplitude: float = 1.0,
) -> Array:
    """Add plus or minus the amplitude, with equal chance, to exactly round(fraction N) units.

    Parameters
    ----------
    pattern : ndarray
        (N,), levels.
    rng : Generator
        Chooses units, then signs.
    fraction : float
        Share of wrong units.
    amplitude : float
        Size of an error, in levels.

    Returns
    -------
    ndarray
        (N,).

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682: external errors, here without replacement.
    """
    wrong = rng.permutation(pattern.size)[: round(fraction * pattern.size)]
    result = pattern.copy()
    result[wrong] += amplitude * np.where(rng.random(wrong.size) < 0.5, -1.0, 1.0)
    return result
