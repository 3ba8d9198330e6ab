"""How fast does a leaky integrate-and-fire cell fire?  f-I curves of ``tau*dv/dt = drive - v``."""

from __future__ import annotations

import math

from scipy.integrate import quad
from scipy.special import erfcx


def constant_drive_rate(
    drive: float, *, tau: float, threshold: float, reset: float = 0.0, refractory: float = 0.0
) -> float:
    r"""Firing rate without noise, in continuous time.

    .. math:: 1/r = t_{ref} + \tau \ln\frac{I - V_{reset}}{I - V_{threshold}}

    Parameters
    ----------
    drive : float
        I, where the membrane would come to rest.
    tau, refractory : float
        Time constant and refractory time, in seconds.
    threshold, reset : float
        In the unit of ``drive``.

    Returns
    -------
    float
        Hz; 0 if the drive does not exceed the threshold.

    References
    ----------
    Lapicque (1907) J Physiol Pathol Gen 9:620; Gerstner et al. (2014) Neuronal Dynamics, section 5.3.
    """
    _refuse(tau, threshold, reset, refractory)
    if drive <= threshold:
        return 0.0
    return 1.0 / (refractory + tau * math.log((drive - reset) / (drive - threshold)))


def steps_between_spikes(
    drive: float, *, tau: float, dt: float, threshold: float, reset: float = 0.0, refractory: int = 0
) -> int:
    r"""Steps between two spikes without noise, on the grid of a simulation.

    Exponential Euler is exact under constant drive, so the membrane is above threshold after

    .. math:: k = \left\lfloor \frac{\tau}{\Delta t} \ln\frac{I - V_{reset}}{I - V_{threshold}} \right\rfloor + 1

    moves.  Of the refractory steps the membrane rests in all but the last.

    Parameters
    ----------
    drive, tau, threshold, reset : float
        As of `constant_drive_rate`.
    dt : float
        Step, in seconds.
    refractory : int
        Refractory time in steps.

    Returns
    -------
    int
        Steps from one spike to the next; 0 if the cell does not fire.
    """
    _refuse(tau, threshold, reset, refractory)
    if drive <= threshold:
        return 0
    moves = math.floor(tau / dt * math.log((drive - reset) / (drive - threshold))) + 1
    return moves + max(refractory - 1, 0)


def noisy_drive_rate(
    drive: float, noise: float, *, tau: float, threshold: float, reset: float = 0.0, refractory: float = 0.0
) -> float:
    r"""Firing rate with white noise (Siegert formula), in continuous time.

    .. math:: 1/r = t_{ref} + \tau\sqrt\pi \int_{(V_{reset}-I)/\sqrt2\sigma}^{(V_{threshold}-I)/\sqrt2\sigma}
              e^{u^2} (1 + \mathrm{erf}\, u)\, du

    Parameters
    ----------
    drive : float
        I, the mean of the free membrane.
    noise : float
        sigma, the standard deviation of the free membrane, in the unit of ``drive``.
    tau, threshold, reset, refractory
        As of `constant_drive_rate`.

    Returns
    -------
    float
        Hz.

    Notes
    -----
    A simulation that looks at the membrane once per step misses crossings in between, as if the threshold were
    0.5826 noise sqrt(2 dt/tau) higher [1]_.

    References
    ----------
    Siegert (1951) Phys Rev 81:617; Amit & Brunel (1997) Network 8:373, eq. 3.4.

    .. [1] Broadie, Glasserman & Kou (1997) A continuity correction for discrete barrier options. Math Finance 7:325.
    """
    _refuse(tau, threshold, reset, refractory)
    if noise <= 0:
        return constant_drive_rate(drive, tau=tau, threshold=threshold, reset=reset, refractory=refractory)
    lower, upper = ((level - drive) / (math.sqrt(2.0) * noise) for level in (reset, threshold))
    if upper > 25:  # the waiting time exceeds e^600 time constants
        return 0.0
    area = float(quad(_integrand, lower, upper, limit=200)[0])
    return 1.0 / (refractory + tau * math.sqrt(math.pi) * area)


def _integrand(u: float) -> float:
    """exp(u^2) (1 + erf u), without cancellation far below zero."""
    return float(erfcx(-u))


def _refuse(tau: float, threshold: float, reset: float, refractory: float) -> None:
    if tau <= 0 or refractory < 0 or threshold <= reset:
        raise ValueError("tau must be above zero, the refractory time not below, and the threshold above the reset")
