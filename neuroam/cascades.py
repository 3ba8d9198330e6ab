"""Binary synapses with hidden depth, which change at random: the chain of one synapse, and of two that share a cell.

A synapse is weak (0) or strong (1), and has a depth from 1 to n.  Storing a pattern potentiates it, depresses it or
leaves it alone, as a table says for the bits of its two cells; see `transition`.  States are numbered weak first, each
by depth.

References
----------
Fusi, Drew & Abbott (2005) Neuron 45:599: the cascade.  Savin, Dayan & Lengyel (2014) PLoS Comput Biol 10:e1003489:
recall from such synapses, gated by the pre or by the post cell.  The moments of pairs are our own derivation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

import numpy as np

from neuroam.circuit import Array
from neuroam.latents import Spread

Gate = Literal["pre_gated", "post_gated", "xor"]
# what a pattern does to a synapse, by the bits (post, pre): 1 potentiates, -1 depresses, 0 leaves alone
TABLES: dict[str, Array] = {
    "pre_gated": np.array([[0, -1], [0, 1]]),
    "post_gated": np.array([[0, 0], [-1, 1]]),
    "xor": np.array([[1, -1], [-1, 1]]),
}

# two synapses that share a cell: the numbers of (post, pre) of both
PAIRS = {
    "same_post": ((0, 1), (0, 2)),
    "same_pre": ((1, 0), (2, 0)),
    "chain": ((0, 1), (2, 0)),
    "reciprocal": ((0, 1), (1, 0)),
}


@dataclass(frozen=True)
class Cascade:
    """Synapses of ``levels`` depths n >= 2, each ``chi`` times as likely to change as the one before, at most 1/2.

    ``level`` is the coding level f of the patterns, strictly between 0 and 1.
    """

    gate: Gate = "pre_gated"
    levels: int = 5
    level: float = 0.5
    chi: float = 0.5

    def __post_init__(self) -> None:
        if self.levels < 2 or not 0 < self.chi <= 0.5 or not 0 < self.level < 1:
            said = f"{self.levels} levels, chi = {self.chi:g} and a coding level of {self.level:g}"
            raise ValueError(f"a cascade has 2 levels or more, 0 < chi <= 1/2 and 0 < f < 1, unlike {said}")


@dataclass(frozen=True)
class Moments:
    """Second moments of weights given the bits of the target, averaged over those bits.

    ``variance`` of one weight; covariances of two that share the post cell, the pre cell, a cell that is post to one
    and pre to the other (``chain``), or both cells (``reciprocal``).
    """

    variance: float
    same_post: float
    same_pre: float
    chain: float
    reciprocal: float


def chances(levels: int, chi: float) -> tuple[Array, Array]:
    """Probabilities to flip and to deepen, by depth.

    Returns
    -------
    flip, deepen : ndarray
        (n,): chi^(k-1), of the last chi^(n-1)/(1-chi); and chi^k/(1-chi), of the last 0.
    """
    flip = chi ** np.arange(levels, dtype=float)
    flip[-1] /= 1.0 - chi
    deepen = chi ** np.arange(1.0, levels + 1.0) / (1.0 - chi)
    deepen[-1] = 0.0
    return flip, deepen


def transition(sign: int, levels: int, chi: float) -> Array:
    """Column-stochastic matrix of one event: potentiation (1), depression (-1), or nothing (0).

    A synapse of the other efficacy flips, to depth 1; one that has the wanted efficacy already goes one deeper.

    Returns
    -------
    ndarray
        (2n, 2n), to and from; weak states first.
    """
    if sign == 0:
        return np.eye(2 * levels)
    flip, deepen = chances(levels, chi)
    changed, kept = (np.arange(levels), levels + np.arange(levels))[:: 1 if sign > 0 else -1]
    made = np.zeros((2 * levels, 2 * levels))
    made[changed, changed] = 1.0 - flip
    made[kept[0], changed] = flip
    made[kept, kept] = 1.0 - deepen
    made[kept[1:], kept[:-1]] = deepen[:-1]
    return made


def steps(cascade: Cascade) -> Array:
    """The matrices of one stored pattern by the bits of the post and the pre cell, (2, 2, 2n, 2n)."""
    of_sign = {sign: transition(sign, cascade.levels, cascade.chi) for sign in (-1, 0, 1)}
    return np.array([[of_sign[int(sign)] for sign in row] for row in TABLES[cascade.gate]])


def stationary(mean: Array) -> Array:
    """The distribution that a column-stochastic matrix leaves as it is; there is one only."""
    size = len(mean)
    equations = mean - np.eye(size)
    equations[-1] = 1.0  # one of them follows from the others
    return np.linalg.solve(equations, np.eye(size)[-1])


def strong(cascade: Cascade) -> Array:
    """The readout of the states: 1 for strong ones, (2n,)."""
    return np.repeat([0.0, 1.0], cascade.levels)


@lru_cache(maxsize=1024)
def means(cascade: Cascade, age: int) -> Array:
    """Chance that a synapse is strong, given the bits of the target.

    Parameters
    ----------
    cascade : Cascade
        The synapses.
    age : int
        Patterns stored since the target.

    Returns
    -------
    ndarray
        (2, 2): mu_t(a, b) with a the bit of the post and b of the pre cell.
    """
    each = steps(cascade)
    chance = _chance(cascade)
    mean = np.einsum("a,b,abij->ij", chance, chance, each)
    seen = _seen(strong(cascade), mean, age)
    return np.asarray(np.einsum("i,abij,j->ab", seen, each, stationary(mean)))


@lru_cache(maxsize=1024)
def moments(cascade: Cascade, age: int) -> Moments:
    """Variance and covariances of the weights; parameters as of `means`.

    Notes
    -----
    Two synapses that share a cell form one chain on (2n)^2 states, whose matrix is the mean of the Kronecker product
    over the bits of the cells concerned.
    """
    mu, chance = means(cascade, age), _chance(cascade)
    shared = {name: _covariance(cascade, age, *pair) for name, pair in PAIRS.items()}
    return Moments(float(chance @ (mu * (1.0 - mu)) @ chance), **shared)


def spread(cascade: Cascade, age: int) -> Spread:
    """How weights scatter, in the model of two hidden numbers per cell; parameters as of `means`."""
    of = moments(cascade, age)
    alone, mutual = of.variance - of.same_post - of.same_pre, of.reciprocal - 2.0 * of.chain
    both, contrast = of.same_post + of.same_pre, of.same_post - of.same_pre
    shared = np.array([[both + 2.0 * of.chain, contrast], [contrast, both - 2.0 * of.chain]]) / 4.0
    return Spread((alone + mutual) / 2.0, (alone - mutual) / 2.0, shared)


def _covariance(cascade: Cascade, age: int, first: tuple[int, int], second: tuple[int, int]) -> float:
    """Of two synapses, each given by the numbers of its post and its pre cell."""
    mu, (joint, settings) = means(cascade, age), _stored(cascade, first, second)
    seen = _seen(np.outer(strong(cascade), strong(cascade)).ravel(), joint, age)
    return sum(p * float(seen @ after - mu[one] * mu[other]) for p, one, other, after in settings)


Bits = tuple[int, int]  # of the post and of the pre cell


@lru_cache(maxsize=64)
def _stored(
    cascade: Cascade, first: tuple[int, int], second: tuple[int, int]
) -> tuple[Array, list[tuple[float, Bits, Bits, Array]]]:
    """The mean step of two synapses; and for all bits of their cells how likely those are, and the states after."""
    chance, each = _chance(cascade), steps(cascade)
    settings = [
        (float(np.prod(chance[list(bits)])), (bits[first[0]], bits[first[1]]), (bits[second[0]], bits[second[1]]))
        for bits in product((0, 1), repeat=1 + max(*first, *second))
    ]
    joint = np.array([p * np.kron(each[one], each[other]) for p, one, other in settings]).sum(axis=0)
    before = stationary(joint).reshape(2 * cascade.levels, 2 * cascade.levels)
    after = [(each[one] @ before @ each[other].T).ravel() for _, one, other in settings]
    return joint, [(*setting, states) for setting, states in zip(settings, after, strict=True)]


def _seen(readout: Array, mean: Array, age: int) -> Array:
    """What a readout of states is worth that many steps earlier."""
    for _ in range(age):
        readout = readout @ mean
    return readout


def _chance(cascade: Cascade) -> Array:
    return np.array([1.0 - cascade.level, cascade.level])
