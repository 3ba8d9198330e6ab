"""Decoding to second order against exact Bayes: all sets of stored patterns of four cells are enumerated.

The numbers of the brief (f = 1/2, cue noise .2) are Kullback-Leibler divergences per bit, in nats, between the exact and
the decoder's marginal of every cell; how many weights they were averaged over is not known.  Ours come from the exact
probability of every matrix, for T = 5, or from 4000 drawn ones, whose standard error is below 2 %.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.special import rel_entr

from neuroam.theory import correlations as theory

SIZE, LEVEL, NOISE = 4, 0.5, 0.2
PATTERNS = np.array(list(product((0.0, 1.0), repeat=SIZE)))
PAIRS = np.triu_indices(SIZE, 1)
CHANCE = np.full(len(PATTERNS), LEVEL**SIZE)


def counted(table):
    """What a pattern adds to the counts that make W: pairs active together and, if W is directed, active cells."""
    joint = PATTERNS[:, PAIRS[0]] * PATTERNS[:, PAIRS[1]]
    return joint if table == "simple_hebb" else np.hstack([joint, PATTERNS])


def exact(table, count):
    """All W that T patterns can make, and P(W | x) for every x: (matrices, N, N) and (matrices, patterns)."""
    added = counted(table)
    place = (count + 1) ** np.arange(added.shape[1])
    code = (added @ place).astype(np.int64)
    codes, chance = np.zeros(1, dtype=np.int64), np.ones(1)
    for _ in range(count - 1):
        codes, where = np.unique((codes[:, None] + code).ravel(), return_inverse=True)
        chance = np.bincount(where, np.repeat(chance, len(code)) / len(code))
    made = np.unique((codes[:, None] + code).ravel())
    given = np.zeros((len(made), len(code)))
    for number, one in enumerate(code):
        given[np.searchsorted(made, codes + one), number] = chance
    return made, given, place


def matrices(made, place, table, count):
    """(matrices, N, N)."""
    counts = (made[:, None] // place) % (count + 1)
    weights = np.zeros((len(made), SIZE, SIZE))
    weights[:, PAIRS[0], PAIRS[1]] = counts[:, : len(PAIRS[0])]
    weights += weights.swapaxes(1, 2)
    if table == "pre_gated":
        weights -= LEVEL * counts[:, None, len(PAIRS[0]) :] * (1 - np.eye(SIZE))
    return weights


def divergences(table, count, draws=None):
    """Of the cue alone, the decoder that ignores correlations, and the one that knows them."""
    made, given, place = exact(table, count)
    total = given @ CHANCE
    if draws is not None:
        chosen = np.random.default_rng(count).choice(len(made), draws, p=total / total.sum())
        made, given = made[chosen], given[chosen]
        total = np.full(draws, 1.0 / draws)
        weigh = total / (given @ CHANCE)
    else:
        weigh = np.ones(len(made))
    weights = matrices(made, place, table, count)
    models = [theory.two_latent(table, LEVEL, count, aware=aware) for aware in (False, True)]
    logs = [np.zeros_like(given), *(theory.log_likelihood(weights, PATTERNS, model) for model in models)]
    flips = np.abs(PATTERNS[:, None] - PATTERNS).sum(axis=2)
    return [_mean(given, weigh, log, NOISE**flips * (1 - NOISE) ** (SIZE - flips)) for log in logs]


def _mean(given, weigh, log, seen):
    found = 0.0
    likelihood = np.exp(log - log.max(axis=1, keepdims=True))
    for cue in range(len(PATTERNS)):
        prior = CHANCE * seen[:, cue]
        joint = given @ prior
        p = (given * prior) @ PATTERNS / joint[:, None]
        q = (likelihood * prior) @ PATTERNS / (likelihood @ prior)[:, None]
        p, q = np.clip(p, 0, 1), np.clip(q, 0, 1)
        each = rel_entr(p, q) + rel_entr(1 - p, 1 - q)
        found += float((joint * weigh) @ each.mean(axis=1))
    return found


def test_probabilities_add_up():
    _, given, _ = exact("simple_hebb", 5)
    assert given.sum(axis=0) == pytest.approx(1, abs=1e-12)


def test_knowing_correlations_halves_the_loss_at_least():
    """Hebb, T = 5: .093, .073, .033 in the brief.  Ours have no sampling error: .100, .074, .036."""
    cue, ignoring, aware = divergences("simple_hebb", 5)
    assert [cue, ignoring, aware] == pytest.approx([0.093, 0.073, 0.033], abs=0.01)
    assert aware < 0.5 * ignoring < 0.5 * cue


@pytest.mark.slow
def test_the_gap_closes_with_more_patterns():
    """Hebb, T = 13: .035, .018, .005."""
    cue, ignoring, aware = divergences("simple_hebb", 13, 4000)
    assert [cue, ignoring, aware] == pytest.approx([0.035, 0.018, 0.005], abs=0.005)
    assert aware < 0.4 * ignoring < 0.4 * cue


@pytest.mark.slow
def test_ignoring_correlations_is_worse_than_ignoring_the_memory():
    """Pre-gated, T = 9: .086, .107, .033."""
    cue, ignoring, aware = divergences("pre_gated", 9, 4000)
    assert [cue, ignoring, aware] == pytest.approx([0.086, 0.107, 0.033], abs=0.01)
    assert aware < 0.5 * cue < 0.5 * ignoring
