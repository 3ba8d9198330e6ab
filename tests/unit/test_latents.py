"""Log-odds of bits from weights, against the densities that they come from."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from neuroam import latents

SIZE = 5
EDGES = list(permutations(range(SIZE), 2))


def random_case(seed: int) -> tuple[np.ndarray, latents.Spread, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    root = rng.normal(0, 0.4, (2, 2))
    weights = np.zeros((SIZE, SIZE))
    for i, j in EDGES:
        weights[i, j] = rng.normal()
    x = (rng.random(SIZE) < 0.5).astype(float)
    return rng.normal(0, 1, (2, 2)), latents.Spread(0.7, 0.4, root @ root.T), weights, x


def covariance(spread: latents.Spread) -> np.ndarray:
    """Of all weights, entry by entry from W_ij = p_i + q_j + e_ij."""
    turn = np.array([[1.0, 1.0], [1.0, -1.0]])
    (pp, pq), (_, qq) = turn @ spread.shared @ turn.T
    found = np.zeros((len(EDGES), len(EDGES)))
    for n, (i, j) in enumerate(EDGES):
        for m, (k, o) in enumerate(EDGES):
            found[n, m] = pp * (i == k) + qq * (j == o) + pq * ((i == o) + (j == k))
            if (i, j) == (k, o):
                found[n, m] += spread.symmetric + spread.antisymmetric
            elif (i, j) == (o, k):
                found[n, m] += spread.symmetric - spread.antisymmetric
    return found


def log_odds(density, x: np.ndarray) -> np.ndarray:
    found = []
    for i in range(SIZE):
        on, off = x.copy(), x.copy()
        on[i], off[i] = 1.0, 0.0
        found.append(density(on) - density(off))
    return np.array(found)


@pytest.mark.parametrize("seed", range(5))
def test_two_latent_terms_are_the_log_odds_of_the_full_gaussian(seed):
    mean, spread, weights, x = random_case(seed)
    flat, full = np.array([weights[edge] for edge in EDGES]), covariance(spread)

    def density(bits: np.ndarray) -> float:
        b = bits.astype(int)
        return float(multivariate_normal.logpdf(flat, [mean[b[i], b[j]] for i, j in EDGES], full))

    found = latents.evaluate(latents.two_latent(mean, spread, SIZE), weights, x)
    assert np.allclose(found, log_odds(density, x), rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_independent_terms_are_a_sum_of_bernoulli_ratios(seed):
    rng = np.random.default_rng(seed)
    mean, weights = rng.uniform(0.1, 0.9, (2, 2)), (rng.random((SIZE, SIZE)) < 0.5).astype(float)
    np.fill_diagonal(weights, 0.0)
    x = (rng.random(SIZE) < 0.5).astype(float)

    def density(bits: np.ndarray) -> float:
        b = bits.astype(int)
        chance = {edge: mean[b[edge[0]], b[edge[1]]] for edge in EDGES}
        return float(sum(np.log(chance[e] if weights[e] else 1 - chance[e]) for e in EDGES))

    found = latents.evaluate(latents.independent(mean, SIZE), weights, x)
    assert np.allclose(found, log_odds(density, x), rtol=0, atol=1e-12)


def test_without_anything_shared_only_pairs_count():
    """Then the log-odds are linear in the other bits: no strength-weighted pool, no power of their number above 2."""
    mean, spread, weights, x = random_case(7)
    terms = latents.two_latent(mean, latents.Spread(spread.symmetric, spread.antisymmetric, np.zeros((2, 2))), SIZE)
    assert not terms.pooled.any()
    assert not terms.own[1:, 1:].any()
    assert not terms.own[:, 2:].any()

    def density(bits: np.ndarray) -> float:
        b, total = bits.astype(int), 0.0
        for i, j in combinations(range(SIZE), 2):
            one, other = weights[i, j] - mean[b[i], b[j]], weights[j, i] - mean[b[j], b[i]]
            total -= ((one + other) / 2) ** 2 / (2 * spread.symmetric)
            total -= ((one - other) / 2) ** 2 / (2 * spread.antisymmetric)
        return total

    assert np.allclose(latents.evaluate(terms, weights, x), log_odds(density, x), rtol=0, atol=1e-12)
