"""Stored patterns as rows of the matrix."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Array, Dense, Sources
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("rows")
def rows(sources: Sources, *, of: Annotated[str, Ref("port")], lag: int = 0, periodic: bool = False) -> Dense:
    """Row mu is pattern mu: +1 and -1 for binary patterns, else the numbers themselves.

    Parameters
    ----------
    sources : Sources
        Holds the patterns.
    of : str
        Port whose patterns are stored.
    lag : int
        Row mu is paired with pattern mu + lag; beyond the last pattern a row is empty (zero).
    periodic : bool
        The last pattern is followed by the first one.

    Returns
    -------
    Dense
        (P, N), dimensionless.

    References
    ----------
    Krotov & Hopfield (2021) ICLR, arXiv 2008.06996, eq. 1: the matrix xi.
    """
    return Dense(shifted(sources.patterns[of].bipolar, lag, periodic))


def shifted(stored: Array, lag: int, periodic: bool) -> Array:
    """Row mu is row mu + lag; beyond the last one it is zero, or all begins again."""
    if periodic:
        return np.roll(stored, -lag, axis=0)
    found = np.zeros_like(stored)
    source = np.arange(len(stored)) + lag
    inside = (source >= 0) & (source < len(stored))
    found[inside] = stored[source[inside]]
    return found
