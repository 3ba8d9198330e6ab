"""The fluctuations of a membrane against the recursion that steps it."""

from __future__ import annotations

import math

import pytest

from neuroam.theory import membrane_sd, step_sd

RATIOS = [0.001, 0.01, 0.1, 1.0, 10.0]


@pytest.mark.parametrize("ratio", RATIOS)
def test_stationary_sd_is_where_the_recursion_rests(ratio: float) -> None:
    decay = math.exp(-ratio)
    variance = step_sd(3.0, 1.0, ratio) ** 2 / (1 - decay**2)
    assert membrane_sd(3.0, 1.0, ratio) == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_short_steps_reach_the_continuous_value() -> None:
    """The shortfall is (dt/tau)^2 / 24."""
    assert membrane_sd(3.0, 1.0, 1e-4) == pytest.approx(3.0, rel=1e-8)
    assert 1 - membrane_sd(1.0, 1.0, 0.1) == pytest.approx(0.1**2 / 24, rel=1e-2)


def test_impossible_membranes_are_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        membrane_sd(1.0, 0.0, 1.0)
