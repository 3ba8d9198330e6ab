"""When do clusters of constraints correct all errors?  Density evolution, and one step of one cluster."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from neuroam.circuit import Array

SMALL, DIED_OUT, ROUNDS = 1e-9, 1e-4, 20_000


def remaining_errors(eps: float, corrected: Sequence[float], cluster: int, degree: int, retries: int = 1) -> float:
    r"""The share of wrong units that density evolution ends with.

    .. math::
        z_{t+1} = \epsilon \left(1 - q(z_t)\right)^{\lambda}, \qquad
        q(z) = \sum_{e \ge 1} P_c(e) \binom{n_l - 1}{e - 1} z^{e-1} (1 - z)^{n_l - e}

    Parameters
    ----------
    eps : float
        Share of wrong units at the start.
    corrected : sequence of float
        P_c(1), P_c(2), ...: the probability that one visit repairs a cluster with so many errors; zero for more.
    cluster : int
        Units per cluster, n_l.
    degree : int
        Clusters per unit beside the one that is looked at: lambda, 4 where every unit is in five.
    retries : int
        Visits with fresh noise, an upper bound: P_c becomes 1 - (1 - P_c)^retries.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682, whose formula has P_c(1) only.
    """
    chances = 1.0 - (1.0 - np.asarray(corrected, dtype=float)) ** retries
    z = eps
    for _ in range(ROUNDS):
        q = sum(
            float(p) * comb(cluster - 1, e) * z**e * (1.0 - z) ** (cluster - 1 - e)
            for e, p in enumerate(chances)
            if e < cluster
        )
        new = eps * (1.0 - min(q, 1.0)) ** degree
        if abs(new - z) <= SMALL * z:
            return new
        z = new
    return z


def correctable_share(corrected: Sequence[float], cluster: int, degree: int, retries: int = 1) -> float:
    """The largest share of wrong units of which less than 1e-4 remains by `remaining_errors`; its arguments.

    Never nothing: a single error of a cluster is repaired with a chance below one.
    """
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if remaining_errors(middle, corrected, cluster, degree, retries) < DIED_OUT:
            low = middle
        else:
            high = middle
    return low


def one_step_correction(weights: Array, phi: float, upsilon: float) -> float:
    r"""Probability that the first step of a visit repairs a single error of a cluster, without noise of constraints.

    .. math::
        \frac{1}{n} \sum_j P(|1 + u| \ge \phi) \prod_{k \ne j} \left(1 - P(|g_{jk} + u| \ge \phi)\right),
        \qquad g_{jk} = \frac{1}{d_k} \sum_i S_{ij} S_{ik}

    with u uniform in (-upsilon, upsilon): the wrong unit hears all its constraints complain, unit k those it shares.

    Parameters
    ----------
    weights : ndarray
        (constraints, units) of one cluster; S are their signs, d_k the constraints of unit k.
    phi : float
        Share of its constraints that moves a unit.
    upsilon : float
        Half-width of the noise.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682: P_c1, here for given weights and not for a degree.
    """
    signs = np.sign(weights)
    contacts = np.abs(signs).sum(axis=0)
    votes = signs.T @ signs / np.where(contacts > 0, contacts, 1.0)  # [j, k]: what k hears if j is wrong
    moves = np.where(contacts[None] > 0, _beyond(votes, phi, upsilon), 0.0)
    own = np.diag(moves).copy()
    stays = 1.0 - moves
    np.fill_diagonal(stays, 1.0)
    return float(np.mean(own * stays.prod(axis=1)))


def _beyond(vote: Array, phi: float, upsilon: float) -> Array:
    """P(|vote + u| >= phi)."""
    if upsilon == 0:
        return (np.abs(vote) >= phi - 1e-12).astype(float)
    above = np.clip((upsilon - (phi - vote)) / (2 * upsilon), 0.0, 1.0)
    below = np.clip((upsilon - (phi + vote)) / (2 * upsilon), 0.0, 1.0)
    return np.asarray(above + below)
