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


def correction_probability(
    clusters: Sequence[Array], errors: int, *, upsilon: float = 0.0, nu: float = 0.0, phi: float = 0.95,
    psi: float = 0.01, steps: int = 40, visits: int = 20, rng: np.random.Generator,
) -> float:  # fmt: skip
    r"""P_c(e): the share of visits that repair a cluster with ``errors`` random errors of one level, by trying it.

    What happens depends on the sums of constraints only, so every visit starts from the pattern of zeros.

    Parameters
    ----------
    clusters : sequence of ndarray
        (constraints, units) weights of every cluster.
    errors : int
        e, wrong units per visit; clusters with fewer units are left out.
    upsilon, nu : float
        Half-widths of the noise of pattern and of constraint cells.
    phi, psi : float
        Thresholds of pattern cells, and of constraint cells above ``nu``.
    steps : int
        A visit is given up after so many.
    visits : int
        Per cluster.
    rng : Generator
        Draws errors and noise.

    Returns
    -------
    float
        NaN if no cluster is large enough.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682, Algorithm 1.
    """
    repaired, tried = 0, 0
    for weights in clusters:
        count, size = weights.shape
        if size < errors:
            continue
        signs = np.sign(weights)
        votes = signs / np.maximum(np.abs(signs).sum(axis=0), 1.0)
        x = np.zeros((visits, size))
        wrong = np.argsort(rng.random((visits, size)), axis=1)[:, :errors]
        np.put_along_axis(x, wrong, rng.choice([-1.0, 1.0], (visits, errors)), axis=1)
        going = np.arange(visits)
        for _ in range(steps):
            field = x[going] @ weights.T + nu * rng.uniform(-1, 1, (going.size, count))
            y = np.sign(field) * (np.abs(field) > psi + nu)
            going, y = going[y.any(axis=1)], y[y.any(axis=1)]
            if not going.size:
                break
            vote = y @ votes + upsilon * rng.uniform(-1, 1, (going.size, size))
            x[going] -= np.sign(vote) * (np.abs(vote) >= phi)
        silent = np.ones(visits, dtype=bool)
        silent[going] = False
        repaired += int((silent & ~x.any(axis=1)).sum())
        tried += visits
    return repaired / tried if tried else float("nan")


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
