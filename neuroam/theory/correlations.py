"""How do additive synapses share their noise, what does that do to recall, and what do weights say of a pattern?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from neuroam.circuit import Array
from neuroam.decoders import additive_spread
from neuroam.latents import Spread
from neuroam.tables import Omega, entries, expansion


def critical_count(table: Omega, f: float) -> float:
    r"""T*, the number of patterns at which the popularity of a cell speaks as loudly as the wanted pattern.

    .. math:: T^* = \frac{\gamma^2}{\alpha^2 v}

    Parameters
    ----------
    table : str or list
        As of `neuroam.tables.weight_covariances`.  Where alpha and beta differ, their mean stands for alpha: recall
        hears synapses of both directions.
    f : float
        Coding level, above 0 and below 1.

    Returns
    -------
    float
        Infinite where single cells leave no mark (covariance rule).  Hebb: 1/(f^3 (1 - f)).
    """
    _, alpha, beta, gamma = expansion(table, f)
    popularity = (0.5 * (alpha + beta)) ** 2 * f * (1.0 - f)
    return gamma**2 / popularity if popularity > 0 else math.inf


def one_pass_error(count: float, critical: float) -> float:
    r"""Share of wrong bits after one pass of recall that takes synapses for independent: Phi(-sqrt(T*/T)/2).

    Parameters
    ----------
    count : float
        T stored patterns.
    critical : float
        T*, from `critical_count`.

    Notes
    -----
    Own derivation, of many cells and without a cue: both signal and popularity grow with the number of active cells, so
    that network size drops out.
    """
    return float(ndtr(-0.5 * math.sqrt(critical / count)))


@dataclass(frozen=True)
class TwoLatent:
    """W_ij = mean[x_i, x_j] + p_i + q_j + e_ij, with Gaussian p, q and e that scatter as ``spread`` says."""

    mean: Array
    spread: Spread


def two_latent(table: Omega, f: float, count: int, *, aware: bool, noise: float = 0.0) -> TwoLatent:
    """What T - 1 other patterns do to weights, to second order; without their correlations if not ``aware``.

    Parameters
    ----------
    table : str or list
        As of `neuroam.tables.weight_covariances`.
    f : float
        Coding level.
    count : int
        T, with the wanted pattern; at least 2.
    aware, noise
        As of `neuroam.decoders.additive_spread`.
    """
    terms, others = expansion(table, f), count - 1
    mean = entries(table, f) + others * terms.constant
    return TwoLatent(mean, additive_spread(terms, f, others, aware=aware, noise=noise))


def log_likelihood(weights: Array, patterns: Array, model: TwoLatent) -> Array:
    r"""Log P(W | x), up to what does not depend on x.

    .. math::
        -\tfrac12 \sum_{i<j} \left[ \frac{(r^S_{ij})^2}{A} + \frac{(r^A_{ij})^2}{D} \right]
        + \tfrac12 \left[ \sum_i H_i^T Q_0 H_i - \tfrac1N \bar H^T (Q_0 - Q_1) \bar H \right]

    with r = W - mean, its halves r^S and r^A, H_i = (sum_j r^S_ij / A, sum_j r^A_ij / D) and their sum over cells,
    Q_0 = Psi (1 + diag((N - 2)/A, N/D) Psi)^-1, Q_1 = Psi (1 + diag((2N - 2)/A, 0) Psi)^-1.

    Parameters
    ----------
    weights : ndarray
        (..., N, N), post first; the diagonal is not read.
    patterns : ndarray
        (patterns, N) in {0, 1}.
    model : TwoLatent
        From `two_latent`.

    Returns
    -------
    ndarray
        (..., patterns).

    References
    ----------
    Own derivation.
    """
    size = patterns.shape[1]
    bits = patterns.astype(int)
    means = model.mean[bits[:, :, None], bits[:, None, :]]
    residual = (weights[..., None, :, :] - means) * (1.0 - np.eye(size))
    even, odd = 0.5 * (residual + residual.swapaxes(-1, -2)), 0.5 * (residual - residual.swapaxes(-1, -2))
    scale = 1.0 / np.array([model.spread.symmetric, model.spread.antisymmetric])
    fit = 0.5 * ((even**2).sum(axis=(-1, -2)) * scale[0] + (odd**2).sum(axis=(-1, -2)) * scale[1])
    pull = np.stack([even.sum(axis=-1), odd.sum(axis=-1)], axis=-1) * scale
    total = pull.sum(axis=-2)
    single = _shrunk(model.spread.shared, np.array([size - 2, size]) * scale)
    whole = _shrunk(model.spread.shared, np.array([2 * size - 2, 0]) * scale)
    popular = np.einsum("...ia,ab,...ib->...", pull, single, pull)
    popular = popular - np.einsum("...a,ab,...b->...", total, single - whole, total) / size
    return np.asarray(0.5 * (popular - fit))


def _shrunk(shared: Array, weight: Array) -> Array:
    return np.asarray(shared @ np.linalg.inv(np.eye(2) + np.diag(weight) @ shared))
