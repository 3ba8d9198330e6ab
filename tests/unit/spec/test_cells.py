"""Cell and filter files become checked equations, with the dimension of every name."""

from __future__ import annotations

import pytest

from neuroam.spec.components import build_cell
from neuroam.spec.filters import build_filter
from neuroam.spec.model import CellSpec, SynapseSpec
from neuroam.spec.yaml import parse
from neuroam.units import ONE, SECOND, SIEMENS, VOLT, quantity

LIF = """\
title: LIF
params: {tau: 10 ms, threshold: 15 mV, reset: 0 mV, refractory: 2 ms}
inputs: {drive: mV}
states: {v: mV}
equations: ["tau*dv/dt = drive - v"]
events: {spike: {when: "v > threshold", then: ["v = reset"], refractory: refractory, hold: [v]}}
normalised: {params: {threshold: 1, reset: 0}, inputs: {drive: "1"}, states: {v: "1"}}
"""


def cell(text: str, **given):
    document = parse(text, "c.yaml")
    spec = CellSpec.model_validate(document.data)
    return build_cell(document, spec, "c", {key: quantity(value) for key, value in given.items()})


def problems(text: str, **given) -> list[str]:
    return [f"{p.where.line}:{p.where.column} {p.path}: {p.what}" for p in cell(text, **given)[1].problems]


def test_a_cell_with_everything_in_it():
    made, build = cell(LIF)
    assert build.problems == []
    assert (made.states, made.inputs, made.params) == (("v",), ("drive",), ("tau", "threshold", "reset", "refractory"))
    assert (made.odes[0].variable, made.odes[0].rate) == ("v", "(drive - v)/(tau)")
    assert made.event is not None
    assert (made.event.when, made.event.then, made.event.refractory) == ("v > threshold", ("v = reset",), "refractory")
    assert (made.dimensions["v"], made.dimensions["drive"], made.dimensions["tau"]) == (VOLT, VOLT, SECOND)


def test_plain_numbers_choose_the_normalised_units():
    made, build = cell(LIF, threshold=1)
    assert build.problems == []
    assert made.dimensions["v"] == made.dimensions["drive"] == ONE
    assert build.defaults["reset"] == quantity(0)


def test_a_mixture_of_units_stays_in_volts():
    made, _ = cell(LIF, threshold=1, reset="3 mV")
    assert made.dimensions["v"] == VOLT


def test_outputs_and_reductions_come_after_what_they_read():
    made, build = cell(
        'title: x\ninputs: {drive: 1}\noutput: {c: "2*b", b: "a + top", a: "drive"}\nreduce: {top: "max(a)", n: "sum(top)"}\n'
    )
    assert build.problems == []
    assert [name for name, _ in made.outputs] == ["a", "b", "c"]
    assert [r.name for r in made.reductions] == ["top", "n"]


def test_states_without_a_unit_have_that_of_the_first_input():
    made, _ = cell('title: x\nparams: {tau: 1 ms}\ninputs: {g: nS, h: 1}\nequations: ["tau*dy/dt = g - y"]\n')
    assert made.dimensions["y"] == SIEMENS


def test_pulses_have_the_unit_of_their_state():
    made, build = cell(
        'title: x\nparams: {tau: 1 ms}\ninputs: {h: 1}\npulses: {jump: a}\nstates: {a: nS}\nequations: ["tau*da/dt = -a"]\n'
    )
    assert build.problems == []
    assert made.dimensions["jump"] == SIEMENS
    assert made.inputs == ("h", "jump")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('output: {g: "drive + volt"}', "3:22 output.g: unknown name 'volt'"),
        ('output: {g: "  drive +  nope"}', "3:25 output.g: unknown name 'nope'"),
        ("output: {g: drive + nope}", "3:21 output.g: unknown name 'nope'"),
        ('update: ["x = drive + nope"]', "3:23 update[0]: unknown name 'nope'"),
        ('update: ["x += nope"]', "3:16 update[0]: unknown name 'nope'"),
        ('update: ["x = 1", "drive = 2"]', "3:19 update[1]: 'drive' is not a state of this cell"),
        ('update: ["nonsense", "x = 1"]', "3:10 update[0]: cannot read the statement"),
        ('equations: ["dx/dt = drive/t", "dy/dt = nope"]', "3:41 equations[1]: unknown name 'nope'"),
        ('equations: ["nope*dx/dt = drive"]', "3:13 equations[0]: unknown name 'nope'"),
        ('equations: ["(t + nope)*dx/dt = drive"]', "3:19 equations[0]: unknown name 'nope'"),
        ('reduce: {m: "max( drive*nope )"}', "3:25 reduce.m: unknown name 'nope'"),
        ('reduce: {m: "kth(drive, 0)"}', "3:13 reduce.m: the k of kth(x, k) is a whole number from 1"),
        ('start: {y: "1"}', "3:9 start.y: no state named 'y'"),
        ('output: {g: "drive"}\nlagrangian: "sum(nope)"', "4:18 lagrangian: unknown name 'nope'"),
        ("events: {spike: {when: drive}}", "3:24 events.spike.when: the condition of an event must be true or false"),
        ('output: {drive: "1"}', "3:10 output.drive: the name 'drive' is used twice in this cell"),
        ('output: {a: "b", b: "a"}', "3:10 output.a: these lines need each other: a -> b -> a"),
        ('output: {a: "1", b: "x.y"}', "3:21 output.b: only arithmetic, comparisons and function calls can stand in "
         "an equation"),
    ],
)  # fmt: skip
def test_a_mistake_is_where_it_stands_in_the_file(line, problem):
    assert problems(f"title: x\ninputs: {{drive: 1}}\n{line}\n") == [problem]


def test_a_place_in_a_block_of_text_is_that_of_the_block():
    assert problems("title: x\ninputs: {drive: 1}\noutput:\n  g: >\n    drive\n    + nope\n")[0].startswith("4:6 ")


def test_a_line_that_reads_a_wrong_one_is_not_blamed():
    found = problems('title: x\ninputs: {drive: 1}\noutput: {a: "drive +", b: "2*a"}\nreduce: {m: "sum(b)"}\n')
    assert found == ["3:13 output.a: cannot read the expression"]


def test_a_unit_that_cannot_be_read_is_told_once():
    found = problems('title: x\ninputs: {drive: mVolt}\nstates: {v: mV}\noutput: {g: "v + drive", h: "exp(drive)"}\n')
    assert found == ["2:17 inputs.drive: no unit named 'mVolt'"]


def filtered(text: str, slot=VOLT, **given):
    document = parse(text, "s.yaml")
    spec = SynapseSpec.model_validate(document.data)
    return build_filter(document, spec, "s", {key: quantity(value) for key, value in given.items()}, slot)


@pytest.mark.parametrize("slot", [VOLT, ONE, SIEMENS])
def test_a_filter_suits_any_slot(slot):
    made, found = filtered('title: x\nparams: {tau: 5 ms}\nequations: ["tau*ds/dt = inflow - s"]\n', slot, tau="2 ms")
    assert found == []
    assert (made.rate, made.params) == ("(inflow - s)/(tau)", {"tau": 0.002})


def test_the_state_of_a_filter_may_have_any_name_even_one_that_is_part_of_another():
    made, found = filtered('title: x\nparams: {tau: 5 ms}\nequations: ["tau*da/dt = -a"]\n')
    assert found == []
    assert made.rate == "-s / tau"


@pytest.mark.parametrize(
    ("equations", "what"),
    [
        ("[]", "a filter has exactly one equation"),
        ('["tau*ds/dt = -s", "tau*dr/dt = -r"]', "a filter has exactly one equation"),
        ('["ds/dt = -s"]', "ds/dt is in metre**2*kilogram*second**-4*amp**-1 but the right side is in V"),
        ('["tau*ds/dt = -r"]', "unknown name 'r'"),
        ('["tau*ds/dt = s > 0"]', "'s' is in V but '0' is a plain number"),
        ('["tau*dtau/dt = -tau"]', "'tau' is used twice"),
        ('["tau*dint/dt = 1"]', "'int' is a keyword of the generated code"),
        ('["s = 1"]', "cannot read the equation"),
    ],
)
def test_what_is_no_filter(equations, what):
    made, found = filtered(f"title: x\nparams: {{tau: 5 ms}}\nequations: {equations}\n")
    assert made is None
    assert len(found) == 1
    assert found[0].what.startswith(what)
    assert found[0].fix
