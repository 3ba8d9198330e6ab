"""The theory of correlated synapses against drawn patterns, a dense Gaussian, and the table of its derivation."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from neuroam.tables import entries, expansion, weight_correlations, weight_covariances
from neuroam.theory import correlations as theory

TABLES = ("simple_hebb", "covariance", "pre_gated", "post_gated", [[0.3, -1.0], [0.7, 1.5]])
PAIRS = (((0, 1), (0, 1)), ((0, 1), (0, 2)), ((0, 1), (2, 1)), ((0, 1), (2, 0)), ((0, 1), (1, 0)))


@pytest.mark.parametrize("f", [0.5, 0.2])
@pytest.mark.parametrize("table", TABLES, ids=str)
def test_covariances_are_those_of_drawn_patterns(table, f):
    """Exact: all patterns of four cells, each with its probability."""
    bits = np.array(list(product((0, 1), repeat=4)))
    chance = f ** bits.sum(axis=1) * (1 - f) ** (4 - bits.sum(axis=1))
    omega = entries(table, f)
    found = weight_covariances(table, f)

    def covariance(one, other):
        a, b = (omega[bits[:, i], bits[:, j]] for i, j in (one, other))
        return chance @ (a * b) - (chance @ a) * (chance @ b)

    for value, (one, other) in zip(found, PAIRS, strict=True):
        assert value == pytest.approx(covariance(one, other), abs=1e-12)
    assert covariance((0, 1), (2, 3)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("f", [0.5, 0.2])
def test_the_table_of_correlations(f):
    """Section 3 of the derivation: same post, same pre, chain, reciprocal."""
    hebb = f / (1 + f)
    for table, expected in {
        "simple_hebb": (hebb, hebb, hebb, 1.0), "covariance": (0, 0, 0, 1.0),
        "pre_gated": (f, 0, 0, 1 - f), "post_gated": (0, f, 0, 1 - f),
    }.items():  # fmt: skip
        assert weight_correlations(table, f)[1:] == pytest.approx(expected, abs=1e-12)
    assert all(math.isnan(part) for part in weight_correlations([[1.0, 1.0], [1.0, 1.0]], f))


@pytest.mark.parametrize(("f", "expected"), [(0.5, 16), (0.2, 156), (0.1, 1111)])
def test_critical_counts_of_hebb(f, expected):
    assert theory.critical_count("simple_hebb", f) == pytest.approx(expected, abs=0.5)
    assert theory.critical_count("covariance", f) == math.inf


@pytest.mark.parametrize(
    ("count", "predicted", "measured"), [(10, 0.264, 0.268), (20, 0.327, 0.329), (30, 0.358, 0.351)]
)
def test_one_pass_errors(count, predicted, measured):
    """The prediction of the brief, its measurement, and our own: an interval of 95 % is about 0.01."""
    law = theory.one_pass_error(count, theory.critical_count("simple_hebb", 0.5))
    assert law == pytest.approx(predicted, abs=5e-4)
    assert law == pytest.approx(measured, abs=0.03)
    rng, size, wrong = np.random.default_rng(count), 400, []
    for _ in range(20):
        x = (rng.random((count, size)) < 0.5).astype(float)
        weights = x.T @ x - np.diag(x.sum(axis=0))
        others = x[0].sum() - x[0]
        current = weights @ x[0] - (count - 1) * 0.25 * others - 0.5 * others
        wrong.append(np.mean((current > 0) != (x[0] > 0.5)))
    assert np.mean(wrong) == pytest.approx(law, abs=0.03)


def dense(weights, pattern, model):
    """log P(W | x) by the covariance of all weights, without its constant."""
    size = len(pattern)
    pairs = [(i, j) for i in range(size) for j in range(size) if i != j]
    turn = np.array([[1.0, 1.0], [1.0, -1.0]])  # p and q of the two halves
    latent = turn @ model.spread.shared @ turn.T
    even, odd = model.spread.symmetric, model.spread.antisymmetric
    cov = np.zeros((len(pairs), len(pairs)))
    for a, (i, j) in enumerate(pairs):
        for b, (k, m) in enumerate(pairs):
            cov[a, b] = (
                (i == k) * latent[0, 0] + (j == m) * latent[1, 1] + ((i == m) + (j == k)) * latent[0, 1]
                + ((i, j) == (k, m)) * (even + odd) + ((i, j) == (m, k)) * (even - odd)
            )  # fmt: skip
    residual = np.array([weights[i, j] - model.mean[int(pattern[i]), int(pattern[j])] for i, j in pairs])
    return -0.5 * residual @ np.linalg.solve(cov, residual)


@pytest.mark.parametrize("aware", [True, False])
@pytest.mark.parametrize("table", TABLES, ids=str)
def test_the_likelihood_is_that_of_a_dense_gaussian(table, aware):
    rng = np.random.default_rng(3)
    patterns = (rng.random((4, 5)) < 0.4).astype(float)
    weights = rng.normal(size=(5, 5))
    model = theory.two_latent(table, 0.4, 6, aware=aware, noise=0.7)
    found = theory.log_likelihood(weights, patterns, model)
    expected = [dense(weights, pattern, model) for pattern in patterns]
    assert np.diff(found) == pytest.approx(np.diff(expected), abs=1e-9)


@pytest.mark.parametrize("table", TABLES[:4])
def test_the_model_has_the_covariances_of_the_table(table):
    """Psi, A and D say the same as the table, without noise of single weights; D is a jitter."""
    model, per = theory.two_latent(table, 0.3, 2, aware=True), weight_covariances(table, 0.3)
    turn = np.array([[1.0, 1.0], [1.0, -1.0]])
    latent = turn @ model.spread.shared @ turn.T
    assert latent[0, 0] == pytest.approx(per.same_post, abs=1e-12)
    assert latent[1, 1] == pytest.approx(per.same_pre, abs=1e-12)
    assert latent[0, 1] == pytest.approx(per.chain, abs=1e-12)
    assert model.spread.symmetric == pytest.approx((expansion(table, 0.3).joint * 0.21) ** 2)
    assert model.spread.antisymmetric == pytest.approx(1e-4 * model.spread.symmetric)
