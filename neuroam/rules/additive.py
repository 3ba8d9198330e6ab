"""Weights that add up one number per stored pattern."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.tables import Omega, entries, level_of


@rule("additive")
def additive(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    table: Omega = "simple_hebb",
    gain: float = 1.0,
) -> Dense:
    r"""Every stored pattern adds to a synapse what the table says for the states of its two cells.

    .. math:: W_{ij} = g \sum_\mu \Omega(x_i^\mu, x_j^\mu), \qquad W_{ii} = 0

    Parameters
    ----------
    sources : Sources
        Holds the patterns, x in {0, 1}; f is their coding level.
    of : str
        Port with the patterns.
    table : str or list
        Omega(post, pre): ``simple_hebb`` x_i x_j, ``covariance`` (x_i - f)(x_j - f), ``pre_gated`` x_j (x_i - f),
        ``post_gated`` x_i (x_j - f); or the numbers themselves, [[Omega(0,0), Omega(0,1)], [Omega(1,0), Omega(1,1)]].
    gain : float
        g.

    Returns
    -------
    Dense
        (N, N).

    Raises
    ------
    FunctionError
        If the patterns are not binary, or a table is not 2 x 2.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288: additive learning rules.
    """
    patterns = sources.patterns[of]
    if not patterns.binary:
        raise FunctionError(
            f"the patterns of '{of}' are not binary", "an additive table has one entry per pair of bits"
        )
    omega, x = entries(table, level_of(patterns)), patterns.values
    neither, pre, post, both = omega.ravel()
    total = x.sum(axis=0)
    weights = len(x) * neither + (post - neither) * total[:, None] + (pre - neither) * total[None, :]
    weights = weights + (both - post - pre + neither) * (x.T @ x)
    np.fill_diagonal(weights, 0.0)
    return Dense(gain * weights)
