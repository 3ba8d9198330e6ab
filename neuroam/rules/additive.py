"""Weights that add up one number per stored pattern."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from neuroam.circuit import Array, Dense, PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule

Table = Literal["simple_hebb", "covariance", "pre_gated", "post_gated"]


@rule("additive")
def additive(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    table: Table | list[list[float]] = "simple_hebb",
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
    c0, alpha, beta, gamma = _bilinear(table, level_of(patterns))
    x = patterns.values
    total = x.sum(axis=0)
    weights = len(x) * c0 + alpha * total[:, None] + beta * total[None, :] + gamma * (x.T @ x)
    np.fill_diagonal(weights, 0.0)
    return Dense(gain * weights)


def level_of(patterns: PatternSet) -> float:
    """The coding level that the patterns were drawn with, else their mean."""
    if patterns.coding_level is not None:
        return patterns.coding_level
    return float(patterns.values.mean()) if patterns.values.size else 0.0


def _bilinear(table: Table | list[list[float]], f: float) -> tuple[float, float, float, float]:
    """c0, alpha, beta, gamma with Omega(a, b) = c0 + alpha a + beta b + gamma a b."""
    if isinstance(table, str):
        return {
            "simple_hebb": (0.0, 0.0, 0.0, 1.0),
            "covariance": (f * f, -f, -f, 1.0),
            "pre_gated": (0.0, 0.0, -f, 1.0),
            "post_gated": (0.0, -f, 0.0, 1.0),
        }[table]
    omega: Array = np.array(table, dtype=float) if all(len(row) == 2 for row in table) else np.empty(0)
    if omega.shape != (2, 2):
        raise FunctionError("a table is 2 x 2", "write [[Omega(0,0), Omega(0,1)], [Omega(1,0), Omega(1,1)]]")
    c0 = float(omega[0, 0])
    alpha, beta = float(omega[1, 0]) - c0, float(omega[0, 1]) - c0
    return c0, alpha, beta, float(omega[1, 1]) - c0 - alpha - beta
