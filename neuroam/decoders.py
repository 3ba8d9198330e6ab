r"""How should a cell read synapses that hold other patterns too?  Currents of optimal recall as a circuit.

The log-odds of a unit being active, given the others and all weights, are a sum of what few kinds of synapses carry:

.. math::

    I_i = \frac{1}{c} \Big[ \sum_j S_{ij} x_j - \theta_i + h_i n - \omega \sum_j s_j x_j + p_2 n^2 + p_3 n^3 \Big],
    \qquad S = \frac{W + W^T}{2}, \quad n = \sum_j x_j

Decoders differ in theta, h, omega, s, p and c.  Derivation: an additive weight is
:math:`W_{ij} = T c_0 + \alpha u_i + \beta u_j + \gamma \sum_\mu z_i z_j` (`neuroam.tables`), so that given one pattern
the others are two Gaussian numbers per cell and independent noise per pair of cells, of variance A in S and D in
:math:`(W - W^T)/2`; `neuroam.latents` has the polynomial of degree three in n that follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from neuroam.circuit import Array, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.latents import Spread, two_latent
from neuroam.tables import ROUNDING, Expansion, expansion, level_of

Decoder = Literal["ignoring", "own_strength", "strength_weighted", "plug_in", "second_order"]
ADDITIVE = ("additive", "surrogate")  # the same means and variances
JITTER = 1e-4  # D/A where the antisymmetric part of W would tell the popularity of cells without any noise


@dataclass(frozen=True)
class Stored:
    """Additive weights and what made them: W (N, N), the number of patterns, their coding level, and the table."""

    weights: Array
    count: int
    level: float
    table: Expansion

    @property
    def size(self) -> int:
        return len(self.weights)

    @property
    def others(self) -> int:
        """The patterns beside the wanted one; at least 1, since noise of none would be divided by."""
        return max(self.count - 1, 1)

    @property
    def strength(self) -> Array:
        """Row sums of S, (N,)."""
        return np.asarray(0.5 * (self.weights.sum(axis=1) + self.weights.sum(axis=0)))


@dataclass(frozen=True)
class Terms:
    """The numbers of a decoder: theta, h and s of shape (N,), omega, p_2, p_3 and c.

    ``centred`` is what h leaves to views of the strengths, (N,).
    """

    threshold: Array
    uniform: Array
    strength: Array
    weighted: float
    square: float
    cube: float
    scale: float
    centred: Array | float = 0.0

    @property
    def own(self) -> Array:
        """What takes a cell's own activity out of linear inhibition, (N,)."""
        return self.weighted * self.strength - self.uniform - self.centred


def additive_spread(table: Expansion, f: float, others: int, *, aware: bool, noise: float = 0.0) -> Spread:
    """How additive weights scatter around what one pattern makes them.

    Parameters
    ----------
    table : Expansion
        What a pattern adds.
    f : float
        Coding level.
    others : int
        The number of other patterns, at least 1.
    aware : bool
        With what the synapses of a cell share; else every weight has all of its variance for itself, and W_ij and W_ji
        are one number where the table is symmetric.
    noise : float
        Variance of independent noise of every weight.

    Notes
    -----
    Where a table is not symmetric and nothing is noisy, W - W^T tells popularities exactly: D is 1e-4 A then.
    """
    _, alpha, beta, gamma = table
    v = f * (1.0 - f)
    residual = others * (gamma * v) ** 2
    half = 0.5 * np.array([alpha + beta, alpha - beta])
    if abs(alpha - beta) <= ROUNDING * abs(gamma):
        half[1] = 0.0
    if aware:
        even = residual + 0.5 * noise
        return Spread(even, max(0.5 * noise, JITTER * even), others * v * np.outer(half, half))
    whole = residual + others * (alpha**2 + beta**2) * v + noise
    each = 0.5 * whole if half[1] or noise else whole
    return Spread(each, each, np.zeros((2, 2)))


def stored(sources: Sources, of: str) -> Stored:
    """The additive weights called ``of``.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or has nothing to recall.
    """
    rule, settings = sources.made.get(of, ("", {}))
    if rule not in ADDITIVE:
        raise FunctionError(f"'{of}' is not made by the rule 'additive'", "name a matrix that is")
    patterns, gain = sources.patterns[str(settings["of"])], float(settings.get("gain", 1.0))
    f = level_of(patterns)
    table = Expansion(*(gain * part for part in expansion(settings.get("table", "simple_hebb"), f)))
    if table.joint == 0.0 or not 0.0 < f < 1.0:
        what = f"weights '{of}' say nothing of which units were active together"
        raise FunctionError(
            what, "use patterns of a level between 0 and 1, and a table that depends on both bits at once"
        )
    return Stored(as_array(sources.matrices[of]), patterns.count, f, table)


def terms(found: Stored, decoder: Decoder) -> Terms:
    """The numbers of a decoder by its name.

    Raises
    ------
    FunctionError
        If there are fewer than three cells, for decoders that compare the strengths of cells.
    """
    if found.size < 3 and decoder != "ignoring":
        raise FunctionError(f"the weights join {found.size} cells", "use patterns of three units or more")
    known: dict[str, Callable[[Stored], Terms]] = {
        "ignoring": ignoring,
        "own_strength": own_strength,
        "strength_weighted": strength_weighted,
        "plug_in": plug_in,
        "second_order": second_order,
    }
    return known[decoder](found)


def ignoring(found: Stored) -> Terms:
    """As if every weight had noise of its own; W_ij and W_ji are one number where the table is symmetric."""
    return _gaussian(found, additive_spread(found.table, found.level, found.others, aware=False))


def second_order(found: Stored) -> Terms:
    """With the covariance of all weights."""
    return _gaussian(found, additive_spread(found.table, found.level, found.others, aware=True))


def plug_in(found: Stored) -> Terms:
    r"""With popularities as the strengths s_i of cells show them, so that weights are centred in rows and columns.

    What centres them is not in ``uniform``: it is a view of the same strengths, :math:`-s_i/(N-2)` and
    :math:`+\sum_j s_j/((N-1)(N-2))`, which a circuit may learn.
    """
    size, f, joint = found.size, found.level, found.table.joint
    middle, strength = joint * (0.5 - f), found.strength
    return Terms(
        threshold=np.full(size, middle * (size - 1) * f**2),
        uniform=np.full(size, -middle * (1 - 2 * f)),
        strength=strength,
        weighted=1.0 / (size - 2),
        square=0.0,
        cube=0.0,
        scale=found.others * joint * (f * (1 - f)) ** 2,
        centred=(strength.sum() / (size - 1) - strength) / (size - 2),
    )


def own_strength(found: Stored) -> Terms:
    """The plug-in current where every other cell is as strong as the mean, and as active as the coding level says."""
    whole, strength, size = plug_in(found), found.strength, found.size
    mean = strength.mean()
    own = found.level * (size - 1) / (size - 2) * (strength - mean)
    return replace(
        whole, threshold=whole.threshold + own, uniform=whole.uniform - mean / (size - 1), weighted=0.0, centred=0.0
    )


def strength_weighted(found: Stored) -> Terms:
    """The plug-in current where a cell's own strength meets as many active cells as the coding level says."""
    less, size = own_strength(found), found.size
    return replace(less, uniform=less.uniform + less.strength.mean() / (size - 2), weighted=1.0 / (size - 2))


def _gaussian(found: Stored, spread: Spread) -> Terms:
    """The decoder for a given scatter of the weights."""
    f, (constant, post, pre, joint) = found.level, found.table
    z = np.array([-f, 1.0 - f])
    mean = found.count * constant + post * z[:, None] + pre * z + joint * np.outer(z, z)
    law = two_latent(mean, spread, found.size)
    rows, columns = found.weights.sum(axis=1), found.weights.sum(axis=0)
    scale, weight = 0.5 / law.forward, float(law.pooled.sum())
    known = np.stack([np.ones_like(rows), rows, columns, np.full_like(rows, rows.sum())])
    static, linear, square, cube = scale * law.own.T @ known
    return Terms(
        threshold=-static,
        uniform=linear,
        strength=law.pooled @ np.stack([rows, columns]) / weight if weight else found.strength,
        weighted=-scale * weight,
        square=float(square[0]),
        cube=float(cube[0]),
        scale=scale,
    )
