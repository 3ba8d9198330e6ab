"""Stimuli that are never quite the same."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.stimuli import corruption


@corruption("jitter")
def jitter(pattern: Array, rng: np.random.Generator, *, sd: Annotated[float, Field(ge=0)]) -> Array:
    """Multiply every unit by a normal number of mean 1, cut off at zero.

    Parameters
    ----------
    pattern : ndarray
        (N,), levels or rates.
    rng : Generator
        Draws one number per unit.
    sd : float
        Standard deviation of the factor.

    Returns
    -------
    ndarray
        (N,).

    References
    ----------
    Responses of olfactory receptor neurons vary from trial to trial in proportion to their size: Hallem & Carlson
    (2006) Cell 125:143, whose standard errors grow with the mean.
    """
    return pattern * np.maximum(1.0 + sd * rng.standard_normal(pattern.size), 0.0)
