"""Dense random projections: what a computer hashes with."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("random_projections")
def random_projections(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    count: Annotated[int, Field(ge=1, le=100_000)],
) -> Dense:
    """Every entry is normally distributed: locality-sensitive hashing, the control of sparse expansion.

    Parameters
    ----------
    sources : Sources
        Says how many units the patterns have.
    rng : Generator
        Draws row by row.
    of : str
        Port of the patterns.
    count : int
        Rows.

    Returns
    -------
    Dense
        (count, N), mean 0 and variance 1.

    Raises
    ------
    FunctionError
        If there are no patterns.

    References
    ----------
    Datar, Immorlica, Indyk & Mirrokni (2004) SoCG 20:253.
    """
    if of not in sources.patterns:
        raise FunctionError(f"there are no patterns '{of}'")
    return Dense(rng.standard_normal((count, sources.patterns[of].size)))
