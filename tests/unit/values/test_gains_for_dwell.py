"""Gains for wanted dwell times follow the law of an exponential trace."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.units import quantity
from neuroam.values.gains_for_dwell import gains_for_dwell
from neuroam.values.index import index
from neuroam.values.weight_variance import weight_variance

TAU = quantity("100 ms")


def sources(times: list[float]) -> Sources:
    patterns = PatternSet("memory", np.eye(len(times)), True, attributes={"dwell": np.array(times)})
    return Sources({"memory": patterns}, {})


@pytest.mark.parametrize("gain", [1.2, 2.0, 5.0])
def test_equal_times_in_a_ring_have_the_gain_of_the_closed_form(gain: float) -> None:
    dwell = -0.1 * np.log(1 - gain**-0.5)  # T = -tau ln(1 - lambda^(-1/2)), solved by hand for equal times and d = 1
    found, _ = gains_for_dwell(sources([dwell] * 6), dwell="memory.dwell", tau=TAU, periodic=True)
    assert np.allclose(found, gain, rtol=1e-9)


@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
def test_every_gain_satisfies_the_law(power: float) -> None:
    times = [0.09, 0.28, 0.15, 0.2, 0.12]
    found, _ = gains_for_dwell(sources(times), dwell="memory.dwell", tau=TAU, power=power, periodic=True)
    y = np.exp(-np.array(times) / 0.1)
    for mu, (before, now) in enumerate(pairwise([*range(-1, 5)])):
        left = found[now] * (1 - y[now]) ** power
        assert left == pytest.approx(1 + found[before] * ((1 - y[before]) * y[now]) ** power), mu


def test_an_open_chain_has_no_predecessor_at_its_start() -> None:
    found, _ = gains_for_dwell(sources([0.1, 0.1]), dwell="memory.dwell", tau=TAU, threshold=0.78)
    y = np.exp(-1.0)
    assert found[0] == pytest.approx(0.78 / (1 - y))
    assert found[1] == pytest.approx(0.78 * (1 + (found[0] / 0.78) * (1 - y) * y) / (1 - y))


@pytest.mark.parametrize(
    ("name", "what"), [("memory.delay", "no pattern set has"), ("other.dwell", "no pattern set has")]
)
def test_the_attribute_must_be_there(name: str, what: str) -> None:
    with pytest.raises(FunctionError, match=what):
        gains_for_dwell(sources([0.1]), dwell=name, tau=TAU)


def test_times_are_above_zero() -> None:
    with pytest.raises(FunctionError, match="not above zero"):
        gains_for_dwell(sources([0.1, 0.0]), dwell="memory.dwell", tau=TAU)
    with pytest.raises(FunctionError, match="'tau' is not a time"):
        gains_for_dwell(sources([0.1]), dwell="memory.dwell", tau=quantity("3 mV"))


def test_cells_are_numbered_from_zero() -> None:
    assert np.array_equal(index(4)[0], [0.0, 1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("table", "residual", "expected"),
    # (P - 1) [(alpha^2 + beta^2) v + gamma^2 v^2] with P = 10 and f = 1/2
    [("simple_hebb", False, 9 * 0.1875), ("pre_gated", False, 9 * 0.125), ("covariance", False, 9 * 0.0625),
     ("simple_hebb", True, 9 * 0.0625)],
)  # fmt: skip
def test_the_scale_of_a_recall_current(table: str, residual: bool, expected: float) -> None:
    memory = Sources({"memory": PatternSet("memory", np.ones((10, 4)), True, 0.5)}, {})
    found = weight_variance(memory, of="memory", table=table, residual=residual)  # type: ignore[arg-type]
    assert found.value == pytest.approx(expected)
