"""A noisy channel between pattern and cue."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.stimuli import corruption


@corruption("channel")
def channel(
    pattern: Array,
    rng: np.random.Generator,
    *,
    r01: Annotated[float, Field(ge=0, le=1)] = 0.0,
    r10: Annotated[float, Field(ge=0, le=1)] = 0.0,
) -> Array:
    """Flip every unit of a binary pattern on its own, with a probability that depends on its state.

    Parameters
    ----------
    pattern : ndarray
        (N,) in {0, 1}.
    rng : Generator
        One number per unit.
    r01, r10 : float
        Probability that an inactive unit is shown active, and an active one inactive.

    Returns
    -------
    ndarray
        (N,) in {0, 1}.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288: the cue as a binary asymmetric channel.
    """
    flipped = rng.random(pattern.size) < np.where(pattern > 0.5, r10, r01)
    return np.where(flipped, 1.0 - pattern, pattern)
