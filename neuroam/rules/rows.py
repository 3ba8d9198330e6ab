"""Stored patterns as rows of the matrix."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("rows")
def rows(sources: Sources, *, of: Annotated[str, Ref("port")], lag: int = 0) -> Dense:
    """Row mu is pattern mu: +1 and -1 for binary patterns, else the numbers themselves.

    Parameters
    ----------
    sources : Sources
        Holds the patterns.
    of : str
        Port whose patterns are stored.
    lag : int
        Row mu is paired with pattern mu + lag; beyond the last pattern a row is empty (zero).

    Returns
    -------
    Dense
        (P, N), dimensionless.

    References
    ----------
    Krotov & Hopfield (2021) ICLR, arXiv 2008.06996, eq. 1: the matrix xi.
    """
    stored = sources.patterns[of].bipolar
    if lag == 0:
        return Dense(stored)
    shifted = np.zeros_like(stored)
    source = np.arange(len(stored)) + lag
    inside = (source >= 0) & (source < len(stored))
    shifted[inside] = stored[source[inside]]
    return Dense(shifted)
