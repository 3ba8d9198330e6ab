"""Relaxation rates against the eigenvalues of the linear system itself."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.theory import euler_step_limit, relaxation_rates

CASES = [(0.0, 1.0, 1.0), (0.3, 1.0, 1.0), (0.9, 1.0, 0.1), (0.5, 0.1, 1.0), (1.4, 1.0, 0.03)]


@pytest.mark.parametrize(("coupling", "tau_f", "tau_h"), CASES)
def test_rates_are_the_eigenvalues_of_the_linear_system(coupling: float, tau_f: float, tau_h: float) -> None:
    """tau_f v' = a h - v and tau_h h' = b v - h with a b = s."""
    a, b = 2.0, coupling / 2.0
    matrix = np.array([[-1 / tau_f, a / tau_f], [b / tau_h, -1 / tau_h]])
    assert sorted(relaxation_rates(coupling, tau_f, tau_h)) == pytest.approx(sorted(np.linalg.eigvals(matrix).real))


@pytest.mark.parametrize(("coupling", "stable"), [(0.0, True), (0.999, True), (1.001, False), (4.0, False)])
def test_stable_exactly_below_one(coupling: float, stable: bool) -> None:
    for tau_h in (0.01, 1.0, 100.0):
        slow, fast = relaxation_rates(coupling, 1.0, tau_h)
        assert (slow < 0) == stable
        assert fast < 0


def test_step_limit_in_its_two_simple_cases() -> None:
    assert euler_step_limit(0.25, 20e-3, 20e-3) == pytest.approx(2 * 20e-3 / 1.5)
    assert euler_step_limit(0.5, 1.0, 1e-6) == pytest.approx(2e-6, rel=1e-5)


@pytest.mark.parametrize(("coupling", "tau_f", "tau_h"), [case for case in CASES if case[0] < 1])
def test_forward_euler_grows_just_above_the_limit(coupling: float, tau_f: float, tau_h: float) -> None:
    a, b = 2.0, coupling / 2.0
    matrix = np.array([[-1 / tau_f, a / tau_f], [b / tau_h, -1 / tau_h]])
    limit = euler_step_limit(coupling, tau_f, tau_h)
    for dt, grows in ((0.99 * limit, False), (1.01 * limit, True)):
        assert (np.abs(np.linalg.eigvals(np.eye(2) + dt * matrix)).max() > 1) == grows


def test_impossible_circuits_are_refused() -> None:
    for coupling, tau in ((-0.1, 1.0), (0.5, 0.0)):
        with pytest.raises(ValueError, match="above zero"):
            relaxation_rates(coupling, 1.0, tau)
