"""How long may a step be?  Exponential Euler stands any, forward Euler does not; both have the order they should."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.errors import RunError

CASES = [
    "A tanh x^2",
    "A tanh max(x,0)^3",
    "A tanh x^4",
    "A tanh exp",
    "A sign x^4",
    "A sign exp",
    "B",
    "C max(x,0)^3",
    "C exp",
]
TAU = 20.0
SHORT = ("A tanh x^2", "B", "C exp")
RATIOS = [0.05, 0.2, 1.0, 2.0, 5.0, 20.0]


def recall(simulate, two_body, settle, name, ratio, tau_h, method, steps):
    """N = 64, K = 6, a fifth of the units wrong, hidden cells slaved at the start; dt is ``ratio`` times 20 ms."""
    circuit = two_body(name, 64, TAU, tau_h)
    settings = {**circuit.settings, "time": {"method": method, "dt": f"{ratio * TAU!r} ms"}}
    measure = {
        "energy": {},
        "energy_rise": {},
        "success": {"port": "memory", "window": {"last": "1 steps"}, "above": 0.9},
    }
    return simulate(circuit.model, settle(64, 6, steps, flips=0.2, measure=measure), settings)


@pytest.mark.parametrize("tau_h", [TAU, pytest.param(TAU / 10, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", [n if n in SHORT else pytest.param(n, marks=pytest.mark.slow) for n in CASES])
def test_exponential_euler_descends_at_any_step(simulate, two_body, settle, name, tau_h):
    """From an independent reference: rises below 2.1e-14 of the drop, and recall 1.00 for all but tanh with exp."""
    for ratio in RATIOS:
        steps = max(20, round(10 / ratio))
        result = recall(simulate, two_body, settle, name, ratio, tau_h, "exponential_euler", steps)
        assert result.measures["energy_rise"].max() <= 1e-12, ratio
        # exp(-2 p beta N) = 0.0017: the cue is too weak for the feature cells to stay on
        assert result.measures["success"].mean() == (0.0 if name == "A tanh exp" else 1.0), ratio


@pytest.mark.parametrize(("name", "too_long"), [(name, 2.0 if name == "B" else 1.5) for name in CASES])
def test_forward_euler_has_a_limit(simulate, two_body, settle, name, too_long):
    """Measured with an independent reference, equal time constants: fine at dt = tau, not at 1.5 tau (B: 2 tau)."""
    fine = recall(simulate, two_body, settle, name, 1.0, TAU, "euler", 40)
    assert fine.measures["energy_rise"].max() <= 1e-12
    try:
        result = recall(simulate, two_body, settle, name, too_long, TAU, "euler", 40)
    except RunError:
        return
    assert result.measures["energy_rise"].max() > 1e-3


@pytest.mark.parametrize("device", ["numpy", "cpp"])
def test_a_run_that_diverges_is_refused(simulate, two_body, settle, device):
    """The message says where it happened, and which step to make smaller."""
    circuit = two_body("A sign exp", 64, TAU, TAU)
    settings = {**circuit.settings, "time": {"method": "euler", "dt": "50 ms"}}
    message = r"(?s)populations\.(features|hidden).*not finite.*time\.dt smaller \(now 50 ms\)"
    with pytest.raises(RunError, match=message):
        simulate(circuit.model, settle(64, 6, 60, flips=0.2), settings, device=device)


def end_state(simulate, two_body, settle, name, method, steps):
    """Features after 16 ms, in ``steps`` steps, from one wrong bit in five."""
    circuit = two_body(name, 32, TAU, TAU / 4)
    settings = {**circuit.settings, "time": {"method": method, "dt": f"{16 / steps!r} ms"}}
    result = simulate(circuit.model, settle(32, 4, steps, flips=0.2), settings)
    return result.recordings[0].traces["features", "x"].values[:, -1]


@pytest.mark.parametrize("name", ["A tanh max(x,0)^3", "B", "C max(x,0)^3"])
@pytest.mark.parametrize(
    ("method", "order", "steps"), [("rk4", 4, 16), ("exponential_euler", 1, 128), ("euler", 1, 128)]
)
def test_error_falls_with_the_order_of_the_method(simulate, two_body, settle, name, method, order, steps):
    """A whole network, hidden layer and all: half the step gives 2^-order of the error."""
    exact = end_state(simulate, two_body, settle, name, "rk4", 512)
    errors = [np.abs(end_state(simulate, two_body, settle, name, method, n) - exact).max() for n in (steps, 2 * steps)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)
