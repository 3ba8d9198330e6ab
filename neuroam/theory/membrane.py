"""How strongly does a membrane fluctuate?"""

from __future__ import annotations

import math


def membrane_sd(noise: float, tau: float, dt: float) -> float:
    r"""Stationary standard deviation of a free noisy membrane, as exponential Euler steps it.

    For ``tau*dv/dt = -v + noise*sqrt(2*tau)*xi`` with the noise held during each step,

    .. math:: \sigma^2 = \frac{2\tau}{\Delta t} \tanh\frac{\Delta t}{2\tau}\; \mathrm{noise}^2

    Parameters
    ----------
    noise : float
        Standard deviation in continuous time (Ornstein-Uhlenbeck).
    tau, dt : float
        Time constant and step.

    Returns
    -------
    float
        In the unit of ``noise``; too small by (dt/tau)^2/24 of it for short steps.
    """
    half = _half_steps(tau, dt)
    return noise * math.sqrt(math.tanh(half) / half)


def step_sd(noise: float, tau: float, dt: float) -> float:
    r"""Standard deviation of what the noise adds to the membrane in one step.

    .. math:: (1 - e^{-\Delta t/\tau}) \sqrt{2\tau/\Delta t}\; \mathrm{noise}

    Parameters
    ----------
    noise, tau, dt : float
        As of `membrane_sd`.

    Returns
    -------
    float
        In the unit of ``noise``.
    """
    half = _half_steps(tau, dt)
    return -math.expm1(-2 * half) / math.sqrt(half) * noise


def _half_steps(tau: float, dt: float) -> float:
    if tau <= 0 or dt <= 0:
        raise ValueError(f"time constant and step must be above zero, unlike {tau} and {dt}")
    return dt / (2 * tau)
