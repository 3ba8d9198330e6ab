"""Random binary patterns with an exact number of active units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern


@pattern("k_hot")
def k_hot(
    rng: np.random.Generator,
    *,
    size: Annotated[int, Field(ge=1, le=1_000_000)],
    count: Annotated[int, Field(ge=0, le=10_000_000)],
    coding_level: Annotated[float, Field(ge=0, le=1)] | None = None,
    active: Annotated[int, Field(ge=0)] | None = None,
) -> PatternSet:
    """Every pattern has the same number of active units, at random places.

    Parameters
    ----------
    rng : Generator
        Drawn row by row: more patterns leave the first ones as they were.
    size, count : int
        N units and P patterns.
    coding_level : float, optional
        a: round(a N) units are active.
    active : int, optional
        The number of active units itself; one of the two is needed.

    Returns
    -------
    PatternSet
        (P, N) in {0, 1}.

    Raises
    ------
    FunctionError
        If both or none are given, or more units are to be active than there are.
    """
    if (coding_level is None) == (active is None):
        raise FunctionError("say how many units are active, once", "give 'coding_level' or 'active'")
    number = active if active is not None else round((coding_level or 0.0) * size)
    if number > size:
        raise FunctionError(f"{number} of {size} units cannot be active")
    values = np.zeros((count, size))
    for row in values:
        row[rng.permutation(size)[:number]] = 1.0
    return PatternSet("k_hot", values, binary=True, coding_level=number / size)
