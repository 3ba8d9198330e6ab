"""Loads as closed forms, against the numbers of the literature and against counting."""

from __future__ import annotations

import math
from itertools import product

import pytest

from neuroam.theory import (
    binary_entropy,
    clean_load,
    error_free_load,
    exponential_limit,
    freezing_load,
    nearest_pattern_load,
)

# ln 2 / P(Binomial(N, 1/2) <= pN) and <= pN - 1, rounded down in the source of the numbers
NEAREST = {
    (0.2, 10): (13, 65), (0.2, 20): (117, 538), (0.2, 30): (969, 4267), (0.2, 40): (7610, 32791),
    (0.3, 20): (12, 33), (0.3, 40): (84, 216), (0.3, 60): (519, 1301), (0.3, 80): (3070, 7571),
}  # fmt: skip


@pytest.mark.parametrize(
    ("size", "order", "rectified", "load"),
    [(128, 2, False, 19.3), (64, 3, True, 412), (40, 4, False, 643)],
)
def test_clean_load(size: int, order: int, rectified: bool, load: float) -> None:
    assert clean_load(size, order, rectified=rectified) == pytest.approx(load, rel=2e-3)


@pytest.mark.parametrize(("order", "coefficient"), [(2, 0.151), (3, 0.0502), (4, 0.01005)])
def test_clean_load_per_power_of_the_size(order: int, coefficient: float) -> None:
    assert clean_load(100, order) / 100 ** (order - 1) == pytest.approx(coefficient, rel=2e-3)


def test_clean_load_grows_with_the_errors_that_are_allowed() -> None:
    assert clean_load(100, 3, errors=0.05) > clean_load(100, 3) > clean_load(100, 3, errors=5e-4)


def test_error_free_load_of_pairwise_networks() -> None:
    """McEliece et al. (1987): N / (2 ln N) patterns, all bits of one right."""
    assert error_free_load(1000, 2) == pytest.approx(1000 / (2 * math.log(1000)))
    assert error_free_load(64, 3) == pytest.approx(64**2 / (2 * 3 * math.log(64)))


@pytest.mark.parametrize(
    ("size", "order", "rectified", "load"),
    [(40, 4, True, 546), (40, 4, False, 273), (64, 3, True, 411)],
)
def test_freezing_load(size: int, order: int, rectified: bool, load: float) -> None:
    assert freezing_load(size, order, 0.1, rectified=rectified) == pytest.approx(load, rel=2e-3)


def test_freezing_load_grows_with_half_the_order() -> None:
    for order in (2, 4, 6):
        assert freezing_load(400, order, 0.1) / freezing_load(100, order, 0.1) == pytest.approx(4 ** (order / 2))


def test_plain_odd_powers_do_not_freeze() -> None:
    assert freezing_load(64, 3, 0.1) == math.inf


@pytest.mark.parametrize(("flips", "size"), NEAREST)
def test_nearest_pattern_load(flips: float, size: int) -> None:
    lose, win = NEAREST[flips, size]
    assert nearest_pattern_load(size, flips) == pytest.approx(lose, abs=1)
    assert nearest_pattern_load(size, flips, ties="win") == pytest.approx(win, abs=1)


def test_nearest_pattern_load_counts_patterns() -> None:
    """With five units and one wrong bit, 6 of the 32 patterns are as near as the target."""
    near = sum(sum(bits) <= 1 for bits in product((0, 1), repeat=5))
    assert nearest_pattern_load(5, 0.2) == pytest.approx(math.log(2) / (near / 32))
    assert nearest_pattern_load(5, 0.0, ties="win") == math.inf


@pytest.mark.parametrize(("flips", "bits"), [(0.1, 0.531), (0.2, 0.278), (0.3, 0.119)])
def test_exponential_limit(flips: float, bits: float) -> None:
    assert exponential_limit(1, flips) == pytest.approx(bits, abs=5e-4)
    assert exponential_limit(80, flips) == pytest.approx(80 * exponential_limit(1, flips))


def test_exponential_limit_is_the_leading_order_of_the_nearest_pattern_load() -> None:
    """The two differ by log2 sqrt(N) and a constant."""
    gaps = [math.log2(nearest_pattern_load(n, 0.2)) - exponential_limit(n, 0.2) for n in (100, 1600)]
    assert gaps[1] - gaps[0] == pytest.approx(math.log2(math.sqrt(16)), abs=0.05)


def test_binary_entropy_at_its_ends() -> None:
    assert [binary_entropy(p) for p in (0.0, 0.5, 1.0)] == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: clean_load(0, 2),
        lambda: clean_load(10, 1),
        lambda: clean_load(10, 2, errors=0.5),
        lambda: error_free_load(1, 2),
        lambda: freezing_load(10, 3, 0.5),
        lambda: nearest_pattern_load(0, 0.1),
        lambda: binary_entropy(1.1),
    ],
)
def test_what_has_no_load_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"unlike|must|not "):
        call()
