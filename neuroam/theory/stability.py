"""How fast does a two-layer circuit come to rest, and how long may a step be?"""

from __future__ import annotations

import math


def relaxation_rates(coupling: float, tau_features: float, tau_hidden: float) -> tuple[float, float]:
    r"""Eigenvalues of the two-body dynamics at a fixed point, per eigenvalue of the reduced coupling.

    .. math:: (\lambda \tau_f + 1)(\lambda \tau_h + 1) = s

    Parameters
    ----------
    coupling : float
        s, an eigenvalue of xi^T Hess(L_h) xi Hess(L_v): real and not negative.
    tau_features, tau_hidden : float
        Time constants.

    Returns
    -------
    slow, fast : float
        In 1/time, both real; ``slow`` is negative (the fixed point is stable) exactly if s < 1, and ``fast`` always is.
    """
    _refuse(coupling, tau_features, tau_hidden)
    total, product = tau_features + tau_hidden, tau_features * tau_hidden
    root = math.sqrt((tau_features - tau_hidden) ** 2 + 4 * coupling * product)
    return (root - total) / (2 * product), -(total + root) / (2 * product)


def euler_step_limit(coupling: float, tau_features: float, tau_hidden: float) -> float:
    r"""Longest step with which forward Euler stays at a stable fixed point.

    .. math:: \Delta t < 2 / |\lambda_-| \quad (= 2 \tau / (1 + \sqrt s) \text{ for equal time constants})

    Parameters
    ----------
    coupling, tau_features, tau_hidden : float
        As of `relaxation_rates`, with the largest s.

    Returns
    -------
    float
        In the unit of the time constants.

    Notes
    -----
    Exponential Euler, x <- d + (x - d) exp(-dt/tau) with the drive d of the step, has no such limit.
    """
    return 2.0 / abs(relaxation_rates(coupling, tau_features, tau_hidden)[1])


def _refuse(coupling: float, *taus: float) -> None:
    if coupling < 0 or min(taus) <= 0:
        raise ValueError(f"time constants are above zero and the coupling is not below, unlike {taus}, {coupling}")
