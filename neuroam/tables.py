"""What does one stored pattern add to a synapse?  Tables of two bits, in centred activity, and how weights covary."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError

Table = Literal["simple_hebb", "covariance", "pre_gated", "post_gated"]
Omega = Table | list[list[float]]

ROUNDING = 1e-12
EQUAL = 1e-9  # weights and what a table makes of their patterns, of the largest weight


class Expansion(NamedTuple):
    """Omega(x, y) = constant + post z_x + pre z_y + joint z_x z_y, z = x - f: c0, alpha, beta and gamma."""

    constant: float
    post: float
    pre: float
    joint: float


def entries(table: Omega, f: float) -> Array:
    """[[Omega(0,0), Omega(0,1)], [Omega(1,0), Omega(1,1)]], post first.

    Parameters
    ----------
    table : str or list
        As of the rule ``additive``.
    f : float
        Coding level.

    Raises
    ------
    FunctionError
        If a table is not 2 x 2.
    """
    if isinstance(table, str):
        post, pre = {"simple_hebb": (0.0, 0.0), "covariance": (f, f), "pre_gated": (f, 0.0), "post_gated": (0.0, f)}[
            table
        ]
        return np.outer([-post, 1.0 - post], [-pre, 1.0 - pre])
    if len(table) != 2 or any(len(row) != 2 for row in table):
        raise FunctionError("a table is 2 x 2", "write [[Omega(0,0), Omega(0,1)], [Omega(1,0), Omega(1,1)]]")
    return np.array(table, dtype=float)


def expansion(table: Omega, f: float) -> Expansion:
    """A table in centred activity; its arguments are those of `entries`.

    Notes
    -----
    Any 2 x 2 table is bilinear in its two bits.
    """
    omega, chance = entries(table, f), np.array([1.0 - f, f])
    sides = np.stack([chance, [-1.0, 1.0]])
    parts = sides @ omega @ sides.T
    parts[np.abs(parts) < ROUNDING * np.abs(omega).max()] = 0.0  # the covariance rule has no alpha, not 1e-17
    (constant, pre), (post, joint) = parts.tolist()
    return Expansion(constant, post, pre, joint)


class Covariances(NamedTuple):
    """Of W_ij with itself, W_ik (same post cell), W_kj (same pre cell), W_ki (chain) and W_ji."""

    variance: float
    same_post: float
    same_pre: float
    chain: float
    reciprocal: float


def weight_covariances(table: Omega, f: float) -> Covariances:
    r"""Covariances of additive weights per stored pattern; pairs without a common cell have none.

    .. math::
        (\alpha^2 + \beta^2) v + \gamma^2 v^2, \quad \alpha^2 v, \quad \beta^2 v, \quad \alpha \beta v, \quad
        2 \alpha \beta v + \gamma^2 v^2, \qquad v = f (1 - f)

    Parameters
    ----------
    table : str or list
        Omega(post, pre), as of the rule ``additive``; alpha, beta and gamma are its `expansion`.
    f : float
        Coding level.

    References
    ----------
    Own derivation, for the task of Savin, Dayan & Lengyel (2013) NIPS 26:288.
    """
    _, alpha, beta, gamma = expansion(table, f)
    v = f * (1.0 - f)
    joint = (gamma * v) ** 2
    return Covariances(
        (alpha**2 + beta**2) * v + joint, alpha**2 * v, beta**2 * v, alpha * beta * v, 2 * alpha * beta * v + joint
    )


def weight_correlations(table: Omega, f: float) -> Covariances:
    """`weight_covariances` over the variance; its first entry is 1.  NaN where weights do not vary."""
    found = weight_covariances(table, f)
    return Covariances(*(part / found.variance if found.variance else math.nan for part in found))


def level_of(patterns: PatternSet) -> float:
    """The coding level that the patterns were drawn with, else their mean."""
    if patterns.coding_level is not None:
        return patterns.coding_level
    return float(patterns.values.mean()) if patterns.values.size else 0.0


def fitted_table(weights: Array, patterns: Array, f: float) -> list[list[float]] | None:
    """The table of additive weights, from the weights; None if they are not additive.

    Parameters
    ----------
    weights : ndarray
        (N, N); the diagonal is not read.
    patterns : ndarray
        (T, N) in {0, 1}.
    f : float
        Coding level.

    Returns
    -------
    list
        [[Omega(0,0), Omega(0,1)], [Omega(1,0), Omega(1,1)]], post first.
    """
    away = ~np.eye(len(weights), dtype=bool)
    z = patterns - f
    popularity = z.sum(axis=0)
    onto, out = np.meshgrid(popularity, popularity, indexing="ij")
    parts = np.stack([np.full(away.sum(), float(len(z))), onto[away], out[away], (z.T @ z)[away]], axis=1)
    terms = np.linalg.lstsq(parts, weights[away], rcond=None)[0]
    if not np.allclose(parts @ terms, weights[away], rtol=0.0, atol=EQUAL * np.abs(weights).max()):
        return None
    constant, post, pre, joint = terms.tolist()
    states = (-f, 1.0 - f)
    return [[constant + post * a + pre * b + joint * a * b for b in states] for a in states]
