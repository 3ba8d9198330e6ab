"""Rows that measure how much of each stored pattern is in a state: the pseudo-inverse of the patterns."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Dense, Sources
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.rules.rows import shifted


@rule("dual_rows", shorthand="of")
def dual_rows(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    lag: int = 0,
    periodic: bool = False,
    cutoff: Annotated[float, Field(gt=0, lt=1)] = 1e-10,
) -> Dense:
    r"""The product with a state S holds the coefficients u of S in the patterns, and no crosstalk between them.

    .. math:: u = (X^T)^+ S = O^+ m, \qquad O = \frac{1}{N} X X^T, \quad m = \frac{1}{N} X S

    Parameters
    ----------
    sources : Sources
        Holds the patterns.
    of : str
        Port whose patterns are the rows of X: +1 and -1 for binary patterns, else the numbers themselves.
    lag, periodic
        As of `rows`: row mu measures pattern mu + lag.
    cutoff : float
        Singular values of X below this share of the largest one count as zero.

    Returns
    -------
    Dense
        (P, N), dimensionless.  No factor of 1/N is left for the projection: u is 1 at the pattern that S is.

    Notes
    -----
    Made from the singular values of X, without the P x P matrix O.  Patterns that are linearly independent (P <= N
    at most) give rows that are 1 on their own pattern and 0 on all others.  Otherwise u are the coefficients with the
    least sum of squares among those whose sum X^T u is as close to S as any: with P > N, u at the pattern that S is
    is below 1 and others are not 0; a pattern that is stored k times has k equal rows, 1/k of the row that it would
    have alone.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.5: generalised
    pseudo-inverse rule.
    """
    return Dense(shifted(np.linalg.pinv(sources.patterns[of].bipolar.T, rtol=cutoff), lag, periodic))
