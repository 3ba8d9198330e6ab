"""What do the weights say about one bit?  Log-odds as a polynomial of what a circuit can know: `Terms`.

`two_latent` takes W_ij = mu(x_i, x_j) + p_i + q_j + e_ij: besides a mean that the target sets, all synapses onto a
cell share a number, all synapses from a cell share another, and the noise of W_ij and W_ji may be correlated.
`independent` takes the weights for independent binary ones.  i is the post cell, j the pre cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuroam.circuit import Array

POWERS = 4  # of the number of other active cells: 0 to 3
ONE, ROW, COLUMN, TOTAL, ROWS, COLUMNS, FORWARD, BACKWARD = range(8)


@dataclass(frozen=True)
class Spread:
    """How weights scatter around the mean that the target sets.

    ``symmetric`` and ``antisymmetric``: variances A and D of the halves (e_ij + e_ji)/2 and (e_ij - e_ji)/2, above
    zero.  ``shared``: Psi, (2, 2), the covariance of (p + q)/2 and (p - q)/2.
    """

    symmetric: float
    antisymmetric: float
    shared: Array


@dataclass(frozen=True)
class Terms:
    r"""Coefficients of the log-odds that the weights give to x_i, given all other bits.

    .. math::

        I_i = f \sum_j W_{ij} x_j + b \sum_j W_{ji} x_j
            + \sum_{k=0}^{3} (o_{1k} + o_{rk} r_i + o_{ck} c_i + o_{wk} w) n^k + \sum_{j \ne i} (p_r r_j + p_c c_j) x_j

    r_i and c_i are the sums of row i and of column i of the weights, w is the sum of all, n the number of other active
    cells.  ``own`` is o, (4, 4); ``pooled`` is p, (2,).
    """

    forward: float
    backward: float
    own: Array
    pooled: Array


def evaluate(terms: Terms, weights: Array, x: Array) -> Array:
    """Log-odds of every bit, given the others.

    Parameters
    ----------
    terms : Terms
        The coefficients.
    weights : ndarray
        (N, N), post x pre, zero on the diagonal.
    x : ndarray
        (N,) in {0, 1}.

    Returns
    -------
    ndarray
        (N,), natural logarithms.
    """
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    n = x.sum() - x
    known = np.stack([np.ones_like(rows), rows, columns, np.full_like(rows, weights.sum())])
    own = np.einsum("sk,sn,kn->n", terms.own, known, n ** np.arange(POWERS)[:, None])
    weighed = terms.pooled @ np.stack([rows, columns]) * x
    return np.asarray(terms.forward * weights @ x + terms.backward * weights.T @ x + own + weighed.sum() - weighed)


def independent(mean: Array, size: int) -> Terms:
    """Terms for binary weights without any correlation.

    Parameters
    ----------
    mean : ndarray
        (2, 2): chance of a weight of 1 by the bits of its post and its pre cell, strictly between 0 and 1.
    size : int
        N.

    Notes
    -----
    A sum over j of log P(W_ij | x_i = 1, x_j) - log P(W_ij | x_i = 0, x_j), and the same of W_ji.
    """
    found = np.zeros((8, POWERS))
    for chance, signal, total in ((mean, FORWARD, ROW), (mean.T, BACKWARD, COLUMN)):
        on, off = np.log(chance[1] / chance[0]), np.log((1.0 - chance[1]) / (1.0 - chance[0]))
        found[signal, 0] = on[1] - on[0] - off[1] + off[0]
        found[total, 0] = on[0] - off[0]
        found[ONE, 0] += (size - 1) * off[0]
        found[ONE, 1] += off[1] - off[0]
    return _terms(found)


def two_latent(mean: Array, spread: Spread, size: int) -> Terms:
    r"""Terms for weights that share a hidden number per cell, exact to second order.

    Parameters
    ----------
    mean : ndarray
        (2, 2): mu, the mean weight by the bits of its post and its pre cell.
    spread : Spread
        How weights scatter.
    size : int
        N, at least 3.

    Notes
    -----
    Own derivation.  With the residual halves r^S and r^A, their row sums H_i = (sum r^S / A, sum r^A / D),
    Q_0 = Psi (1 + diag((N-2)/A, N/D) Psi)^-1 and Q_1 = Psi (1 + diag((2N-2)/A, 0) Psi)^-1,

    .. math::

        \log P(W|x) = -\tfrac12 \sum_{i<j} \left[\frac{(r^S)^2}{A} + \frac{(r^A)^2}{D}\right]
        + \tfrac12 \Big[\sum_i H_i' Q_0 H_i - \tfrac1N H' (Q_0 - Q_1) H\Big], \qquad H = \sum_i H_i.

    The terms are what this changes by if x_i goes from 0 to 1: r^S_ij by -(s + g x_j) and r^A_ij by -d, where the
    symmetric half of mu is m + s (x_i + x_j) + g x_i x_j, and the other half d (x_i - x_j).
    """
    a, d_noise = spread.symmetric, spread.antisymmetric
    m, g = float(mean[0, 0]), float(mean[1, 1] - mean[1, 0] - mean[0, 1] + mean[0, 0])
    s = float(mean[1, 0] + mean[0, 1]) / 2.0 - m
    d = float(mean[1, 0] - mean[0, 1]) / 2.0
    q0, less = _shared(spread, size)
    active, silent = np.array([0.0, 1.0]), np.array([size - 1.0, -1.0])  # how many others there are, in powers of n
    excitation, strength, difference = _half(FORWARD, BACKWARD), _half(ROW, COLUMN), _half(ROW, COLUMN, -1.0)
    pooled, pooled_difference = _half(ROWS, COLUMNS), _half(ROWS, COLUMNS, -1.0)

    # the two sums over pairs
    found = (s * strength + g * excitation) / a + d / d_noise * (difference - _number([d * (size - 1) / 2, -d]))
    found -= _number(silent * s * (m + s / 2)) / a + _number(active * (s + g) * (m + s + (s + g) / 2)) / a

    # row sums of the residuals while x_i = 0, and their change: of the cell itself, of active and of silent others
    own = (
        np.ones(1), [-s * (size - 1), -g], [-d * (size - 1)],
        strength - _number([(size - 1) * m, s]), difference + _number([0.0, d]),
    )  # fmt: skip
    of_active = (
        active, [-(s + g)], [d],
        pooled - _number(np.convolve(active, [(size - 1) * (m + s) - (s + g), s + g])),
        pooled_difference - _number(np.convolve(active, [d * size, -d])),
    )  # fmt: skip
    of_silent = (
        silent, [-s], [d],
        _one(TOTAL) - strength - pooled - _number(np.convolve(silent, [(size - 1) * m, s])),
        _number(np.convolve(silent, [0.0, d])) - difference - pooled_difference,
    )  # fmt: skip
    for count, change, turn, sums, turns in (own, of_active, of_silent):
        found += q0[0, 0] * _gain(change, change, sums, sums, count) / 2.0
        found += q0[0, 1] * _gain(change, turn, sums, turns, count)
        found += q0[1, 1] * _gain(turn, turn, turns, turns, count) / 2.0

    # the sum of all row sums
    change = [-2.0 * s * (size - 1), -2.0 * g]
    sums = _one(TOTAL) - _number([size * (size - 1) * m, 2 * s * (size - 1) - g, g])
    return _terms(found - less * _gain(change, change, sums, sums, np.ones(1)) / (2.0 * size))


def _shared(spread: Spread, size: int) -> tuple[Array, float]:
    """Q_0, and the first entry of Q_0 - Q_1, both in units of the row sums themselves."""
    a, d, psi = spread.symmetric, spread.antisymmetric, spread.shared
    unit = np.outer([1.0 / a, 1.0 / d], [1.0 / a, 1.0 / d])
    q0, q1 = (
        psi @ np.linalg.inv(np.eye(2) + np.diag(rates) @ psi) * unit
        for rates in ([(size - 2) / a, size / d], [(2 * size - 2) / a, 0.0])
    )
    return q0, float(q0[0, 0] - q1[0, 0])


def _gain(dx: Array | list[float], dy: Array | list[float], x: Array, y: Array, count: Array) -> Array:
    """What a sum of products x y gains if in ``count`` of them x grows by dx and y by dy; x and y are summed."""
    return _times(dy, x) + _times(dx, y) + _number(np.convolve(count, np.convolve(dx, dy)))


def _one(known: int) -> Array:
    found = np.zeros((8, POWERS))
    found[known, 0] = 1.0
    return found


def _half(first: int, second: int, sign: float = 1.0) -> Array:
    return (_one(first) + sign * _one(second)) / 2.0


def _number(powers: Array | list[float]) -> Array:
    """A polynomial in n."""
    found = np.zeros((8, POWERS))
    found[ONE, : len(powers)] = powers
    return found


def _times(powers: Array | list[float], what: Array) -> Array:
    """A polynomial in n times something that is known."""
    found = np.zeros_like(what)
    for power, factor in enumerate(powers):
        found[:, power:] += factor * what[:, : POWERS - power]
    return found


def _terms(found: Array) -> Terms:
    return Terms(
        float(found[FORWARD, 0]), float(found[BACKWARD, 0]), found[: TOTAL + 1], found[[ROWS, COLUMNS], 0]
    )  # fmt: skip
