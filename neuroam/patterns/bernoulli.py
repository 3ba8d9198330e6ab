"""Random binary patterns with independent units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.patterns import pattern


@pattern("bernoulli")
def bernoulli(
    rng: np.random.Generator,
    *,
    size: Annotated[int, Field(ge=1, le=1_000_000)],
    count: Annotated[int, Field(ge=0, le=10_000_000)],
    coding_level: Annotated[float, Field(ge=0, le=1)] = 0.5,
) -> PatternSet:
    """Every unit of every pattern is active with the same probability.

    Parameters
    ----------
    rng : Generator
        Drawn row by row: more patterns leave the first ones as they were.
    size, count : int
        N units and P patterns.
    coding_level : float
        Probability a of an active unit; 0.5 gives unbiased +-1 patterns.
    """
    values = (rng.random((count, size)) < coding_level).astype(float)
    return PatternSet("bernoulli", values, binary=True, coding_level=coding_level)
