"""Dwell times of sequences, against the closed form, a trace that is followed in time, and the gains that give them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.theory import box_dwell, delay_dwell, dwell_times, exponential_dwell
from neuroam.units import quantity
from neuroam.values.gains_for_dwell import gains_for_dwell

TIMES = np.array([0.09, 0.28, 0.15, 0.2, 0.12])


@pytest.mark.parametrize(("order", "dwell"), [(1, 4), (2, 4), (10, 5)])
def test_a_box_of_five_steps_at_gain_two_and_a_half(order: int, dwell: int) -> None:
    """LSHM fig. 4A; by hand for d = 1, k = 4: 2.5 * 0.8 > 1 + 2.5 * 0.2, but 2.5 * 0.6 < 1 + 2.5 * 0.4."""
    assert box_dwell(5, 2.5, order) == dwell


def test_a_box_is_left_at_its_end_if_the_gain_is_low() -> None:
    """For large d the old state does not count: tau steps as long as lambda ((tau - 1)/tau)^d < 1."""
    edge = (5 / 4) ** 10
    assert box_dwell(5, 1.001, 10) == box_dwell(5, 0.999 * edge, 10) == 5
    assert box_dwell(5, 1.001 * edge, 10) == 4
    assert box_dwell(1, 2.0) == 1


@pytest.mark.parametrize("dwell", [lambda gain: box_dwell(5, gain), lambda gain: delay_dwell(5, gain),
                                   lambda gain: exponential_dwell(20.0, gain, 2.0)])  # fmt: skip
def test_nothing_is_left_at_a_gain_of_one(dwell) -> None:
    assert dwell(1.0) == math.inf
    assert dwell(1.0 + 1e-12) < math.inf


def test_a_delay_sets_the_time_alone() -> None:
    assert [delay_dwell(7, gain) for gain in (1.02, 16.0)] == [8.0, 8.0]


@pytest.mark.parametrize("gain", [1.0 + 1e-9, 1.2, 2.0, 5.0, 100.0])
def test_exponential_traces_of_overlaps(gain: float) -> None:
    """T = -tau ln(1 - lambda^(-1/2)); near lambda = 1 the rounding of 1 - lambda^(-1/2) is 1e-16 of 5e-10."""
    assert exponential_dwell(0.1, gain) == pytest.approx(-0.1 * math.log(1 - gain**-0.5), rel=1e-7)


@pytest.mark.parametrize(("gain", "order"), [(1.25, 3.0), (2.0, 2.0), (8.0, 5.0)])
def test_exponential_traces_that_are_followed_in_time(gain: float, order: float) -> None:
    """Overlaps that switch at once, in a ring that has run until its times repeat.

    A step ends up to dt late, which the next traces see: a few dt.
    """
    count, dt, tau = 40, 1e-3, 1.0
    trace, at, since, dwell = np.zeros(count), 0, 0.0, 0.0
    for _ in range(30):
        since = 0.0
        while gain * trace[at] ** order <= 1.0 + gain * trace[at - 1] ** order:
            trace *= 1.0 - dt / tau
            trace[at] += dt / tau
            since += dt
        dwell, at = since, (at + 1) % count
    assert exponential_dwell(tau, gain, order) == pytest.approx(dwell, abs=5 * dt)


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("order", [1.0, 2.0, 5.0])
def test_gains_for_wanted_times_give_these_times(order: float, periodic: bool) -> None:
    patterns = PatternSet("memory", np.eye(len(TIMES)), True, attributes={"dwell": TIMES})
    gains, _ = gains_for_dwell(
        Sources({"memory": patterns}, {}), dwell="memory.dwell", tau=quantity("100 ms"), power=order, periodic=periodic
    )
    assert dwell_times(gains, 0.1, order, periodic=periodic) == pytest.approx(TIMES, rel=1e-8)


@pytest.mark.parametrize("order", [1.0, 3.0])
def test_equal_gains_of_a_ring_have_the_uniform_time(order: float) -> None:
    assert dwell_times([2.0] * 3, 0.1, order, periodic=True) == pytest.approx(exponential_dwell(0.1, 2.0, order))


def test_an_open_chain_ends_where_its_gain_is_too_low() -> None:
    found = dwell_times([2.0, 0.9, 2.0], 1.0)
    assert found[0] == pytest.approx(math.log(2.0))  # lambda (1 - y) = 1, without a pattern before
    assert found[1] == found[2] == math.inf


@pytest.mark.parametrize(
    "call",
    [
        lambda: box_dwell(0, 2.0),
        lambda: box_dwell(5, 0.0),
        lambda: delay_dwell(-1, 2.0),
        lambda: exponential_dwell(0.0, 2.0),
        lambda: exponential_dwell(1.0, 2.0, 0.0),
        lambda: dwell_times([], 1.0),
        lambda: dwell_times([2.0, -1.0], 1.0),
        lambda: dwell_times([2.0, 1.0], 1.0, periodic=True),
        lambda: dwell_times([1e12], 1.0, periodic=True),
    ],
)
def test_what_has_no_dwell_time_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"must be above|too high"):
        call()
