r"""How should a cell read synapses that hold other patterns too?  Currents of optimal recall as a circuit.

The log-odds of a unit being active, given the others and all weights, are a sum of what few kinds of synapses carry:

.. math::

    I_i = \frac{1}{c} \Big[ \sum_j S_{ij} x_j - \theta_i + h_i n - \omega \sum_j s_j x_j + p_2 n^2 + p_3 n^3 \Big],
    \qquad S = \frac{W + W^T}{2}, \quad n = \sum_j x_j

Decoders differ in theta, h, omega, s, p and c.  Derivation: an additive weight is
:math:`W_{ij} = T c_0 + \alpha u_i + \beta u_j + \gamma \sum_\mu z_i z_j` (`neuroam.tables`), so that given one pattern
the others are two Gaussian numbers per cell and independent noise per pair of cells, of variance A in S and D in
:math:`(W - W^T)/2`; completing the square in the numbers of the cells gives a polynomial of degree three in n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.polynomial import Polynomial

from neuroam.circuit import Array, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.tables import Expansion, expansion, level_of

Decoder = Literal["ignoring", "own_strength", "strength_weighted", "plug_in", "second_order"]
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
    def variance(self) -> float:
        """Of one bit: v = f (1 - f)."""
        return self.level * (1.0 - self.level)

    @property
    def others(self) -> int:
        """The patterns beside the wanted one; at least 1, since noise of none would be divided by."""
        return max(self.count - 1, 1)

    @property
    def halves(self) -> tuple[float, float]:
        """What one popularity adds to S and to (W - W^T)/2 on the side of its cell."""
        post, pre = self.table.post, self.table.pre
        odd = 0.0 if abs(post - pre) <= 1e-12 * abs(self.table.joint) else 0.5 * (post - pre)
        return 0.5 * (post + pre), odd

    @property
    def residual(self) -> float:
        """Variance of a weight without what all synapses of a cell share: (T - 1) gamma^2 v^2."""
        return self.others * (self.table.joint * self.variance) ** 2

    @property
    def total(self) -> float:
        """Variance of a weight given one pattern."""
        return self.residual + self.others * (self.table.post**2 + self.table.pre**2) * self.variance

    @property
    def strengths(self) -> tuple[Array, Array]:
        """Row sums of S and of (W - W^T)/2, (N,)."""
        onto, out = self.weights.sum(axis=1), self.weights.sum(axis=0)
        return 0.5 * (onto + out), 0.5 * (onto - out)


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


def stored(sources: Sources, of: str) -> Stored:
    """The additive weights called ``of``.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or has nothing to recall.
    """
    rule, settings = sources.made.get(of, ("", {}))
    if rule != "additive":
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
    """The numbers of a decoder by its name."""
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
    symmetric = found.halves[1] == 0.0
    noise = found.total if symmetric else 0.5 * found.total
    return _gaussian(found, noise, noise, shared=0.0)


def second_order(found: Stored) -> Terms:
    """With the covariance of all weights."""
    return _gaussian(found, found.residual, JITTER * found.residual, found.others * found.variance)


def plug_in(found: Stored) -> Terms:
    r"""With popularities as the strengths s_i of cells show them, so that weights are centred in rows and columns.

    What centres them is not in ``uniform``: it is a view of the same strengths, :math:`-s_i/(N-2)` and
    :math:`+\sum_j s_j/((N-1)(N-2))`, which a circuit may learn.
    """
    size, f, joint = found.size, found.level, found.table.joint
    middle, strength = joint * (0.5 - f), found.strengths[0]
    return Terms(
        threshold=np.full(size, middle * (size - 1) * f**2),
        uniform=np.full(size, -middle * (1 - 2 * f)),
        strength=strength,
        weighted=1.0 / (size - 2),
        square=0.0,
        cube=0.0,
        scale=found.residual / joint,
        centred=(strength.sum() / (size - 1) - strength) / (size - 2),
    )


def own_strength(found: Stored) -> Terms:
    """The plug-in current where every other cell is as strong as the mean, and as active as the coding level says."""
    whole, strength, size = plug_in(found), found.strengths[0], found.size
    mean = strength.mean()
    own = found.level * (size - 1) / (size - 2) * (strength - mean)
    return replace(
        whole, threshold=whole.threshold + own, uniform=whole.uniform - mean / (size - 1), weighted=0.0, centred=0.0
    )


def strength_weighted(found: Stored) -> Terms:
    """The plug-in current where a cell's own strength meets as many active cells as the coding level says."""
    less, size = own_strength(found), found.size
    return replace(less, uniform=less.uniform + less.strength.mean() / (size - 2), weighted=1.0 / (size - 2))


def _gaussian(found: Stored, noise: float, odd_noise: float, shared: float) -> Terms:
    """The decoder for independent noise of given variances A and D, and popularities of variance ``shared``."""
    size, f, joint = found.size, found.level, found.table.joint
    even, odd = found.halves
    ratio = noise / odd_noise
    strength, odd_strength = found.strengths
    pull = even * strength + ratio * odd * odd_strength  # what speaks for a cell's popularity
    weight = shared / noise
    single = weight / (1 + weight * ((size - 2) * even**2 + ratio * size * odd**2))
    whole = weight / (1 + weight * (2 * size - 2) * even**2)
    base, first = even * (even - joint * f) - ratio * odd**2, even * joint
    slope = even * (even - joint * f) * (size - 1) + ratio * odd**2 * (size - 1)
    static = (even - joint * f) * strength + ratio * odd * odd_strength
    static = static - single * (pull * slope + base * (pull.sum() - pull))
    expected = [float(part) for part in _expected(found, ratio, single, whole).coef.real]
    constant, linear, square, cube = [*expected, 0.0, 0.0, 0.0][:4]
    return Terms(
        threshold=-(static + constant) / joint,
        uniform=(linear - single * pull * first) / joint,
        strength=pull / even if even else strength,
        weighted=single * even**2,
        square=square / joint,
        cube=cube / joint,
        scale=noise / joint,
    )


def _expected(found: Stored, ratio: float, single: float, whole: float) -> Polynomial:
    """What the weights would give on their own if they were as expected: a polynomial in n, taken off the current."""
    size, f, (c0, _, _, joint) = found.size, found.level, found.table
    even, odd = found.halves
    n, others = Polynomial([0.0, 1.0]), found.size - 1
    rest = others - n

    def mean(x: float, y: float) -> float:  # of S between two cells
        return found.count * c0 + even * (x + y - 2 * f) + joint * (x - f) * (y - f)

    def step(x: float) -> float:  # how much it grows with the unit in question
        return even + joint * (x - f)

    def seen(x: float) -> Polynomial:  # expected pull of another cell
        of_even = mean(0.5, x) + (size - 2) * mean(x, 0) + (mean(x, 1) - mean(x, 0)) * (n - x)
        return even * of_even + ratio * odd**2 * (size * x - 0.5 - n)

    def gain(x: float) -> float:
        return even * step(x) - ratio * odd**2

    steps = rest * step(0) + n * step(1)
    own = rest * mean(0.5, 0) + n * mean(0.5, 1)
    half = ratio * odd**2 * (0.5 * others - n)
    pairs = n * (n - 1) * mean(1, 1) + 2 * n * rest * mean(1, 0) + rest * (rest - 1) * mean(0, 0)
    direct = rest * (step(0) * mean(0.5, 0)) + n * (step(1) * mean(0.5, 1)) + half
    total = float(found.weights.sum()) - 2 * own - pairs
    popular = (even * own + half) * (even * steps + ratio * odd**2 * others)
    popular = popular + rest * gain(0) * seen(0) + n * gain(1) * seen(1)
    return single * popular - direct + (2 * even**2 / size) * (single - whole) * total * steps
