"""How long may a sequence of random patterns be?  Capacities by the exact law of one bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from neuroam.theory.crosstalk import SMALLEST, Separation, chance_below_zero, crosstalk_terms


def transition_capacity(
    size: int, separation: Separation, *, chance_of_error: float = 0.1, self_free: bool = True
) -> float:
    r"""Largest sequence of which one step is right in all bits.

    .. math:: P_T = \max \{P : (1 - p(P))^N \ge 1 - c\}

    Parameters
    ----------
    size : int
        N units, at least 2.
    separation : callable
        f, for instance ``power_separation(2)``.
    chance_of_error : float
        c, between 0 and 1.
    self_free : bool
        See `wrong_bit`, which is p(P).

    Returns
    -------
    float
        P_T of a periodic sequence.  Its whole part is the largest P; the rest comes from linear interpolation of the
        logarithm up to P + 1.  Infinite where chance alone gives 1 - c, 2^-N.

    Notes
    -----
    Bits count as independent, which they are not where failures are coincidences of whole patterns, as with exponential
    hidden units: there use `coincidence_transitions`.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.1 for the definition.
    """
    chance = _chance_of(size, separation, self_free)
    allowed = _allowed(chance_of_error)
    if size * math.log(2.0) <= allowed:
        return math.inf
    return _largest(lambda count: _risk(chance(count), size, allowed), allowed)


def sequence_capacity(
    size: int, separation: Separation, *, chance_of_error: float = 0.5, self_free: bool = True
) -> float:
    r"""Largest sequence of which all steps are right in all bits.

    .. math:: P_S = \max \{P : (1 - p(P))^{N P} \ge 1 - c\}

    Parameters
    ----------
    size, separation, chance_of_error, self_free
        As in `transition_capacity`; half of the sequences by default.

    Returns
    -------
    float
        P_S of a periodic sequence, between whole numbers as in `transition_capacity`.

    Raises
    ------
    ValueError
        If the sequence is so long that p(P) falls below what `wrong_bit` resolves.

    Notes
    -----
    Steps and bits count as independent; see `transition_capacity`.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.1 for the definition.
    """
    chance = _chance_of(size, separation, self_free)
    allowed = _allowed(chance_of_error)
    return _largest(lambda count: _risk(chance(count), size * count, allowed), allowed)


def _allowed(chance_of_error: float) -> float:
    if not 0.0 < chance_of_error < 1.0:
        raise ValueError(f"the chance of an error must lie between 0 and 1, not at {chance_of_error}")
    return -math.log1p(-chance_of_error)


def _chance_of(size: int, separation: Separation, self_free: bool) -> Callable[[int], float]:
    """`wrong_bit` as a function of the count of patterns."""
    return partial(chance_below_zero, crosstalk_terms(size, separation, self_free=self_free))


def _risk(chance: float, bits: int, allowed: float) -> float:
    """The logarithm, negated, of the chance that no bit is wrong."""
    if max(chance, allowed / bits) < 100 * SMALLEST:
        raise ValueError(f"errors of {bits} bits are too rare to be resolved; use a limit of large networks")
    return -bits * math.log1p(-chance)


def _largest(risk: Callable[[int], float], allowed: float) -> float:
    """The count up to which the risk stays within what is allowed, by bisection; a single pattern has none."""
    low, high = 1, 2
    while risk(high) <= allowed:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if risk(middle) <= allowed else (low, middle)
    below, above = risk(low), risk(high)
    return low + (allowed - below) / (above - below)
