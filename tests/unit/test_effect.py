"""What enters a cell excites or inhibits it, by its equations."""

from __future__ import annotations

import pytest

from neuroam.circuit import Cell, Event, Ode, Reduction
from neuroam.effect import effect, signed

CONDUCTANCES = Cell(
    "conductances",
    odes=(Ode("v", "(e_leak - v + ge*(e_exc - v) + gi*(e_inh - v))/tau"), Ode("ge", "-ge/tau"), Ode("a", "-a/tau")),
    outputs=(("r", "int(bias > 0)"),),
    event=Event("spike", "v > 0 and gate > 0", ()),
    start={"v": "e_leak"},
    states=("v", "ge", "a"),
    inputs=("gi", "dopamine", "bias", "gate"),
    pulses={"g_exc": "ge", "jump": "a"},
)
REST = {"e_leak": -0.058, "e_exc": 0.0, "e_inh": -0.075, "tau": 0.02}


@pytest.mark.parametrize(
    ("slot", "way"),
    [("g_exc", 1), ("gi", -1), ("jump", 1), ("bias", 1), ("gate", 1), ("dopamine", 0)],
)
def test_the_equations_say_which_way(slot, way):
    assert effect(CONDUCTANCES, slot, REST) == way


def test_a_reversal_above_rest_excites():
    assert effect(CONDUCTANCES, "gi", REST | {"e_inh": -0.05}) == 1


def test_a_start_that_cannot_be_told_is_no_effect_that_is_known():
    drawn = Cell("drawn", odes=(Ode("v", "drive*v"),), start={"v": "nowhere*2"}, states=("v",), inputs=("drive",))
    assert effect(drawn, "drive", {}) is None


def cell(**parts):
    return Cell("one", inputs=("drive", "slot"), params=("bar", "g"), **parts)


@pytest.mark.parametrize(
    ("parts", "way"),
    [
        ({"outputs": (("r", "rectified(drive - bar - g*slot)"),)}, -1),
        ({"outputs": (("u", "drive + g*slot"),), "odes": (Ode("x", "1/(1 + exp(-u)) - x"),), "states": ("x",)}, 1),
        ({"outputs": (("r", "int(drive >= top)*slot"),), "reductions": (Reduction("top", "kth200", "drive"),)}, 1),
        ({"updates": (("x", "x - int(slot > bar)"),), "states": ("x",)}, -1),
        ({"event": Event("spike", "rand() < (drive + slot)*dt", ())}, 1),
        ({"event": Event("spike", "drive > bar + randn() and slot < 0.05", ())}, -1),
        ({"outputs": (("r", "drive*slot"),)}, None),
        ({"outputs": (("r", "int(abs(slot - bar) < 0.5)"),)}, None),
    ],
    ids=["rectified", "through an output", "winners", "update", "rate", "blocks", "gate", "one of many"],
)
def test_what_rest_hides_is_looked_for_above_it(parts, way):
    assert effect(cell(**parts), "slot", {"bar": 15.0, "g": 2.0}) == way
    assert effect(cell(**parts), "slot", {}) == way


def test_signs_turn():
    assert [signed(sign, -1) for sign in ("+", "-", "±")] == ["-", "+", "±"]
    assert (signed("-", 1), signed("+", 0)) == ("-", "~")
    assert [signed(sign, None) for sign in ("+", "-", "±")] == ["?", "?", "±"]
