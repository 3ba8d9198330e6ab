"""f-I curves against limits, and against the waiting time computed on a grid."""

from __future__ import annotations

import math

import numpy as np
import pytest

from neuroam.theory import constant_drive_rate, noisy_drive_rate, steps_between_spikes

LIF = {"tau": 10e-3, "threshold": 15e-3}


def waiting_time(drive: float, noise: float, tau: float, threshold: float, reset: float) -> float:
    """Mean first passage time by finite differences: (I - v) T' + noise^2 T'' = -tau, T(threshold) = 0."""
    v = np.linspace(min(drive, reset) - 8 * noise, threshold, 8001)
    step = v[1] - v[0]
    drift, spread = (drive - v) / (2 * step), noise**2 / step**2
    matrix = np.zeros((3, v.size))  # banded: above, on and below the diagonal
    matrix[0, 1:] = (drift + spread)[:-1]
    matrix[1] = -2 * spread
    matrix[2, :-1] = (spread - drift)[1:]
    right = np.full(v.size, -tau)
    matrix[0, 1], matrix[1, 0], right[0] = 1.0, -1.0, 0.0  # reflecting far below
    matrix[1, -1], matrix[2, -2], right[-1] = 1.0, 0.0, 0.0  # absorbing at threshold
    from scipy.linalg import solve_banded

    return float(np.interp(reset, v, solve_banded((1, 1), matrix, right)))


def test_silent_up_to_the_threshold() -> None:
    assert constant_drive_rate(15e-3, **LIF) == 0.0
    assert steps_between_spikes(15e-3, dt=1e-4, **LIF) == 0
    assert constant_drive_rate(15.1e-3, **LIF) > 0


def test_rate_without_noise_in_closed_form() -> None:
    """A drive of 15 e/(e - 1) mV needs exactly one time constant."""
    drive = 15e-3 * math.e / (math.e - 1)
    assert constant_drive_rate(drive, **LIF) == pytest.approx(100.0)
    assert constant_drive_rate(drive, refractory=10e-3, **LIF) == pytest.approx(50.0)
    assert constant_drive_rate(1e9, refractory=2e-3, **LIF) == pytest.approx(500.0)


@pytest.mark.parametrize("drive", [15.2e-3, 17e-3, 25e-3, 90e-3, 3.0])
@pytest.mark.parametrize("refractory", [0, 1, 20])
def test_steps_between_spikes_count_as_a_loop_does(drive: float, refractory: int) -> None:
    decay, v, steps = math.exp(-1e-4 / 10e-3), 0.0, max(refractory - 1, 0)
    while v <= 15e-3:
        v = drive + (v - drive) * decay
        steps += 1
    assert steps_between_spikes(drive, dt=1e-4, refractory=refractory, **LIF) == steps


@pytest.mark.parametrize(("drive", "noise"), [(9e-3, 3e-3), (14e-3, 3e-3), (15e-3, 1e-3), (20e-3, 3e-3), (12e-3, 8e-3)])
def test_rate_with_noise_is_one_over_the_waiting_time(drive: float, noise: float) -> None:
    expected = 1 / (2e-3 + waiting_time(drive, noise, 10e-3, 15e-3, 0.0))
    assert noisy_drive_rate(drive, noise, refractory=2e-3, **LIF) == pytest.approx(expected, rel=2e-3)


def test_weak_noise_changes_little_and_none_changes_nothing() -> None:
    assert noisy_drive_rate(20e-3, 0.0, **LIF) == constant_drive_rate(20e-3, **LIF)
    assert noisy_drive_rate(20e-3, 1e-5, **LIF) == pytest.approx(constant_drive_rate(20e-3, **LIF), rel=1e-4)
    assert noisy_drive_rate(0.0, 1e-4, **LIF) == 0.0


def test_impossible_cells_are_refused() -> None:
    for change in ({"tau": 0.0}, {"threshold": -1e-3}, {"refractory": -1e-3}):
        with pytest.raises(ValueError, match="above"):
            constant_drive_rate(20e-3, **{**LIF, **change})
