"""Whatever stands in an equation: it is refused with a reason, or numpy and the text for a device both have its value."""

from __future__ import annotations

import ast
import contextlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from neuroam import formula
from neuroam.formula import (
    FormulaError,
    device_text,
    dimension,
    evaluate,
    parse,
    split_ode,
    split_statement,
    substitute,
)
from neuroam.units import ONE, SECOND, VOLT
from tests.hardening.limits import limited, needs_linux
from tests.hardening.strategies import expressions

pytestmark = needs_linux
KNOWN = {"x": ONE, "y": ONE, "u": ONE, "pi": ONE, "v": VOLT, "w": VOLT, "tau": SECOND}
VALUES = {"x": np.array([-1.5, 0.0, 2.0]), "y": np.array([0.5, 3.0, -0.0]), "u": 1e200, "v": np.array([-0.06, 0.0, 1e5]),
          "w": 0.015, "tau": 0.01}  # fmt: skip
NOT_IN_NUMPY = ("rand", "randn", "kth", "argmax")  # drawn on the device, or computed by `evaluate.expression`
RELAXED = settings(
    deadline=None, database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck)
)


def refused(error: FormulaError, text: str) -> str:
    assert error.what
    assert 0 <= error.offset <= len(text)
    return "refused"


def outcome(text: str) -> str:
    """How far a text came; nothing but a `FormulaError` may stop it."""
    for split, line in (
        (split_ode, f"tau*dx/dt = {text}"),
        (split_ode, f"{text}*dx/dt = x"),
        (split_statement, f"x += {text}"),
    ):
        with limited(), contextlib.suppress(FormulaError):
            split(line)
    with limited():
        try:
            tree = parse(text, reductions=True)
        except FormulaError as error:
            return refused(error, text)
        written = ast.unparse(tree)
        device = device_text(written)
        substitute(text, {"x": "(y + 1)", "v": "w"})
        try:
            dimension(text, KNOWN, reductions=True)
        except FormulaError as error:
            return refused(error, text)
        if any(formula.calls(text, name) for name in NOT_IN_NUMPY):
            return "drawn"
        value = evaluate(text, VALUES)
        if any(function in written for function in ("rectified", "log_cosh")) and len(device) < formula.MAX_LENGTH:
            with contextlib.suppress(FormulaError):  # longer than what a person may write
                other = evaluate(device, VALUES)
                both = np.isfinite(value) & np.isfinite(other)
                assert np.allclose(np.where(both, value, 0), np.where(both, other, 0), rtol=1e-9, atol=1e-9)
    return "computed"


def fuzz(number: int) -> Counter[str]:
    """How far this many texts came, the same ones every time."""
    came: Counter[str] = Counter()

    @given(expressions())
    @settings(RELAXED, max_examples=number, derandomize=True)
    def holds(text: str) -> None:
        came[outcome(text)] += 1

    holds()
    print(dict(came))
    return came


def test_equations():
    came = fuzz(300)
    assert min(came["refused"], came["computed"]) >= 50


@pytest.mark.slow
def test_ten_thousand_equations():
    fuzz(10_000)


@pytest.mark.parametrize("name", ["rectified", "log_cosh"])
def test_what_doubles_at_every_step_is_refused(name):
    with limited(), pytest.raises(FormulaError, match="more than 4000 parts where its functions are written out"):
        parse(f"{name}(" * 40 + "x" + ")" * 40)
    parse(f"{name}({name}({name}(x)))")


@pytest.mark.parametrize("n", ["1e9", "65", "1/0", "2*64", "-(1e300)"])
def test_a_power_by_repeated_products_is_not_endless(n):
    with limited(), pytest.raises(FormulaError, match="the exponent is out of range"):
        parse(f"int_power(x, {n})")


@pytest.mark.parametrize("n", [-1.0, 65.0, 1e300, np.inf, np.nan])
def test_a_power_that_only_numbers_reveal_is_not_a_number(n):
    with limited():
        assert np.isnan(evaluate("int_power(x, n)", {"x": np.array([1.0, 2.0]), "n": n})).all()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1/0", np.inf), ("(-1)**0.5", np.nan), ("5 % 0", np.nan), ("exp(9**64)", np.inf), ("(1e300)**2", np.inf), ("0**-1", np.inf),
     ("abs(-(9**64))", 9.0**64)],
)  # fmt: skip
def test_numbers_alone_are_those_of_a_device(text, value):
    assert np.array_equal(evaluate(text, {}), value, equal_nan=True)


def test_conditions_hold_cell_by_cell():
    values = {"x": np.array([-1.0, 0.5, 2.0])}
    assert evaluate("int((x > 0) and not (x > 1) and x != 7)", values).tolist() == [0, 1, 0]
    assert evaluate("int(not x > 0 or x > 1)", values).tolist() == [1, 0, 1]


def test_long_names_make_no_checked_expression_too_long():
    """What is made of a text that was right is longer than any that a person may write, and goes on."""
    text = " + ".join(["x"] * 90)
    parse(text)
    longer = substitute(text, {"x": "a" * 60})
    assert len(longer) > formula.MAX_LENGTH
    with pytest.raises(FormulaError):
        parse(longer)
    assert formula.names(substitute(longer, {"a" * 60: "b"})) == {"b"}
    assert evaluate(longer, {"a" * 60: 1.0}) == 90
