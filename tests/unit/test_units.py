"""Text becomes an SI float with a dimension, and back; what is no quantity says why and what to write."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroam.units import (
    AMPERE,
    FARAD,
    HERTZ,
    ONE,
    SECOND,
    SIEMENS,
    UNITS,
    VOLT,
    Dimension,
    Quantity,
    UnitError,
    in_words,
    percent_fix,
    quantity,
    si_text,
    unit,
    unit_fix,
)


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("20 ms", 0.02, SECOND),
        ("20ms", 0.02, SECOND),
        ("  -40 mV ", -0.04, VOLT),
        ("0.128 nS", 0.128e-9, SIEMENS),
        ("30 pF", 30e-12, FARAD),
        ("165 Hz", 165.0, HERTZ),
        ("1e-3 s", 0.001, SECOND),
        (".5 mV", 0.0005, VOLT),
        ("5. mV", 0.005, VOLT),
        ("2 min", 120.0, SECOND),
        ("3", 3.0, ONE),
        ("3 1", 3.0, ONE),
        ("7 1/ms", 7000.0, HERTZ),
        ("4 nS*mV", 4e-12, SIEMENS * VOLT),
        ("4 mV/ms", 4.0, VOLT / SECOND),
        ("2 s**2", 2.0, SECOND**2),
        ("2 s^-1", 2.0, HERTZ),
        ("2 s^(0.5)", 2.0, SECOND ** Fraction(1, 2)),
    ],
)
def test_text_is_read(text, value, dimension):
    found = quantity(text)
    assert found.value == pytest.approx(value, rel=1e-14)
    assert found.dimension == dimension
    assert found.text == text


def test_a_decimal_is_the_nearest_float():
    # 0.1 * 0.001 is 0.00010000000000000002
    assert quantity("0.1 ms").value == 1e-4
    assert quantity("35 mV").value == 0.035


@pytest.mark.parametrize("number", [0, -3, 2.5, 10**20])
def test_plain_numbers_have_no_unit(number):
    assert quantity(number) == Quantity(float(number), ONE, str(number))


def test_a_quantity_stays_as_it_is():
    found = quantity("3 mV")
    assert quantity(found) is found


@pytest.mark.parametrize(
    ("raw", "what", "fix"),
    [
        ("10 msec", "no unit named 'msec'", "did you mean 'ms'?"),
        ("10 seconds", "no unit named 'seconds'", "did you mean 's'?"),
        ("10 mvolt", "no unit named 'mvolt'", "did you mean 'mV'?"),
        ("10 qqqq", "no unit named 'qqqq'", "for instance ms, mV, pA, nS, pF or Hz"),
        ("20 m s", "cannot read the unit 'm s'", "write it as 'ms', '1/ms' or 'nS*mV'"),
        ("20 ms*", "cannot read the unit 'ms*'", "write it as 'ms', '1/ms' or 'nS*mV'"),
        ("20 ms^9", "the exponent in 'ms^9' is out of range (at most 6)", "write it as 'ms', '1/ms' or 'nS*mV'"),
        ("50 %", "cannot read '50 %' as a number with a unit, such as '20 ms'", "write 0.5"),
        ("", "cannot read '' as a number with a unit, such as '20 ms'", "write a number, a space, and a unit"),
        (
            "1,5 ms",
            "cannot read '1,5 ms' as a number with a unit, such as '20 ms'",
            "write a number, a space, and a unit",
        ),
        ("٣ ms", "cannot read '٣ ms' as a number with a unit, such as '20 ms'", "write a number, a space, and a unit"),
        ("1e999 s", "the number must be finite", "write a number below 1e300"),
        (float("inf"), "the number must be finite", "write a number below 1e300"),
        (float("nan"), "the number must be finite", "write a number below 1e300"),
        (10**400, "the number is out of range", "write a number below 1e300"),
        (True, "expected a number with a unit, such as '20 ms', not true or false", "write for instance 20 ms"),
        (None, "expected a number with a unit, such as '20 ms', not nothing", "write for instance 20 ms"),
        ([1], "expected a number with a unit, such as '20 ms', not a list", "write for instance 20 ms"),
        ({}, "expected a number with a unit, such as '20 ms', not a mapping", "write for instance 20 ms"),
    ],
)
def test_what_is_no_quantity_says_why(raw, what, fix):
    with pytest.raises(UnitError) as caught:
        quantity(raw)
    assert (str(caught.value), caught.value.fix) == (what, fix)


def test_endless_text_is_refused_at_once():
    with pytest.raises(UnitError, match="cannot read"):
        quantity("1 " + " " * 1_000_000 + "!")


def test_every_unit_has_a_positive_scale_and_reads_itself():
    for name, (scale, dimension) in UNITS.items():
        assert scale > 0
        assert unit(name) == (pytest.approx(scale), dimension)


@given(st.floats(1e-12, 1e12), st.sampled_from(sorted(UNITS)))
def test_what_is_written_is_read(value, name):
    scale, dimension = UNITS[name]
    found = quantity(f"{value!r} {name}")
    assert found.dimension == dimension
    assert found.value == pytest.approx(value * scale, rel=1e-14)


@given(st.floats(-1e6, 1e6), st.sampled_from([ONE, SECOND, VOLT, AMPERE, HERTZ, SIEMENS, FARAD]))
def test_what_is_printed_is_read_again(value, dimension):
    found = quantity(si_text(value, dimension))
    assert found.dimension == dimension
    assert found.value == pytest.approx(value, rel=1e-5)


@given(st.text(max_size=30))
def test_any_text_is_a_finite_quantity_or_an_error(text):
    try:
        found = quantity(text)
    except UnitError:
        return
    assert math.isfinite(found.value)


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0.02, SECOND, "20 ms"),
        (1.0, SECOND, "1 s"),
        (1e-4, SECOND, "100 us"),
        (0.0, VOLT, "0 mV"),
        (-0.07, VOLT, "-70 mV"),
        (2e-10, AMPERE, "200 pA"),
        (0.25, ONE, "0.25"),
        (3.0, VOLT / SECOND, "3 metre**2*kilogram*second**-4*amp**-1"),
    ],
)
def test_si_numbers_for_people(value, dimension, text):
    expected = text if dimension != VOLT / SECOND else f"3 {dimension}"
    assert si_text(value, dimension) == expected


def test_dimensions_multiply_divide_and_take_powers():
    assert AMPERE * SECOND / FARAD == VOLT
    assert VOLT**2 / VOLT == VOLT
    assert (SECOND ** Fraction(1, 2)) ** 2 == SECOND
    assert str(ONE) == "1"
    assert str(VOLT) == "V"
    assert (SECOND ** Fraction(-1, 2)).base_text() == "second**(-1/2)"
    assert Dimension().base_text() == "1"


def test_words_for_messages():
    assert in_words(VOLT) == "in V"
    assert in_words(ONE) == "a plain number"
    assert unit_fix(SECOND) == "give it a unit such as ms"
    assert unit_fix(HERTZ, "the weight") == "give the weight a unit such as Hz"
    assert unit_fix(ONE) == "write a plain number, without a unit"


@pytest.mark.parametrize(
    ("raw", "fix"), [("20 %", "write 0.2"), ("7.5%", "write 0.075"), ("20", ""), (20, ""), (None, "")]
)
def test_shares_in_percent(raw, fix):
    assert percent_fix(raw) == fix
