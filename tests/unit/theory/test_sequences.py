"""Wrong bits and capacities of sequences, against counting, sampling, binomial laws and the numbers of the brief."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from neuroam.theory import (
    bias_limit,
    coincidence_sequence,
    coincidence_transitions,
    exponential_separation,
    exponential_sequence_limit,
    exponential_transition_limit,
    mixed_sequence_limit,
    mixed_transition_limit,
    power_separation,
    sequence_capacity,
    sequence_limit,
    transition_capacity,
    transition_limit,
    wrong_bit,
)

SQUARE = power_separation(2)
SEPARATIONS = {
    "linear": power_separation(1),
    "square": SQUARE,
    "cube": power_separation(3),
    "rectified": power_separation(2, rectified=True),
    "exponential": exponential_separation(2.0),
}
# d, N, P_T at c = 0.1, P_S at c = 0.5: found before this code was written, by a separate program for the same law
TABLE = [
    (1, 100, 11.5, 10.6), (1, 1000, 73.6, 57.0), (2, 50, 96.6, 61.0), (2, 100, 343.8, 199.6), (2, 200, 1228, 670),
    (3, 50, 982, 468), (3, 100, 6950, 3076), (4, 40, 3080, 1229), (4, 60, 14434, 5589),
]  # fmt: skip


def drives(patterns: np.ndarray, f, self_free: bool) -> np.ndarray:
    """(..., P, N): the drive of every unit from every pattern, times the bit that is wanted."""
    size = patterns.shape[-1]
    overlaps = patterns @ np.swapaxes(patterns, -1, -2)  # of state and stored pattern
    seen = overlaps[..., None]
    if self_free:
        seen = seen - patterns[..., :, None, :] * patterns[..., None, :, :]
    following = np.roll(patterns, -1, axis=-2)
    pull = f(seen / (size - self_free)) * following[..., None, :, :]
    return pull.sum(axis=-2) * following


def wrong(drive: np.ndarray) -> float:
    return float(np.mean((drive < -1e-9) + 0.5 * (np.abs(drive) < 1e-9)))


def all_patterns(size: int, count: int) -> np.ndarray:
    bits = np.arange(2 ** (size * count))[:, None] >> np.arange(size * count) & 1
    return (2.0 * bits - 1.0).reshape(-1, count, size)


@pytest.mark.parametrize("name", SEPARATIONS)
@pytest.mark.parametrize(("size", "count"), [(3, 2), (3, 3), (3, 5), (4, 4), (5, 3)])
def test_the_law_counts_every_choice_of_patterns(name: str, size: int, count: int) -> None:
    counted = wrong(drives(all_patterns(size, count), SEPARATIONS[name], True))
    assert wrong_bit(size, count, SEPARATIONS[name]) == pytest.approx(counted, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "size", "count"),
    [("square", 3, 3), ("square", 3, 4), ("square", 4, 4), ("linear", 3, 5), ("cube", 4, 3), ("cube", 3, 5)],
)
def test_two_layers_have_one_unit_more_in_the_law(name: str, size: int, count: int) -> None:
    """Exact for even powers, and for odd ones with an odd number of patterns."""
    counted = wrong(drives(all_patterns(size, count), SEPARATIONS[name], False))
    assert wrong_bit(size, count, SEPARATIONS[name], self_free=False) == pytest.approx(counted, rel=1e-9)


def test_even_counts_of_odd_powers_in_two_layers_have_one_term_more() -> None:
    r"""N = P = 4, f = x: (i Im psi)^3 with psi = E exp(i t m), m = (1, 1 + 2, ...)/4, integrated over one period."""
    counted = wrong(drives(all_patterns(4, 4), SEPARATIONS["linear"], False))
    # the same integral by hand: the values of 4 m are even, so that the sum of three is a lattice of step 2
    values, chances = np.array([-2, 0, 2, 4]), binom.pmf(np.arange(4), 3, 0.5)
    law = {int(v): p for v, p in zip(values, chances, strict=True)}
    odd = {k: (law.get(k, 0.0) - law.get(-k, 0.0)) / 2 for k in range(-4, 5, 2)}
    triple = {}
    for a, p in odd.items():
        for b, q in odd.items():
            for c, r in odd.items():
                triple[a + b + c] = triple.get(a + b + c, 0.0) + p * q * r
    extra = sum(p for k, p in triple.items() if k < -4) + 0.5 * triple[-4]
    assert extra < 0
    assert wrong_bit(4, 4, SEPARATIONS["linear"], self_free=False) + extra == pytest.approx(counted, rel=1e-9)


@pytest.mark.parametrize(("size", "count"), [(100, 12), (101, 12), (100, 5), (1000, 57), (1000, 20), (12, 200)])
def test_linear_crosstalk_is_binomial(size: int, count: int) -> None:
    """C is a sum of (P - 1)(N - 1) signs over N - 1: wrong if at least half of the rest is against the signal."""
    signs = (count - 1) * (size - 1)
    against = (signs + size - 1) / 2  # so many make a tie
    tie = binom.pmf(against, signs, 0.5) if against.is_integer() else 0.0
    exact = binom.sf(math.floor(against), signs, 0.5) + tie / 2
    # a blur of 0.002 sd changes a tail of z sd by z^2 / 2 of its square: 1e-4 at z = 7
    assert wrong_bit(size, count, SEPARATIONS["linear"]) == pytest.approx(exact, rel=1e-4, abs=1e-14)


@pytest.mark.parametrize("count", [30, 120])
def test_squares_convolved_on_their_lattice(count: int) -> None:
    size = 50
    seen = size - 1
    length = 2 ** math.ceil(math.log2(2 * (count - 1) * seen**2))
    term = np.zeros(length)
    for k in range(seen + 1):
        for sign in (-1, 1):
            term[sign * (2 * k - seen) ** 2 % length] += 0.5 * binom.pmf(k, seen, 0.5)
    law = np.fft.irfft(np.fft.rfft(term) ** (count - 1), length)
    exact = law[seen**2 + 1 : length // 2].sum() + 0.5 * law[seen**2]
    assert wrong_bit(size, count, SQUARE) == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("self_free", [True, False])
def test_sampled_steps_have_as_many_wrong_bits(self_free: bool) -> None:
    rng = np.random.default_rng(1)
    shares = np.array(
        [wrong(drives(rng.choice([-1.0, 1.0], (150, 50)), SQUARE, self_free)) for _ in range(24)]
    )  # bits of a draw are correlated, draws are not
    error = shares.std(ddof=1) / math.sqrt(len(shares))
    expected = wrong_bit(50, 150, SQUARE, self_free=self_free)
    assert abs(shares.mean() - expected) < 4 * error
    assert error < 0.1 * expected  # or the line above says little


def test_a_step_without_other_patterns_is_right() -> None:
    assert wrong_bit(20, 1, SQUARE) == 0.0
    assert wrong_bit(20, 10**7, SQUARE) == pytest.approx(0.5, abs=0.01)


def test_an_equal_pattern_spoils_a_quarter_of_the_bits_of_steep_functions() -> None:
    """It wants the opposite in half of the bits, and gets it in half of these.  Two such patterns are rarer still."""
    size, count = 16, 100
    equal = (count - 1) * 2.0 ** -(size - 1)
    found = wrong_bit(size, count, exponential_separation(size - 1.0))
    assert found == pytest.approx(equal / 4, rel=3 * equal)


@pytest.mark.parametrize(("order", "size", "transitions", "sequences"), TABLE)
def test_capacities_of_powers(order: int, size: int, transitions: float, sequences: float) -> None:
    f = power_separation(order)
    assert transition_capacity(size, f) == pytest.approx(transitions, rel=0.02)
    assert sequence_capacity(size, f) == pytest.approx(sequences, rel=0.02)


@pytest.mark.parametrize(("order", "capacity"), [(2, 126), (3, 2164)])
def test_capacity_for_a_hundred_sequences_of_a_hundred(order: int, capacity: float) -> None:
    assert sequence_capacity(100, power_separation(order), chance_of_error=0.0069) == pytest.approx(capacity, rel=0.02)


@pytest.mark.parametrize(("order", "size"), [(1, 1000), (2, 100), (3, 50)])
def test_rectified_hidden_units_hold_almost_twice_as_many(order: int, size: int) -> None:
    ratio = transition_capacity(size, power_separation(order, rectified=True)) / transition_capacity(
        size, power_separation(order)
    )
    assert 1.8 < ratio < 2.001


def test_the_whole_part_of_a_capacity_is_the_most_that_fit() -> None:
    found = math.floor(transition_capacity(30, SQUARE, chance_of_error=0.3))
    right = [(1 - wrong_bit(30, count, SQUARE)) ** 30 for count in (found, found + 1)]
    assert right[0] >= 0.7 > right[1]
    found = math.floor(sequence_capacity(30, SQUARE, chance_of_error=0.3))
    right = [(1 - wrong_bit(30, count, SQUARE)) ** (30 * count) for count in (found, found + 1)]
    assert right[0] >= 0.7 > right[1]


def test_chance_alone_is_enough_for_few_units() -> None:
    assert transition_capacity(2, SQUARE, chance_of_error=0.75) == math.inf
    assert transition_capacity(2, SQUARE, chance_of_error=0.74) < math.inf


def test_two_layers_hold_more() -> None:
    """The law with one unit more, at the same chance of N bits."""
    alone, layers = (transition_capacity(40, SQUARE, self_free=free) for free in (True, False))
    assert alone < layers == pytest.approx(alone * (40 / 39) ** 2, rel=0.01)


@pytest.mark.parametrize(
    ("order", "size", "transitions", "sequences"),
    [(1, 100, 10.9, 5.4), (1, 1000, 72.4, 36.2), (2, 50, 106.5, 35.5), (3, 100, 7238, 1810), (4, 60, 15073, 3015)],
)
def test_limits_of_powers(order: int, size: int, transitions: float, sequences: float) -> None:
    assert transition_limit(size, order) == pytest.approx(transitions, rel=0.01)
    assert sequence_limit(size, order) == pytest.approx(sequences, rel=0.01)
    assert transition_limit(size, order, rectified=True) == 2 * transition_limit(size, order)
    assert sequence_limit(size, order, rectified=True) == 2 * sequence_limit(size, order)


@pytest.mark.parametrize(("size", "best"), [(10, 5), (15, 7), (20, 10)])
def test_the_order_that_holds_most_is_finite(size: int, best: int) -> None:
    """One order more multiplies by N / (2 d + 1): 7 and 8 are level at N = 15."""
    found = {order: transition_limit(size, order) for order in range(1, 30)}
    assert max(found.values()) == pytest.approx(found[best])
    assert found[best] > 1.01 * max(found[best - 1], found[best + 2])


def test_by_the_exact_law_the_capacity_levels_off_at_high_orders() -> None:
    """The maximum is one of the limit of large networks: Gaussian crosstalk has tails that few units do not have."""
    found = [transition_capacity(10, power_separation(order)) for order in (3, 5, 8, 12)]
    assert found[0] < found[1] < found[2] == pytest.approx(found[3], rel=1e-3)


@pytest.mark.parametrize(
    ("size", "limits", "coincidences", "layers"),
    [(10, (94, 32), (29.3, 15.4), 37.7), (14, (1226, 342), (364, 53), 151), (18, (16654, 3962), (4766, 191), 603)],
)
def test_capacities_of_exponentials(size: int, limits: tuple, coincidences: tuple, layers: float) -> None:
    assert (exponential_transition_limit(size), exponential_sequence_limit(size)) == pytest.approx(limits, rel=0.01)
    assert (coincidence_transitions(size), coincidence_sequence(size)) == pytest.approx(coincidences, rel=0.01)
    assert coincidence_sequence(size, self_free=False) == pytest.approx(layers, rel=0.01)
    assert coincidence_transitions(size, self_free=False) == pytest.approx(0.1 * 2**size)


@pytest.mark.parametrize(
    ("hold", "move", "transitions"), [(2, 2, 91), (3, 3, 2246), (2, 3, 814), (3, 2, 130), (1, 2, 24.4)]
)
def test_limits_of_mixed_networks(hold: int, move: int, transitions: float) -> None:
    assert mixed_transition_limit(100, hold, move, 2.5) == pytest.approx(transitions, rel=0.01)
    shared = min(hold, move)
    assert mixed_sequence_limit(100, hold, move, 2.5) * (shared + 1) == mixed_transition_limit(100, hold, move, 2.5)


def test_a_common_mean_adds_up() -> None:
    """(P - 1) eps^(2d + 1) = 1 at the limit."""
    assert (bias_limit(2, -0.5) - 1) * 0.5**5 == pytest.approx(1.0)
    assert bias_limit(2, 0.0) == math.inf


@pytest.mark.parametrize(
    "call",
    [
        lambda: power_separation(0),
        lambda: power_separation(2.5),
        lambda: exponential_separation(0.0),
        lambda: wrong_bit(1, 5, SQUARE),
        lambda: wrong_bit(10, 0, SQUARE),
        lambda: wrong_bit(10, 5, lambda x: -x),
        lambda: transition_capacity(10, SQUARE, chance_of_error=0.0),
        lambda: sequence_capacity(10, SQUARE, chance_of_error=1.0),
        lambda: transition_capacity(10, SQUARE, chance_of_error=1e-14),
        lambda: transition_limit(1, 2),
        lambda: transition_limit(10, 0),
        lambda: exponential_sequence_limit(1),
        lambda: coincidence_sequence(10, chance_of_error=1.0),
        lambda: bias_limit(1, 1.5),
        lambda: mixed_transition_limit(10, 0, 1, 2.0),
        lambda: mixed_transition_limit(10, 1, 1, 1.0),
    ],
)
def test_what_has_no_capacity_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"unlike|must|too rare"):
        call()
