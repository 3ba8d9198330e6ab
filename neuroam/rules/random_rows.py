"""Random codes, one per stored pattern."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Dense, Sources
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("random_rows")
def random_rows(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    size: Annotated[int, Field(ge=1)],
    gain: float = 1.0,
) -> Dense:
    """Row mu is a random +-1 code that stands for pattern mu in an inner layer.

    Parameters
    ----------
    sources : Sources
        Says how many patterns there are.
    rng : Generator
        Stream of this matrix.
    of : str
        Port whose patterns are coded.
    size : int
        Cells of the inner layer.
    gain : float
        Every entry is +gain or -gain.

    Returns
    -------
    Dense
        (P, size).
    """
    count = sources.patterns[of].count
    return Dense(gain * np.where(rng.random((count, size)) < 0.5, 1.0, -1.0))
