"""Random binary patterns with independent units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern

DRAWS = 100  # per pattern on average, before distinct ones are given up


@pattern("bernoulli")
def bernoulli(
    rng: np.random.Generator,
    *,
    size: Annotated[int, Field(ge=1, le=1_000_000)],
    count: Annotated[int, Field(ge=0, le=10_000_000)],
    coding_level: Annotated[float, Field(ge=0, le=1)] = 0.5,
    distinct: bool = False,
) -> PatternSet:
    """Every unit of every pattern is active with the same probability.

    Parameters
    ----------
    rng : Generator
        Drawn row by row: more patterns leave the first ones as they were.
    size, count : int
        N units and P patterns.
    coding_level : float
        Probability a of an active unit; 0.5 gives unbiased +-1 patterns, and (1 + eps)/2 those with a mean of eps.
    distinct : bool
        No pattern occurs twice: one that was there before is drawn again.

    Returns
    -------
    PatternSet
        (P, N) in {0, 1}.

    Raises
    ------
    FunctionError
        If there are not so many distinct patterns, or some are too rare to be found.
    """
    values = _distinct(rng, size, count, coding_level) if distinct else rng.random((count, size)) < coding_level
    return PatternSet("bernoulli", values.astype(float), binary=True, coding_level=coding_level)


def _distinct(rng: np.random.Generator, size: int, count: int, coding_level: float) -> NDArray[np.bool_]:
    """The first ``count`` rows of the stream that differ from all before, (count, size)."""
    possible = 2**size if 0 < coding_level < 1 else 1
    if count > possible:
        what = f"there are {possible} distinct patterns of {size} units at a coding level of {coding_level:g}"
        raise FunctionError(f"{what}, not {count}", "ask for fewer patterns or more units")
    values = np.empty((count, size), dtype=bool)
    seen: set[bytes] = set()
    for _ in range(DRAWS * count):
        if len(seen) == count:
            break
        row = rng.random(size) < coding_level
        values[len(seen)] = row
        seen.add(np.packbits(row).tobytes())
    if len(seen) < count:
        what = f"only {len(seen)} distinct patterns in {DRAWS * count} draws at a coding level of {coding_level:g}"
        raise FunctionError(what, "ask for fewer patterns, more units, or a coding level nearer to 0.5")
    return values
