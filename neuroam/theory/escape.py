"""How often does noise carry a cell over the barrier between two levels?"""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Array


def escape_rate(barrier: float, feedback: float | Array, diffusion: float | Array, tau: float) -> Array:
    r"""Kramers' rate, in Hz, at which a multistable cell leaves its level in the direction of the feedback.

    .. math::
        k = \frac{\sqrt{b^2 - g^2}}{\tau} \exp\left( -\frac{\sqrt{b^2 - g^2} - |g| \arccos(|g|/b)}{\pi D} \right)

    for :math:`\tau \dot z = -b \sin(2 \pi z) - g + \sqrt{2 D \tau}\,\xi`: the curvatures at the bottom and at the top
    are both :math:`2 \pi \sqrt{b^2 - g^2}`, and the height between them is the bracket over :math:`\pi`.

    Parameters
    ----------
    barrier : float
        b, above zero.
    feedback : float or ndarray
        g; at or beyond the barrier there is nothing to escape from, and the rate is infinite.
    diffusion : float or ndarray
        D; without noise nothing escapes.
    tau : float
        Time constant, in seconds.

    Returns
    -------
    ndarray
        Escapes per second; good where the height is several times D.

    References
    ----------
    Kramers (1940) Physica 7:284.
    """
    g, noise = np.broadcast_arrays(np.abs(np.asarray(feedback, dtype=float)), np.asarray(diffusion, dtype=float))
    below = g < barrier
    root = np.sqrt(np.where(below, barrier**2 - g**2, 0.0))
    height = (root - g * np.arccos(np.minimum(g / barrier, 1.0))) / np.pi
    with np.errstate(divide="ignore"):
        rate = root / tau * np.exp(-np.where(noise > 0, height / np.where(noise > 0, noise, 1.0), np.inf))
    return np.where(below, rate, np.inf)
