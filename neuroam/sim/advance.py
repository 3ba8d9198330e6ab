"""How far does one state move in one step?  Exponential Euler, Euler, and jumps to where an equation leads."""

from __future__ import annotations

import ast

from neuroam.circuit import Projection
from neuroam.errors import Problem, SpecError
from neuroam.formula import names, parse, substitute
from neuroam.linear import NotLinear, split_linear
from neuroam.sim.gates import still
from neuroam.sim.structure import Draft, Variable
from neuroam.sim.words import device_words, inflow
from neuroam.units import ONE


def filter_rate(projection: Projection) -> tuple[str, str]:
    """The state of a projection's filter and its rate, with the inflow filled in."""
    assert projection.filter is not None
    table = {"s": f"s_{projection.name}", "inflow": inflow(projection)}
    table |= {key: f"{key}_{projection.name}" for key in projection.filter.params}
    return f"s_{projection.name}", substitute(projection.filter.rate, table)


def move_filter(draft: Draft, projection: Projection, when: str, order: int) -> None:
    """In discrete time, the filter of a graded signal takes in what arrives in this step before anything reads it.

    After k steps of an inflow that is held it is ``1 - exp(-k*dt/tau)`` of the way there: exact, as in continuous time.
    """
    variable, rate = filter_rate(projection)
    lines = advance(draft, projection.post, variable, rate, variable)
    lines.append(f"{variable} = {still(draft, variable, f'new_{variable}')}")
    draft.groups[projection.post].ode_texts.append(f"d{variable}/dt = {rate}")
    draft.add(f"filter_{projection.name}", projection.post, when, order, "\n".join(lines))


def advance(draft: Draft, name: str, variable: str, rate: str, label: str, *, jumps: bool = False) -> list[str]:
    """Lines that end in ``new_LABEL``, the value of ``variable`` after one step.

    One that ``jumps`` goes to where its equation would bring it.
    """
    new = f"new_{label} ="
    if draft.continuous and draft.circuit.method == "euler":
        return [f"{new} {variable} + dt*({device_words(draft, name, rate, noise=True)})"]
    numerator, divisor = _fraction(rate)
    try:
        constant, slope = split_linear(numerator, variable)
        split_linear(divisor, variable)
        if variable in names(divisor):
            raise NotLinear
    except NotLinear:
        population = draft.populations[name]
        what = f"exponential_euler needs a cell that is linear in its own state, but d{variable}/dt = {rate} is not"
        smooth = "xi" not in names(rate) and population.cell.event is None
        fix = "add 'time: {method: euler}' to the model" + ", or rk4" * smooth
        raise SpecError([Problem(population.where, f"populations.{name}", what, fix)]) from None
    if not slope:
        return [f"{new} {variable} + dt*({device_words(draft, name, rate, noise=True)})"]
    target = _target(draft, name, constant, slope)
    if jumps:
        return [f"{new} {target or f'0*{variable}'}"]
    decay = _decay(draft, name, variable, slope, divisor)
    if not target:
        return [f"{new} {variable}*{decay}"]
    rest = f"rest_{label}"
    return [f"{rest} = {target}", f"{new} {rest} + ({variable} - {rest})*{decay}"]


def _target(draft: Draft, name: str, constant: str, slope: str) -> str:
    """Where the state would come to rest if nothing else moved; empty for zero."""
    if not constant:
        return ""
    top = device_words(draft, name, constant, noise=True)
    return f"({top})" if slope == "-1" else f"(({top})/(-({device_words(draft, name, slope)})))"


def _decay(draft: Draft, name: str, variable: str, slope: str, divisor: str) -> str:
    """``exp(slope*dt/divisor)``; a number made beforehand if nothing in it changes in time."""
    group, cell = draft.groups[name], draft.populations[name].cell
    read = names(slope) | names(divisor)
    fixed = {v.name for v in group.variables if v.kind == "shared" or v.name in cell.params}
    text = f"({slope})/({divisor})"
    if read <= fixed - set(draft.circuit.controls):
        kind = "cell" if any(v.name in read and v.kind == "cell" for v in group.variables) else "shared"
        group.variables.append(Variable(f"decay_{variable}", ONE, kind))
        draft.decays[name, variable] = text
        return f"decay_{variable}"
    return f"exp(dt*({device_words(draft, name, text)}))"


def _fraction(rate: str) -> tuple[str, str]:
    """Numerator and divisor of ``(...)/(...)``; the divisor is 1 if the rate is not a fraction."""
    tree = parse(rate)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div):
        return ast.unparse(tree.left), ast.unparse(tree.right)
    return rate, "1"
