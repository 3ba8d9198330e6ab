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
    amplitude: float | Annotated[list[float], Field(min_length=1)] = 1.0,
) -> Array:
    """Add plus or minus the amplitude, with equal chance, to exactly round(fraction N) units.

    Parameters
    ----------
    pattern : ndarray
        (N,), levels.
    rng : Generator
        Chooses units, then signs, then sizes.
    fraction : float
        Share of wrong units.
    amplitude : float or list of float
        Size of an error, in levels; of a list, each with equal chance.

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
    sign = np.where(rng.random(wrong.size) < 0.5, -1.0, 1.0)
    result[wrong] += sign * (rng.choice(amplitude, wrong.size) if isinstance(amplitude, list) else amplitude)
    return result
