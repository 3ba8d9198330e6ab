"""How often do the other patterns of a sequence make a bit wrong?  The law of their noise in one step."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.stats import binom

from neuroam.circuit import Array

Separation = Callable[[Array], Array]

SMALLEST = 1e-14  # the absolute error of `wrong_bit`
BLUR = 2e-3  # width of the blur in standard deviations of the noise: changes a tail of 6 of these by 0.007 %
LEAST_BLUR = 2e-4  # the same in units of f(1): bounds the number of points where noise is rare but large


def power_separation(order: float, *, rectified: bool = False) -> Separation:
    """The separation function f(x) = x^d; rectified: max(x, 0)^d.

    Parameters
    ----------
    order : float
        d, at least 1; a whole number unless rectified.
    rectified : bool
        Negative overlaps do not count.
    """
    if order < 1 or not (rectified or float(order).is_integer()):
        raise ValueError(f"the order must be a whole number from 1 on, or above 1 and rectified, not {order}")
    if rectified:
        return lambda x: np.maximum(x, 0.0) ** order
    return lambda x: x**order


def exponential_separation(steepness: float) -> Separation:
    """The separation function f(x) = exp(s (x - 1)); s = N - 1 in LSHM.

    Parameters
    ----------
    steepness : float
        s, above zero.
    """
    if not steepness > 0:
        raise ValueError(f"the steepness must be above zero, unlike {steepness}")
    return lambda x: np.exp(steepness * (x - 1.0))


def crosstalk_terms(size: int, separation: Separation, *, self_free: bool = True) -> tuple[Array, Array]:
    """The law of one term of the crosstalk, without its sign and in units of the signal f(1).

    Parameters
    ----------
    size : int
        N units, at least 2.
    separation : callable
        f, of overlaps in [-1, 1]; f(1) is above zero.
    self_free : bool
        No unit counts in the overlap that drives it.

    Returns
    -------
    values : ndarray
        (n,) distinct abs(f(m)) / f(1), rising.
    weights : ndarray
        (n,) their probabilities for the overlap m of two random patterns.
    """
    if size < 2:
        raise ValueError(f"the size must be at least 2, not {size}")
    signal = float(separation(np.ones(1))[0])
    if not (math.isfinite(signal) and signal > 0):
        raise ValueError(f"the separation function must be finite and above zero at overlap 1, not {signal}")
    seen = size - 1 if self_free else size
    same = np.arange(seen + 1)
    # a power is exactly as large at m and -m, so `unique` joins the two
    values, where = np.unique(np.abs(separation((2 * same - seen) / seen)) / signal, return_inverse=True)
    return values, np.bincount(where, binom.pmf(same, seen, 0.5))


def wrong_bit(size: int, count: int, separation: Separation, *, self_free: bool = True) -> float:
    r"""Chance that one bit is wrong after one step from a stored pattern of a sequence to its successor.

    .. math:: p = P[f(1) + C < 0] + \tfrac12 P[f(1) + C = 0], \qquad C = \sum_{\mu=1}^{P-1} \pm f(m^\mu)

    Parameters
    ----------
    size : int
        N units, at least 2.
    count : int
        P, random patterns of -1 and +1 in a periodic sequence.  An open chain has one term less.
    separation : callable
        f, for instance ``power_separation(2)``.
    self_free : bool
        The overlap that drives a unit does not contain the unit itself: m is a mean over N - 1 units.  Otherwise over
        all N, as in a two-layer circuit.

    Returns
    -------
    float
        p, with an absolute error of about 1e-14 and a relative one of about 1e-4.

    Notes
    -----
    Own derivation.  Seen from the wanted bit, term mu has the sign xi_i^(mu+1) xi_i^2 and the overlap of patterns mu
    and 1.  Self-free these are independent, and the law is exact.  With the self-term, m^mu holds xi_i^mu, which is
    also the sign of term mu - 1.  For even f an overlap and its negative count the same, and the law is still exact,
    with N units.  For odd f the chain of signs adds (i E sin(t f(m)))^(P-1), m with xi_i^mu = 1, to the characteristic
    function where P is even: nothing from about P = 10 on.  For other f consecutive terms are uncorrelated and C is
    symmetric, so that its kurtosis is the first to change, by the order of 1/(P N): against the product of 2 x 2
    matrices that is exact there, p is 2 to 7 % too low for rectified powers near capacity at N = 20 to 100.

    A tie is wrong in half of the cases: sgn(0) = +1 is the wanted sign of half of the bits.

    P[C < -x] with halved ties is the sum over (k + 1/2) steps of the characteristic function (E cos(t f(m)))^(P-1)
    [2]_.  A blur that is narrow against C ends the sum, because the law is one of atoms, which do not let it end; it
    keeps the halved ties, as it is symmetric.

    References
    ----------
    .. [1] Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532 (there with Gaussian C).
    .. [2] Gil-Pelaez (1951) Biometrika 38:481; Davies (1973) Biometrika 60:415 for the step.
    """
    return chance_below_zero(crosstalk_terms(size, separation, self_free=self_free), count)


def chance_below_zero(terms: tuple[Array, Array], count: int) -> float:
    """P[1 + C < 0] + P[1 + C = 0] / 2, C the sum of ``count`` - 1 terms of random sign.

    Parameters
    ----------
    terms : tuple of ndarray
        ``values, weights`` of `crosstalk_terms`.
    count : int
        P, at least 1.
    """
    if count < 1:
        raise ValueError(f"the count of patterns must be at least 1, not {count}")
    values, weights = terms
    noise, kept = count - 1, (weights * float(count) > SMALLEST / 100) & (values > 0)
    values, weights = values[kept], weights[kept]
    spread = math.sqrt(noise * float(weights @ values**2))
    if spread == 0.0:
        return 0.0
    blur = max(BLUR * spread, LEAST_BLUR)
    step = 2.0 * math.pi / (1.0 + _reach(values, weights, noise))
    t = step * (np.arange(math.ceil(8.0 / (blur * step))) + 0.5)
    lost = np.zeros_like(t)  # 1 - E cos(t f): its small values matter where there are many patterns
    for value, weight in zip(values, weights, strict=True):
        lost += 2.0 * weight * np.sin(0.5 * value * t) ** 2
    with np.errstate(divide="ignore"):
        log_size = noise * np.log1p(-np.minimum(lost, 2.0 - lost))
    sign = np.where(lost > 1.0, (-1.0) ** (noise % 2), 1.0)
    characteristic = sign * np.exp(log_size - 0.5 * (blur * t) ** 2)
    return max(0.0, 0.5 - float(np.sum(characteristic * np.sin(t) / t)) * step / math.pi)


def _reach(values: Array, weights: Array, noise: int) -> float:
    """What the sum of ``noise`` terms exceeds with a probability below `SMALLEST` / 10, by Chernoff's bound."""
    spread = math.sqrt(noise * float(weights @ values**2))
    theta = np.geomspace(0.1, 1e3, 200) / max(spread, 0.05)
    with np.errstate(over="ignore"):
        grown = np.log1p((2.0 * np.sinh(0.5 * theta[:, None] * values) ** 2) @ weights)  # log E cosh
    most = (noise + 1) * float(values[-1])  # out of reach for sure
    return min(most, float(np.min((math.log(20.0 / SMALLEST) + noise * grown) / theta)))
