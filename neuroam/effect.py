"""Does what enters a cell excite or inhibit it?  Its equations say: those of a cell at rest or, if need be, above."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from neuroam.circuit import Cell
from neuroam.formula import FormulaError, evaluate, names, parse

Sign = Literal["+", "-", "±", "~", "?"]
FLIPPED: Mapping[Sign, Sign] = {"+": "-", "-": "+"}
# in SI units; 0 is rest.  The others are what else is in the cell where a threshold hides what enters
LEVELS = (0.0, 1.0, 10.0, 1e2, 1e3, 1e4, 1e5)
AMOUNTS = (0.0, 1.0, 2.0, 4.0, 8.0, 1e3)  # of what enters, in units of the level: more of it has to do more of the same
UNTOLD = 0.5  # a parameter without a number, such as a control: above zero, and a share as well
# one cell in one step, without noise
ALONE: Mapping[str, Any] = {"dt": 1e-3, "t": 0.0, "size": 1.0, "xi": 0.0, "rand": lambda: 0.5, "randn": lambda: 0.0}


def effect(cell: Cell, slot: str, params: Mapping[str, float]) -> int | None:
    """Which way a cell answers when something positive enters a slot.

    The answer is what the slot changes first: the rate of a state, the next value of one, an output, or how far the
    cell is from its event.  What the whole population has in common stands still.

    Parameters
    ----------
    cell : Cell
        Whose slot it is.
    slot : str
        An input, or the name of pulses.
    params : mapping
        Numbers of the cell's parameters, as far as they are known.

    Returns
    -------
    int or None
        1 or -1; 0 if no equation of the cell reads it, as only rules of plasticity do; None if it cannot be told,
        or depends on what else the cell gets.
    """
    entered = cell.pulses.get(slot, slot)
    if not any(entered in names(text, reductions=True) for text in _texts(cell)):
        return 1 if entered in cell.states else 0
    for level in LEVELS:
        probes = {(level, level), (-level, -level), (level, -level), (-level, level)}
        ways = {way for probe in probes for way in _ways(cell, entered, params, *probe)}
        if ways:
            return ways.pop() if len(ways) == 1 else None
    return 1 if entered in cell.states else None


def signed(weights: Sign, way: int | None) -> Sign:
    """What a projection does: the sign of its weights, turned where `effect` says so.

    ``~`` where only rules of plasticity read it, ``?`` where it cannot be told.
    """
    if way == 0:
        return "~"
    if way is None:
        return "±" if weights == "±" else "?"
    return FLIPPED.get(weights, weights) if way < 0 else weights


def _texts(cell: Cell) -> list[str]:
    """All that the cell computes."""
    texts = [ode.rate for ode in cell.odes] + [text for _, text in (*cell.updates, *cell.outputs)]
    texts += [part.argument for part in cell.reductions]
    return [*texts, cell.event.when] if cell.event is not None else texts


def _ways(cell: Cell, entered: str, params: Mapping[str, float], others: float, above: float) -> set[int]:
    """The directions in which the first thing that changes does so; none where nothing changes.

    ``others`` is what the other inputs are, ``above`` how far the states are from rest.
    """
    known: dict[str, Any] = {name: np.float64(params.get(name, UNTOLD)) for name in {*cell.params, *params}}
    start = _start(cell, known)
    known |= {name: np.float64(others) for name in cell.inputs} | {name: start[name] + above for name in start}
    common = _defined(cell, known | {entered: np.float64(0.0)})
    fixed = {part.name: common[part.name] for part in cell.reductions if part.name in common}
    rows = []
    for amount in AMOUNTS:
        now = known | fixed | {entered: np.float64(amount * (abs(others) or 1.0))}
        now |= _defined(cell, now)
        rows.append([_value(text, now) for text in _answers(cell, entered)])
    with np.errstate(all="ignore"):
        steps = np.sign(np.nan_to_num(np.diff(np.array(rows), axis=0)))
    changed = steps[:, (steps != 0).any(axis=0)]
    return {int(way) for way in changed[:, 0] if way} if changed.size else set()


def _start(cell: Cell, known: Mapping[str, Any]) -> dict[str, np.float64]:
    """The states of a cell at rest; without those whose start cannot be told."""
    found = {state: _value(cell.start.get(state, "0"), known) for state in cell.states}
    return {state: value for state, value in found.items() if not np.isnan(value)}


def _defined(cell: Cell, known: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs and reductions of a population of one cell, each after what it reads."""
    todo = {part.name: part.argument for part in cell.reductions if part.name not in known} | dict(cell.outputs)
    found: dict[str, Any] = {}
    while ready := [name for name, text in todo.items() if names(text) <= {*known, *found, *ALONE, "pi"}]:
        for name in ready:
            found[name] = _value(todo.pop(name), {**known, **found})
    return found


def _answers(cell: Cell, entered: str) -> Sequence[str]:
    """What a cell may answer with, in the order in which it counts."""
    rates = [ode.rate for ode in cell.odes if ode.variable != entered]
    more = [text for _, text in (*cell.updates, *cell.outputs)]
    return [*rates, *more, *(_margins(parse(cell.event.when)) if cell.event is not None else ())]


def _margins(condition: ast.expr) -> Iterator[str]:
    """By how much each comparison of a condition holds."""
    match condition:
        case ast.BoolOp(values=values):
            for value in values:
                yield from _margins(value)
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE()], comparators=[right]):
            yield f"({ast.unparse(left)}) - ({ast.unparse(right)})"
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[right]):
            yield f"({ast.unparse(right)}) - ({ast.unparse(left)})"


def _value(text: str, known: Mapping[str, Any]) -> np.float64:
    """NaN where it cannot be told."""
    try:
        with np.errstate(all="ignore"):
            # numbers of numpy, which may be divided by zero
            return np.float64(evaluate(text, {**ALONE, **known}))
    except (FormulaError, LookupError, NameError, TypeError, ValueError):
        return np.float64(np.nan)
