"""Capacity of the softmax circuit (model B): recall works until another pattern is as near to the cue as the target.

Krotov & Hopfield (2021), arXiv 2008.06996, eq. 13; 2^(N/2): Demircigil et al. (2017) J Stat Phys 168:288.  Numbers: an
independent reference, beta = 1, exact recall.
"""

from __future__ import annotations

import functools
import math

import pytest

from neuroam.theory import nearest_pattern_load

SLOW = pytest.mark.slow


@pytest.fixture(scope="module")
def success(simulate, recall_protocol):
    """``success(size, flips, count)``: share of cues from which every unit is recalled.

    Exponential Euler in steps of tau_f, which is attention one step at a time; the hidden cells start slaved.
    """

    def run(size, flips, count, trials=30, networks=2):
        protocol = recall_protocol(size, count, flips, "40 steps", trials=trials, networks=networks)
        settings = {"populations.hidden.params.beta": 1, "time.dt": "20 ms"}
        return float(simulate("two_body_softmax", protocol, settings).measures["success"].mean())

    return run


@pytest.fixture(scope="module")
def half(success, find_half_load):
    """``half(size, flips)``: load with success 1/2."""

    @functools.cache
    def run(size, flips):
        low, high = (nearest_pattern_load(size, flips, ties=ties) for ties in ("lose", "win"))
        return find_half_load(lambda count: success(size, flips, count), max(low / 3, 2), 3 * high)

    return run


@pytest.mark.parametrize(
    ("flips", "size"),
    [
        pytest.param(0.2, 10, marks=SLOW),
        (0.2, 20),
        pytest.param(0.2, 30, marks=SLOW),
        (0.3, 20),
        pytest.param(0.3, 40, marks=SLOW),
        pytest.param(0.3, 60, marks=SLOW),
    ],
)
def test_half_load_lies_between_the_nearest_pattern_loads(half, flips, size):
    """Ties lose, ties win; within a factor of 1.5."""
    low, high = (nearest_pattern_load(size, flips, ties=ties) for ties in ("lose", "win"))
    assert low / 1.5 <= half(size, flips) <= high * 1.5


@pytest.mark.parametrize(
    ("flips", "size"),
    [(0.2, 30), pytest.param(0.2, 40, marks=SLOW), (0.3, 60), pytest.param(0.3, 80, marks=SLOW)],
)
def test_success_on_both_sides_of_the_nearest_pattern_loads(success, flips, size):
    assert success(size, flips, round(nearest_pattern_load(size, flips) / 1.5), networks=1) > 0.5
    assert success(size, flips, round(nearest_pattern_load(size, flips, ties="win") * 1.5), trials=12, networks=1) < 0.5


@pytest.mark.parametrize(("flips", "slope", "sizes"), [(0.2, 0.309, (10, 20)), (0.3, 0.132, (20, 40))])
def test_half_load_is_exponential_in_the_size(half, flips, slope, sizes):
    """Bits per unit, above 1 - H2(p) = 0.278 and 0.119 as the load also grows with sqrt(N)."""
    assert bits_per_unit(half, flips, sizes) == pytest.approx(slope, abs=0.06)


@pytest.mark.slow
def test_half_load_is_exponential_with_few_wrong_bits(half):
    """p = 0.1, from 10 to 20 units: the nearest-pattern loads grow by 0.57 bits per unit (0.53 without sqrt(N))."""
    ends = [[math.log2(nearest_pattern_load(size, 0.1, ties=ties)) for size in (10, 20)] for ties in ("lose", "win")]
    expected = sum(second - first for first, second in ends) / 20
    assert bits_per_unit(half, 0.1, (10, 20)) == pytest.approx(expected, abs=0.06)


def bits_per_unit(half, flips, sizes):
    first, second = (math.log2(half(size, flips)) for size in sizes)
    return (second - first) / (sizes[1] - sizes[0])
