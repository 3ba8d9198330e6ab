"""What does one stored pattern add to a synapse?  Tables of two bits, and what they are in centred activity."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError

Table = Literal["simple_hebb", "covariance", "pre_gated", "post_gated"]
Omega = Table | list[list[float]]


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
    difference = np.array([-1.0, 1.0])
    return Expansion(
        float(chance @ omega @ chance),
        float(difference @ omega @ chance),
        float(chance @ omega @ difference),
        float(difference @ omega @ difference),
    )


def level_of(patterns: PatternSet) -> float:
    """The coding level that the patterns were drawn with, else their mean."""
    if patterns.coding_level is not None:
        return patterns.coding_level
    return float(patterns.values.mean()) if patterns.values.size else 0.0
