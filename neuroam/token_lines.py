"""Lines of tokens: thousands of input cells, few of which are active at a time.

They have no state and no input but their drive, so they are never stepped: what they send, and what they teach, follows
from the list of the drives of a step.  A rule that only pulls all weights of a cell down by one factor, beside what the
active lines add, need not touch the weights of the other lines either.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuroam import formula
from neuroam.circuit import Array, Plasticity, Population, Ragged, Trials
from neuroam.errors import FunctionError
from neuroam.linear import NotLinear, split_linear

CODE = "tokens"
SPIKE = "spike"


@dataclass(frozen=True)
class Teaching:
    """A plastic rule in two texts per statement, one over the active lines and one over the cell behind.

    In a step, every active line that fires adds ``w*factor`` to the states in ``adds``; then, at the cells that fired,
    ``w`` becomes ``w*(keep)``, plus ``gain*grow`` at the active lines.  Texts name variables of cells as edges do;
    ``keep`` and ``gain`` are of the cell behind, ``factor`` and ``grow`` of the line.
    """

    adds: tuple[tuple[str, str], ...] = ()
    keep: str = "1"
    gain: str = "1"
    grow: str = ""


def are_lines(population: Population) -> bool:
    """Whether a population is only a list."""
    return population.code == CODE


def drive_of(trials: Trials, lines: str) -> Ragged:
    """What drives a population of lines; it has one input, so there is one list."""
    return next(drive for (name, _), drive in trials.lists.items() if name == lines)


def teaching(plastic: Plasticity) -> Teaching:
    """How a rule changes the weights of lines.

    Raises
    ------
    FunctionError
        If every line would have to be looked at: not ``STATE_post += w*FACTOR`` of the pre cell at its spikes, and
        ``w += GAIN*GROW - SHRINK*w`` at spikes of the post cell, with GROW of the pre cell, GAIN and SHRINK of the
        post cell.
    """
    _refuse_memory(plastic)
    adds = []
    for target, text in plastic.pre:
        rest, factor = _split(plastic, text)
        if not target.endswith("_post") or rest or not factor:
            raise FunctionError(f"'{target}' changes at every spike of a line by more than w times a factor", _FIX)
        _refuse_side(plastic, factor, "pre", target)
        adds.append((target.removesuffix("_post"), factor))
    if len(plastic.post) > 1 or any(target != "w" for target, _ in plastic.post):
        raise FunctionError("more than one statement at the spikes of the cell behind the lines", _FIX)
    if not plastic.post:
        return Teaching(tuple(adds))
    grow, keep = _split(plastic, plastic.post[0][1])
    _refuse_side(plastic, keep, "post", "the factor of w")
    gain, grow = _by_side(plastic, grow) if grow else ("1", "")
    return Teaching(tuple(adds), keep or "0", gain, grow)


_FIX = (
    "behind lines of tokens a rule may have 'pre: STATE_post += w*FACTOR' and 'post: w += GAIN*GROW - SHRINK*w', with"
    " FACTOR and GROW of the line, GAIN and SHRINK of the cell behind; or let the port have 'code: levels'"
)


def _refuse_memory(plastic: Plasticity) -> None:
    for key in ("equations", "step", "epoch_end", "prune", "variables"):
        if getattr(plastic, key):
            raise FunctionError(f"'{plastic.name}' has '{key}', which concern every line in every step", _FIX)


def _split(plastic: Plasticity, text: str) -> tuple[str, str]:
    try:
        return split_linear(text, "w")
    except NotLinear:
        raise FunctionError(f"'{plastic.name}': '{text}' is not linear in w", _FIX) from None


def _by_side(plastic: Plasticity, text: str) -> tuple[str, str]:
    """A product as its factors of the post cell and all others."""
    factors: dict[str, list[str]] = {"post": ["1"], "pre": ["1"]}
    for power, node in _factors(formula.parse(text)):
        written = ast.unparse(node)
        side = "post" if _reads(plastic, written, "post") else "pre"
        _refuse_side(plastic, written, side, "what is added to w")
        factors[side].append(f"({written})" if power > 0 else f"1/({written})")
    return "*".join(factors["post"]), "*".join(factors["pre"])


def _factors(node: ast.expr, power: int = 1) -> Iterator[tuple[int, ast.expr]]:
    """What is multiplied, and with -1 what is divided by."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as operation, right=right):
            yield from _factors(left, power)
            yield from _factors(right, -power if isinstance(operation, ast.Div) else power)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield power, ast.Constant(-1)
            yield from _factors(operand, power)
        case _:
            yield power, node


def _reads(plastic: Plasticity, text: str, side: str) -> list[str]:
    """Names of one side."""
    return sorted(n for n in formula.names(text) if n.endswith(f"_{side}") or plastic.sides.get(n) == side)


def _refuse_side(plastic: Plasticity, text: str, side: str, what: str) -> None:
    """``text`` may read one side only."""
    wrong = _reads(plastic, text, "post" if side == "pre" else "pre") if text else []
    if wrong:
        raise FunctionError(f"'{plastic.name}': {what} reads '{wrong[0]}'", _FIX)
    if text and (formula.calls(text, "rand") or formula.calls(text, "randn")):
        raise FunctionError(f"'{plastic.name}': {what} is drawn at random", _FIX)


def sent(
    population: Population, cells: NDArray[np.int64], drive: Array, text: str, plastic: Plasticity | None = None,
    firing: bool = False,
) -> Array:  # fmt: skip
    """What lines with these drives put into ``text``: a name of theirs, ``spike``, or a text of a `Teaching`.

    With ``firing``, lines that do not fire put in zero.
    """
    cell = population.cell

    def per_entry(values: Mapping[str, float | Array]) -> dict[str, object]:
        return {name: value if isinstance(value, float) else value[cells] for name, value in values.items()}

    space = per_entry(population.params) | {"size": float(population.size), cell.inputs[0]: drive}
    for output, defined in cell.outputs:
        space[output] = formula.evaluate(defined, space)
    fires = np.asarray(formula.evaluate(cell.event.when, space)) if cell.event is not None else np.array(True)
    if text == SPIKE:
        return np.broadcast_to(fires, drive.shape).astype(float)
    words = {f"{name}_pre": value for name, value in space.items()} | space
    if plastic is not None:
        lines = {name: v for name, v in plastic.params.items() if plastic.sides.get(name, "pre") == "pre"}
        words |= per_entry(lines)
    found = np.broadcast_to(formula.evaluate(text, words), drive.shape)
    return np.where(fires, found, 0.0) if firing else np.array(found, dtype=float)
