"""Additive weights whose noise is not shared: the control for what correlations do."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.tables import Omega, entries, level_of


@rule("surrogate", recalls="kept")
def surrogate(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    table: Omega = "simple_hebb",
    gain: float = 1.0,
    kept: Annotated[int, Field(ge=1)] = 1,
) -> Dense:
    r"""Weights of the rule ``additive`` in which every pair of cells has stored other patterns of its own.

    .. math:: W_{ij} = g \left[ \sum_{\mu=1}^{K} \Omega(x_i^\mu, x_j^\mu) + \sum_{k=1}^{T-K} \Omega(a_{ij}^k, b_{ij}^k)
        \right], \qquad W_{ii} = 0

    with bits a and b drawn for every pair anew, active with probability f.

    Parameters
    ----------
    sources : Sources
        Holds the patterns: T of them, of coding level f.
    rng : Generator
        Draws the bits.
    of, table, gain
        As of ``additive``.
    kept : int
        K, the first patterns of the port, which leave the marks that they do leave.  Only these can be recalled.

    Returns
    -------
    Dense
        (N, N).  Given a kept pattern, every weight has the mean and the variance that it has in ``additive``, up to the
        correlations between the kept ones.  With a symmetric table W_ij = W_ji, otherwise these are independent too.

    Raises
    ------
    FunctionError
        If the patterns are not binary, or there are fewer than are kept.

    Notes
    -----
    The mean of a weight depends on the pattern that is wanted, so that weights without any shared noise are those of
    one target: cue the first pattern in every trial (``show: {pattern: 0}``, or ``trials: 1``) and take more networks.
    More trials with a target each need ``kept: TRIALS``, and share the noise of TRIALS - 1 of T - 1 patterns.
    """
    patterns = sources.patterns[of]
    if not patterns.binary or patterns.count < kept:
        what = f"'{of}' does not hold {kept} binary patterns"
        raise FunctionError(what, "store more patterns of bits, or keep fewer")
    f = level_of(patterns)
    omega = entries(table, f)
    bits = patterns.values[:kept].astype(int)
    own = omega[bits[:, :, None], bits[:, None, :]].sum(axis=0)
    weights = own + _drawn(rng, omega, f, patterns.count - kept, patterns.size)
    np.fill_diagonal(weights, 0.0)
    return Dense(gain * weights)


def _drawn(rng: np.random.Generator, omega: Array, f: float, count: int, size: int) -> Array:
    """What ``count`` patterns leave, (size, size), drawn for every pair of cells on its own."""
    chance = np.outer([1.0 - f, f], [1.0 - f, f]).ravel()
    found = rng.multinomial(count, chance, size=(size, size)) @ omega.ravel()
    if np.allclose(omega, omega.T, rtol=1e-12, atol=0.0):
        upper = np.triu(found, 1)
        return np.asarray(upper + upper.T)
    return np.asarray(found)
