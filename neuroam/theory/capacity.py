"""How many random patterns can be stored?  Loads K for N units in {-1, +1}."""

from __future__ import annotations

import math
from typing import Literal

from scipy.special import gamma
from scipy.stats import binom, norm

Ties = Literal["lose", "win"]


def double_factorial(n: int) -> float:
    """Double factorial of an odd number from -1 on: 1, 1, 3, 15, 105."""
    return float(math.prod(range(n, 0, -2)))


def _refuse(order: int, size: int) -> None:
    if order < 2 or size < 1:
        raise ValueError(f"the order must be at least 2 and the size at least 1, not {order} and {size}")


def clean_load(size: int, order: int, *, rectified: bool = False, errors: float = 0.005) -> float:
    r"""Load at which one update of a stored pattern makes a given share of its bits wrong.

    .. math:: K = \frac{c\, N^{n-1}}{z^2\, (2n-3)!!}, \qquad z = \Phi^{-1}(1 - \mathrm{errors})

    Parameters
    ----------
    size : int
        N units.
    order : int
        n, the interaction order: F(x) = x^n.
    rectified : bool
        F(x) = max(x, 0)^n: half of the patterns make no noise, so c = 2 instead of 1.
    errors : float
        Share of wrong bits; 0.005 gives z^2 = 6.635.

    Returns
    -------
    float
        K, for units that do not see themselves (leave-one-out).

    References
    ----------
    Krotov & Hopfield (2016) NeurIPS, arXiv 1606.01164; n = 2: Hopfield (1982) PNAS 79:2554, K = 0.15 N.
    """
    _refuse(order, size)
    if not 0.0 < errors < 0.5:
        raise ValueError(f"the share of wrong bits must lie between 0 and 0.5, not at {errors}")
    noise = float(norm.isf(errors)) ** 2 * double_factorial(2 * order - 3)
    return float(2 if rectified else 1) * float(size) ** (order - 1) / noise


def error_free_load(size: int, order: int) -> float:
    r"""Load up to which no bit of a stored pattern is wrong after one update.

    .. math:: K = \frac{N^{n-1}}{2\, (2n-3)!!\, \ln N}

    Parameters
    ----------
    size : int
        N units, at least 2.
    order : int
        n, the interaction order: F(x) = x^n.

    Returns
    -------
    float
        K, for units that do not see themselves.

    References
    ----------
    Krotov & Hopfield (2016) NeurIPS, arXiv 1606.01164.
    """
    _refuse(order, size - 1)
    return float(size) ** (order - 1) / (2.0 * double_factorial(2 * order - 3) * math.log(size))


def freezing_load(size: int, order: int, flips: float, *, rectified: bool = False) -> float:
    r"""Load at which wrong bits of a cue freeze, because the two-body circuit lets every unit see itself.

    .. math:: K = \frac{(1-2p)^{n-1} N^{n/2}}{(n-1)\, m}, \qquad m = E[f'(z)]/(n-1), \; z \sim \mathcal N(0, 1)

    Parameters
    ----------
    size : int
        N units.
    order : int
        n, the interaction order: F(x) = x^n.
    flips : float
        p, the share of wrong bits in the cue, below 1/2.
    rectified : bool
        F(x) = max(x, 0)^n.

    Returns
    -------
    float
        K; infinite for plain odd n, where self-couplings of both signs cancel.

    Notes
    -----
    The hidden unit h_mu contains xi_mu,i g_i, so unit i feeds itself with sum_mu f'(h_mu) > 0 for convex F.  A wrong
    bit keeps its sign once this exceeds the pull ((1-2p) N)^(n-1) of the target.  Error correction then scales as
    N^(n/2), not N^(n-1), although stored patterns themselves stay fixed points.
    """
    _refuse(order, size)
    if not 0.0 <= flips < 0.5:
        raise ValueError(f"the share of flipped bits must lie in [0, 0.5), not at {flips}")
    k = order - 2
    moment = 2.0 ** (k / 2) * float(gamma((k + 1) / 2)) / math.sqrt(math.pi)  # E |z|^k
    mean_slope = moment / 2 if rectified else moment if k % 2 == 0 else 0.0
    if mean_slope == 0.0:
        return math.inf
    return float((1 - 2 * flips) ** (order - 1) * float(size) ** (order / 2) / ((order - 1) * mean_slope))


def nearest_pattern_load(size: int, flips: float, *, ties: Ties = "lose") -> float:
    r"""Load at which the target stops being the stored pattern that is nearest to its cue, in half of the trials.

    .. math:: K = \frac{\ln 2}{P(\mathrm{Binomial}(N, 1/2) \le d)}, \qquad d = pN \text{ or } pN - 1

    Parameters
    ----------
    size : int
        N units.
    flips : float
        p; round(p N) bits of the cue are wrong.
    ties : {"lose", "win"}
        Whether another pattern at the same distance spoils recall (d = pN) or not (d = pN - 1).

    Returns
    -------
    float
        K.  Half-success load of winner-take-all, softmax and exponential hidden units lies between the two; infinite
        where ties win and no bit is wrong.
    """
    _refuse(2, size)
    distance = round(flips * size) - (ties == "win")
    reached = float(binom.cdf(distance, size, 0.5))
    return math.log(2.0) / reached if reached > 0 else math.inf


def binary_entropy(p: float) -> float:
    """H2(p) in bits: 0 at p = 0 and 1, 1 at p = 1/2."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"a probability lies in [0, 1], unlike {p}")
    return -sum(q * math.log2(q) for q in (p, 1.0 - p) if q > 0)


def exponential_limit(size: int, flips: float) -> float:
    r"""Exponent of the load that exponential or softmax hidden units can hold.

    .. math:: \log_2 K = N\,(1 - H_2(p))

    Parameters
    ----------
    size : int
        N units.
    flips : float
        p, the share of wrong bits in the cue.

    Returns
    -------
    float
        log2 K, up to log2 sqrt(N): the leading order of `nearest_pattern_load`.

    References
    ----------
    Demircigil et al. (2017) J Stat Phys 168:288; Lucibello & Mezard (2024) Phys Rev Lett 132:077301.
    """
    return size * (1.0 - binary_entropy(flips))
