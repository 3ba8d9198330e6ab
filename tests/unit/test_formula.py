"""What may stand in an equation, which dimension it has, and its value; nothing else reaches a code generator."""

from __future__ import annotations

import ast
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from neuroam import formula
from neuroam.arithmetic import FUNCTIONS, REDUCTIONS
from neuroam.formula import FormulaError, dimension, evaluate, names, parse, split_ode, split_statement
from neuroam.units import ONE, SECOND, VOLT

KNOWN = {"x": ONE, "y": ONE, "v": VOLT, "w": VOLT, "tau": SECOND, "pi": ONE}
HARMLESS = (
    ast.Constant, ast.Name, ast.Call, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare,
    ast.Load, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x", ONE),
        ("2.5e-3", ONE),
        ("v/tau", VOLT / SECOND),
        ("-v + 3*w", VOLT),
        ("v**2/w", VOLT),
        ("sqrt(v*w)", VOLT),
        ("exp(v/w)", ONE),
        ("abs(v)", VOLT),
        ("sign(v)", ONE),
        ("clip(v, -w, w)", VOLT),
        ("rectified(v)", VOLT),
        ("int(v > w)*v", VOLT),
        ("v % w", VOLT),
        ("int((x > 0) and not (y > 0))", ONE),
        ("rand() + randn()", ONE),
        ("int_power(x, 3)", ONE),
        ("x**y", ONE),
        ("tau**0.5", SECOND ** Fraction(1, 2)),
    ],
)
def test_dimensions(text, wanted):
    assert dimension(text, KNOWN) == wanted


@pytest.mark.parametrize("text", ["v > w", "not x > y", "x > 0 or y > 0", "v == w"])
def test_conditions_have_no_dimension(text):
    assert dimension(text, KNOWN) is None


@pytest.mark.parametrize(
    ("text", "what", "offset"),
    [
        ("x + v", "'x' is a plain number but 'v' is in V", 4),
        ("x*(v - tau)", "'v' is in V but 'tau' is in s", 7),
        ("exp(v)", "exp() needs a plain number but 'v' is in V", 4),
        ("v > x", "'v' is in V but 'x' is a plain number", 4),
        ("x + z", "unknown name 'z'", 4),
        ("   z", "unknown name 'z'", 3),
        ("2*(x > y)", "a condition stands where a number is needed", 3),
        ("not x", "a number stands where a condition is needed", 4),
        ("x**v", "the exponent is in V", 3),
        ("v**x", "a quantity with a unit needs a number as exponent", 3),
        ("clip(v, 0, w)", "'v' is in V but '0' is a plain number", 8),
    ],
)
def test_dimensions_that_do_not_fit(text, what, offset):
    with pytest.raises(FormulaError) as caught:
        dimension(text, KNOWN)
    assert (caught.value.what, caught.value.offset) == (what, offset)
    assert caught.value.fix or what.startswith("unknown name")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "cannot read the expression"),
        ("x +", "cannot read the expression"),
        ("x y", "cannot read the expression"),
        ("x^2", "'^' cannot stand in an equation"),
        ("x && y", "'&&' cannot stand in an equation"),
        ("x // y", "'//' cannot stand in an equation"),
        ("x if y else 0", "'if' cannot stand in an equation"),
        ("0 < x < 1", "a comparison has two sides"),
        ("x; y", "one expression, without comments, quotes or line ends"),
        ("x # y", "one expression, without comments, quotes or line ends"),
        ("x\ny", "one expression, without comments, quotes or line ends"),
        ("'x'", "one expression, without comments, quotes or line ends"),
        ("x\\", "one expression, without comments, quotes or line ends"),
        ("βx", "the character 'β' cannot stand in an equation"),
        ("ｘ", "the character 'ｘ' cannot stand in an equation"),  # full-width x, which Python would read as x
        ("x.real", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("x[0]", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("(x, y)", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("[x]", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("{x}", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("lambda: x", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("(y := x)", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("x in y", "a comparison has two sides"),
        ("x is y", "a comparison has two sides"),
        ("await x", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("x @ y", "this operator cannot stand in an equation"),
        ("x << y", "this operator cannot stand in an equation"),
        ("~x", "this operator cannot stand in an equation"),
        ("True", "only ordinary numbers can stand in an equation"),
        ("None", "only ordinary numbers can stand in an equation"),
        ("...", "only ordinary numbers can stand in an equation"),
        ("1j", "only ordinary numbers can stand in an equation"),
        ("1e999", "only ordinary numbers can stand in an equation"),
        ("9" * 400, "only ordinary numbers can stand in an equation"),
        ("__import__(x)", "no function named '__import__'"),
        ("eval(x)", "no function named 'eval'"),
        ("sum(x)", "'sum' can stand under 'reduce' and 'lagrangian' only"),
        ("exp(x)(y)", "only functions by name can be called"),
        ("np.exp(x)", "only functions by name can be called"),
        ("exp()", "exp() takes 1 argument"),
        ("exp(x=1)", "exp() takes 1 argument"),
        ("exp(*x)", "only arithmetic, comparisons and function calls can stand in an equation"),
        ("clip(x)", "clip() takes 3 arguments"),
        ("x**y**2", "a power in an exponent is refused"),
        ("9**9**9", "a power in an exponent is refused"),
        ("((9**64)**64)**64", "a power of a power of numbers is refused"),
        ("x**65", "the exponent is out of range (at most 64)"),
        ("x**-65", "the exponent is out of range (at most 64)"),
        ("2**(64*64)", "the exponent is out of range (at most 64)"),
        ("2**(1/0)", "the exponent is out of range (at most 64)"),
        ("2**(5 % 3)", "the exponent is out of range (at most 64)"),
        ("(" * 300 + "x" + ")" * 300, None),
        ("x" + "+x" * 300, "the expression has more than 400 parts"),
        ("x" * 3000, "the expression is longer than 2000 characters"),
        ("-" * 1500 + "x", None),
    ],
)
def test_what_is_refused(text, what):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    if what is not None:
        assert caught.value.what == what
    assert caught.value.fix
    assert 0 <= caught.value.offset <= len(text)


WORDS = st.sampled_from(
    ["x", "v", "exp", "sum", "(", ")", ",", "+", "-", "*", "**", "/", "%", "<", "==", " and ", " not ", "1", "2.5", "1e9",
     "64", "lambda:", "__class__", ".", "[", "]", "'", '"', "{", "}", ":=", " if ", " else ", ";", "#", "\n", "@", "~",
     "`", "$", "import os", "f''", "**64", "0x1F", "1_0", "_", "é", "\u2028", "\\"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map("".join)))
@example("x.__class__")
@example("().__class__.__base__")
def test_nothing_that_is_accepted_can_do_more_than_compute(text):
    try:
        tree = parse(text, reductions=True)
    except FormulaError:
        return
    known = {*FUNCTIONS, *REDUCTIONS}
    for node in ast.walk(tree):
        assert isinstance(node, HARMLESS), ast.dump(node)
        if isinstance(node, ast.Constant):
            assert type(node.value) in (int, float)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name)
            assert node.func.id in known
            assert not node.keywords
        if isinstance(node, ast.Name):
            assert node.id.isascii()


@pytest.mark.parametrize(
    "text", ["(" * 2000, "-" * 2000, "x*" * 999 + "x", "exp(" * 400, "9**" * 600 + "9", "  *  " * 400]
)
def test_hostile_text_costs_no_time(text):
    started = time.perf_counter()
    for function in (parse, split_ode, split_statement):
        with pytest.raises(FormulaError):
            function(text)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("name", ["x", "tau_m", "gABA", "x1", "e1", "lif_2"])
def test_names_that_can_be_variables(name):
    assert formula.name_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    ["", "1x", "_x", "x_", "x__y", "x-y", "x y", "é", "x1e5", "a" * 61, "int", "double", "lambda", "class", "and_eq",
     "co_await", "std", "main", "exp", "sum", "kth", "t", "dt", "i", "j", "k", "N", "xi", "pi", "e", "inf", "nan", "volt",
     "mV", "ms", "flux", "tan", "log10", "linux", "NULL", "new_0", "decay_x", "stim_drive", "ref_left", "rand", "size", "lastspike", "not_refractory", "None", "true", "False"],
)  # fmt: skip
def test_names_that_cannot(name):
    assert formula.name_problem(name)


def test_labels_may_be_words_of_the_generated_code():
    assert formula.label_problem("int") == ""
    assert formula.label_problem("t") == ""


def test_names_are_those_of_variables_only():
    assert names("exp(x) + clip(y, 0, pi)*x") == {"x", "y", "pi"}
    assert names("sum(x*y)", reductions=True) == {"x", "y"}
    assert formula.calls("exp(x) + rand()", "rand")
    assert not formula.calls("rand_x + exp(x)", "rand")
    assert formula.powers_in("scale/n*sum(int_power(x/scale, n - 1))") == ["n - 1"]


VALUES = {"x": np.array([-1.0, 0.5, 2.0]), "y": 3.0}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y", [2, 3.5, 5]),
        ("2*pi", 2 * np.pi),
        ("rectified(x)", [0, 0.5, 2]),
        ("sign(x)*x**2", [-1, 0.25, 4]),
        ("int(x > 0)", [0, 1, 1]),
        ("clip(x, 0, 1)", [0, 0.5, 1]),
        ("sum(x)", [1.5]),
        ("max(x) - min(x)", [3]),
        ("mean(x)*y", [1.5]),
        ("int_power(x, 3)", [-1, 0.125, 8]),
        ("int_power(x, 0)", [1, 1, 1]),
        ("int(x >= 2)", [0, 0, 1]),
    ],
)
def test_values(text, expected):
    assert np.allclose(evaluate(text, VALUES), expected)


@given(st.floats(-300, 300))
def test_log_cosh_is_what_it_says_without_overflow(x):
    found = float(evaluate("log_cosh(x)", {"x": np.array([x])})[0])
    expected = np.log(np.cosh(x)) if abs(x) < 30 else abs(x) - np.log(2)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_values_of_the_caller_are_all_that_an_expression_sees():
    secret = 3.0  # noqa: F841
    with pytest.raises(NameError):
        evaluate("secret", {})


@given(st.floats(-5, 5), st.floats(0.1, 5))
def test_device_text_means_the_same(x, y):
    text = "rectified(x - y) + log_cosh(x*y)"
    device = formula.device_text(text)
    assert "rectified" not in device
    assert "log_cosh" not in device
    values = {"x": np.array([x]), "y": y}
    assert evaluate(device, values) == pytest.approx(evaluate(text, values), rel=1e-12, abs=1e-12)


def test_substitution_keeps_the_order_of_operations():
    assert evaluate(formula.substitute("2*x", {"x": "y + 1"}), {"y": 3.0}) == 8
    assert evaluate(formula.substitute("x + xx", {"x": "1"}), {"xx": 3.0}) == 4


@pytest.mark.parametrize(
    ("text", "variable", "rate"),
    [
        ("dx/dt = -x", "x", "(-x)"),
        ("tau*dx/dt = y - x", "x", "(y - x)/(tau)"),
        ("  (tau + 1) * dx/dt=y", "x", "(y)/((tau + 1))"),
        ("c*d2x/dt = y", None, None),
        ("dx/dt == y", None, None),
        ("x = y", None, None),
        ("dx/dt =", None, None),
    ],
)
def test_equations(text, variable, rate):
    if variable is None:
        with pytest.raises(FormulaError):
            split_ode(text)
        return
    assert split_ode(text)[:2] == (variable, rate)


@pytest.mark.parametrize("text", ["tau*dx/dt = y + ?", "? *dx/dt = y", "dx/dt = ?"])
def test_an_error_in_an_equation_is_where_it_stands_in_the_line(text):
    with pytest.raises(FormulaError) as caught:
        split_ode(text.replace("?", "z.real"))
    assert caught.value.offset == text.index("?")


@pytest.mark.parametrize("text", ["tau*dx/dt = y + ?", "(1 + ?)*dx/dt = y", "dx/dt =  ? - x", " ? * dx/dt = y"])
def test_a_place_in_the_rate_is_found_in_the_line(text):
    line = text.replace("?", "z")
    rate = split_ode(line)[1]
    assert formula.offset_in_ode(line, rate.index("z")) == text.index("?")


@pytest.mark.parametrize(
    ("text", "value"),
    [("x = y + 1", "y + 1"), ("x += y", "x + (y)"), ("x -= y", "x - (y)"), ("x *= y + 1", "x * (y + 1)")],
)
def test_statements(text, value):
    assert split_statement(text)[:2] == ("x", value)


@pytest.mark.parametrize("text", ["x", "x == y", "x = ", "2*x = y", "x[0] = y", "x = y = 2", "import os"])
def test_what_is_no_statement(text):
    with pytest.raises(FormulaError):
        split_statement(text)


@pytest.mark.parametrize("text", ["x = 1 + ?", "x += 1 + ?", "x  *=  ?"])
def test_a_place_in_the_value_is_found_in_the_line(text):
    line = text.replace("?", "z")
    value = split_statement(line)[1]
    assert formula.offset_in_statement(line, value.index("z")) == text.index("?")
