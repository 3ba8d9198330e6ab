"""Random binary patterns that change little from one to the next."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.patterns import pattern


@pattern("correlated")
def correlated(
    rng: np.random.Generator,
    *,
    size: Annotated[int, Field(ge=1, le=1_000_000)],
    count: Annotated[int, Field(ge=0, le=10_000_000)],
    correlation: Annotated[float, Field(ge=0, lt=1)],
    coding_level: Annotated[float, Field(ge=0, le=1)] = 0.5,
) -> PatternSet:
    r"""A sequence in which every unit keeps its value with some probability, and is drawn anew otherwise.

    .. math::

        P(\xi_i^{\mu+1} = \xi_i^\mu) = \rho + (1 - \rho) \left[ a^2 + (1 - a)^2 \right]

    Parameters
    ----------
    rng : Generator
        Drawn row by row: more patterns leave the first ones as they were.
    size, count : int
        N units and P patterns.
    correlation : float
        rho, of a unit with itself one pattern later; n patterns later it is rho^n.
    coding_level : float
        Probability a of an active unit, the same in every pattern.

    Returns
    -------
    PatternSet
        (P, N) in {0, 1}.

    Notes
    -----
    In +-1 units <xi^mu xi^(mu+1)> = rho + (1 - rho) (1 - 2 a)^2: rho itself if a = 0.5.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, fig. 3B.
    """
    values = np.zeros((count, size))
    for mu, row in enumerate(values):
        fresh, kept = rng.random((2, size))
        row[:] = fresh < coding_level
        if mu:
            np.copyto(row, values[mu - 1], where=kept < correlation)
    return PatternSet("correlated", values, binary=True, coding_level=coding_level)
