"""How long does a sequence stay in each of its patterns?  Laws of slow synapses with different memories."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy.optimize import brentq

from neuroam.circuit import Array

ROUNDS = 2000  # of a ring: each takes its times nearer, by a factor below the product of all y^d


def box_dwell(steps: int, gain: float, order: float = 1.0) -> float:
    r"""Dwell time of a sequence that is driven by the mean of its last states.

    .. math:: T = \min \left\{ k : \lambda \left(\frac{k}{\tau}\right)^d > 1
        + \lambda \left(1 - \frac{k}{\tau}\right)^d \right\}

    Parameters
    ----------
    steps : int
        tau, the length of the box, at least 1.
    gain : float
        lambda of the slow term, above zero.
    order : float
        d of the separation function.

    Returns
    -------
    float
        T in whole steps, at most tau; infinite if lambda is at most 1: then a step never comes.

    Notes
    -----
    Own derivation.  After k steps in a pattern its share of the box is k / tau, and the rest still supports it, being
    the pattern before: slow drive to the successor against fast and slow drive to stay.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 3 and fig. 4A for the network.
    """
    _refuse(steps, gain, order)
    for k in range(1, steps + 1):
        if gain * (k / steps) ** order > 1.0 + gain * (1.0 - k / steps) ** order:
            return float(k)
    return math.inf


def delay_dwell(steps: int, gain: float) -> float:
    """Dwell time of a sequence that is driven by its state ``steps`` ago: steps + 1, whatever the gain.

    Parameters
    ----------
    steps : int
        tau, the delay, at least 0.
    gain : float
        lambda of the slow term, above zero.

    Returns
    -------
    float
        T in steps; infinite if lambda is at most 1.

    Notes
    -----
    Own derivation.  One step more was measured for d = 2 and gains up to 1.1.
    """
    _refuse(steps + 1, gain, 1.0)
    return steps + 1.0 if gain > 1.0 else math.inf


def exponential_dwell(tau: float, gain: float, order: float = 1.0) -> float:
    r"""Dwell time of a sequence that is driven by an exponential trace of its states, with equal gains.

    .. math:: \lambda (1 - y)^d = 1 + \lambda \left[ (1 - y) y \right]^d, \qquad y = e^{-T / \tau}

    Parameters
    ----------
    tau : float
        Time constant of the trace, above zero.
    gain : float
        lambda of the slow term, above zero.
    order : float
        d of the separation function, which follows the trace.

    Returns
    -------
    float
        T in the unit of tau: -tau ln(1 - lambda^(-1/2)) for d = 1; infinite if lambda is at most 1.

    Notes
    -----
    Own derivation: slow drive to the successor against fast drive, and what is left of the slow drive, to stay.
    """
    _refuse(tau, gain, order)
    if gain <= 1.0:
        return math.inf
    # the left side less the right one, over (1 - y)^d, in u = T / tau
    return tau * _crossing(lambda u: gain * math.pow(-math.expm1(-u), order) * -math.expm1(-order * u) - 1.0)


def dwell_times(gains: Sequence[float] | Array, tau: float, order: float = 1.0, *, periodic: bool = False) -> Array:
    r"""Dwell times of a sequence whose steps have different gains: what `gains_for_dwell` turns round.

    .. math::
        \lambda_\mu (1 - y_\mu)^d = 1 + \lambda_{\mu-1} \left[ (1 - y_{\mu-1}) y_\mu \right]^d,
        \qquad y_\mu = e^{-T_\mu / \tau}

    Parameters
    ----------
    gains : sequence of float
        (P,) lambda of the step from each pattern to its successor, above zero.
    tau : float
        Time constant of the trace, above zero.
    order : float
        d.
    periodic : bool
        The last pattern is followed by the first one.

    Returns
    -------
    ndarray
        (P,) T in the unit of tau.  A pattern whose gain is at most 1 is not left: its T is infinite, and so are those
        of an open chain after it.

    Raises
    ------
    ValueError
        If a ring has a gain of at most 1 or does not settle, or a number is not above zero.
    """
    given = [float(gain) for gain in gains]
    _refuse(tau, min(given, default=0.0), order)
    if periodic and min(given) <= 1.0:
        raise ValueError(f"a ring with a gain of {min(given)} stops; all gains must be above 1")
    times = np.full(len(given), np.inf)
    left = 0.0  # lambda (1 - y)^d of the pattern before
    for _ in range(ROUNDS if periodic else 1):
        before = times.copy()
        for mu, gain in enumerate(given):
            if gain <= 1.0:
                break
            u = _crossing(partial(_balance, gain=gain, left=left, order=order))
            times[mu] = tau * u
            left = gain * math.pow(-math.expm1(-u), order)
        if np.allclose(times, before, rtol=1e-12, atol=0.0):
            return times
    if periodic:
        raise ValueError(f"the times of the ring do not settle, gains up to {max(given):.3g} are too high")
    return times


def _balance(u: float, gain: float, left: float, order: float) -> float:
    """Drive to leave less drive to stay at the time u, in units of tau."""
    return gain * math.pow(-math.expm1(-u), order) - 1.0 - left * math.exp(-order * u)


def _crossing(balance: Callable[[float], float]) -> float:
    """Where a rising function that is negative at 0 crosses zero."""
    end = 1.0
    while balance(end) <= 0.0:
        end *= 2.0
    return float(brentq(balance, 0.0, end, xtol=1e-16, rtol=1e-14))


def _refuse(memory: float, gain: float, order: float) -> None:
    if not (memory > 0 and gain > 0 and order > 0):
        raise ValueError(f"memory, gains and order must be above zero, not {memory}, {gain} and {order}")
