"""Sequences of correlated patterns: Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023), generalised pseudo-inverse.

Numbers are those of an independent numpy program that came with the task.
"""

from __future__ import annotations

import pytest

import neuroam

DRAWS = 6
slow = pytest.mark.slow


def exact_share(model, size, count, coding_level=0.5, draws=DRAWS, **settings):
    """Share of the draws of random patterns in which every transition is exact."""
    patterns = {"bernoulli": {"size": size, "count": count, "coding_level": coding_level}}
    given = {"patterns.memory": patterns, "networks": draws, "seed": 1, **settings}
    found = neuroam.run("recall_frames", model, given).measures["frames_exact"]
    assert found.sizes == {"network": draws, "trial": count}
    return float((found.min("trial") == 1.0).mean())


@pytest.mark.parametrize(
    ("model", "bias", "d", "most"),
    [
        pytest.param("sequence_dense", 0.0, 1, 12, marks=slow),
        pytest.param("sequence_dense", 0.0, 2, 249, marks=slow),
        pytest.param("sequence_dense", 0.4, 1, 6, marks=slow),
        pytest.param("sequence_dense", 0.4, 2, 23, marks=slow),
        pytest.param("sequence_dense", 0.4, 3, 71, marks=slow),
        pytest.param("sequence_gpi", 0.0, 1, 100, marks=slow),
        pytest.param("sequence_gpi", 0.0, 2, 351, marks=slow),
        ("sequence_gpi", 0.4, 1, 106),
        pytest.param("sequence_gpi", 0.4, 2, 198, marks=slow),
        pytest.param("sequence_gpi", 0.4, 3, 1236, marks=slow),
        pytest.param("sequence_gpi", 0.8, 1, 112, marks=slow),
        ("sequence_gpi", 0.8, 2, 133),
    ],
)
def test_how_many_biased_patterns_follow_each_other(model, bias, d, most):
    """Fig. 3B: N = 100, the largest P with all transitions exact, median over draws; tolerance 25 %."""
    settings = {"coding_level": (1 + bias) / 2, "populations.motifs.params.d": d}
    assert exact_share(model, 100, round(0.75 * most), **settings) > 0.5
    assert exact_share(model, 100, round(1.25 * most), **settings) < 0.5


def frames(model, count, **settings):
    given = {"patterns.memory.moving_digits.count": count, **settings}
    return float(neuroam.run("recall_frames", model, given).measures["frames_exact"].mean())


def test_an_exponential_recalls_every_next_frame():
    """Fig. 3A stand-in, 100 frames."""
    assert frames("sequence_exponential", 100) == 1.0


@slow
def test_an_exponential_recalls_every_next_frame_of_a_long_movie():
    assert frames("sequence_exponential", 2000) == 1.0


@slow
@pytest.mark.parametrize(
    ("count", "d", "least", "most"),
    [(1000, 1, 0.0, 0.5), (1000, 2, 0.9, 1.0), (2000, 1, 0.0, 0.05), (2000, 2, 0.05, 0.35), (2000, 3, 0.99, 1.0)],
)
def test_next_frames_of_correlated_movies(count, d, least, most):
    """There 0.37, 1.0, 0.01, 0.21, 1.0, of frames whose digits are drawn in another way: the order counts here.

    Ours have a rank of about 660 of 784, which is what u is made of, and give less at d = 1 and 2.
    """
    assert least <= frames("sequence_gpi", count, **{"populations.motifs.params.d": d}) <= most


@slow
def test_overlaps_alone_do_not_tell_these_frames_apart():
    """P = 1000, d = 10: none there, a few here; with coefficients d = 2 is enough."""
    assert frames("sequence_dense", 1000, **{"populations.motifs.params.d": 10}) < 0.2


@slow
def test_birthdays_limit_an_exponential_of_random_patterns():
    """N = 14, half of the sequences without an error: at 126 to 153 patterns, 151 = sqrt(2 ln 2 2^N) in theory.

    At 100 and 210 the theory exp(-P^2 / 2^(N + 1)) gives 0.74 and 0.26, with a standard error of 0.07 each.
    """
    assert exact_share("sequence_exponential", 14, 100, draws=40) > 0.5
    assert exact_share("sequence_exponential", 14, 210, draws=40) < 0.5
