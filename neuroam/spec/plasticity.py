"""Plastic components: whether their statements are right, for the two cells that a projection joins.

Statements of an edge may read its weight ``w`` (a number: the matrix entry), its own ``variables``, the parameters of
the file, and any variable of the two cells as ``NAME_pre`` and ``NAME_post``.  They may assign to ``w``, to the edge's
variables, and to states of the post cell (``NAME_post``), where the contributions of all edges add up.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from neuroam.arithmetic import FUNCTIONS
from neuroam.circuit import Array, Cell, Ode, Plasticity, Statement
from neuroam.errors import Problem
from neuroam.formula import (
    FormulaError,
    dimension,
    name_problem,
    offset_in_ode,
    offset_in_statement,
    parse,
    split_ode,
    split_statement,
    substitute,
)
from neuroam.leaves import Call
from neuroam.spec.components import inside
from neuroam.spec.model import SynapseSpec
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document, dotted
from neuroam.units import ONE, SECOND, Dimension, Quantity, UnitError, in_words, quantity, unit, unit_fix

Path = tuple[str | int, ...]
FREE = {"t": SECOND, "dt": SECOND, "pi": ONE}


@dataclass(frozen=True)
class Ends:
    """The two cells of a projection, and the ports whose attributes it may read."""

    pre: Cell
    post: Cell
    ports: tuple[str, ...]


def readable(cell: Cell) -> dict[str, Dimension]:
    """Every variable of a cell that an edge may read, with its dimension."""
    outputs = [name for name, _ in cell.outputs]
    reductions = [reduction.name for reduction in cell.reductions]
    found = [*cell.states, *cell.inputs, *outputs, *reductions, *cell.params]
    return {name: cell.dimensions[name] for name in found if name in cell.dimensions}


def settings_problems(document: Document, path: Path, call: Call, spec: SynapseSpec, ends: Ends) -> Iterator[Problem]:
    """What is wrong with the settings that a projection gives to a plastic component.

    Parameters
    ----------
    document : Document
        The model.
    path : tuple
        Where the projection names the component.
    call : Call
        Name and settings.
    spec : SynapseSpec
        The component.
    ends : Ends
        What the projection joins.

    Yields
    ------
    Problem
        In the model file.
    """
    given = call.settings(next(iter([*spec.params, *spec.reads]), ""))
    inner: Path = (*path, call.name)

    def problem(key: str, what: str, fix: str = "") -> Problem:
        return Problem(document.where((*inner, key)), dotted((*inner, key)), what, fix)

    for key, raw in given.items():
        if key in spec.params:
            yield from (problem(key, what, fix) for what, fix in _quantity_problems(key, raw, spec.params[key]))
        elif key in spec.reads:
            yield from (problem(key, what, fix) for what, fix in _read_problems(key, raw, spec, ends))
        else:
            what = f"no setting of '{call.name}' named '{key}'"
            fix = suggestion(key, [*spec.params, *spec.reads])
            yield Problem(document.where((*inner, key), key=True), dotted((*inner, key)), what, fix)
    for key, side in spec.reads.items():
        if key not in given:
            fix = f"add '{key}: NAME', a variable of the {side} cell: {', '.join(readable(_end(ends, side)))}"
            yield Problem(document.where(path), dotted(path), f"'{call.name}' needs '{key}'", fix)
    for side, lines in (("pre", spec.pre), ("post", spec.post)):
        if lines and _end(ends, side).event is None:
            what = f"'{call.name}' learns at spikes, but the {side} cell '{_end(ends, side).name}' sends none"
            fix = "choose a cell with an event, or a component with 'step' or 'event'"
            yield Problem(document.where(path), dotted(path), what, fix)


def _end(ends: Ends, side: str) -> Cell:
    return ends.pre if side == "pre" else ends.post


def _quantity_problems(key: str, raw: object, default: Quantity) -> Iterator[tuple[str, str]]:
    try:
        found = quantity(raw)
    except UnitError as error:
        yield str(error), error.fix
        return
    if found.dimension != default.dimension:
        what = f"'{found}' is {in_words(found.dimension)} but '{key}' is {in_words(default.dimension)}"
        yield what, unit_fix(default.dimension)
    elif default.dimension == SECOND and found.value <= 0:
        yield "a time constant must be above zero", "write for instance 5 ms"


def _read_problems(key: str, raw: object, spec: SynapseSpec, ends: Ends) -> Iterator[tuple[str, str]]:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return
    side = spec.reads[key]
    known = readable(_end(ends, side))
    port, dot, _ = str(raw).partition(".")
    if not isinstance(raw, str):
        yield f"expected the name of a variable of the {side} cell", suggestion("", known)
    elif dot and port not in ends.ports:
        yield f"no port named '{port}'", suggestion(port, ends.ports)
    elif not dot and raw not in known:
        yield f"no variable of the {side} cell '{_end(ends, side).name}' named '{raw}'", suggestion(raw, known)


def known_names(spec: SynapseSpec, settings: Mapping[str, object], ends: Ends | None) -> dict[str, Dimension]:
    """Dimension of every name that the statements may read; without ``ends``, those of the file itself."""
    known = dict(FREE) | {key: default.dimension for key, default in spec.params.items()} | {"w": ONE}
    for key, text in spec.variables.items():
        try:
            known[key] = unit(str(text))[1]
        except UnitError:
            known[key] = ONE
    for key, side in spec.reads.items():
        chosen = settings.get(key)
        known[key] = readable(_end(ends, side)).get(str(chosen), ONE) if ends is not None else ONE
    if ends is not None:
        for side in ("pre", "post"):
            known |= {f"{name}_{side}": found for name, found in readable(_end(ends, side)).items()}
    return known


def file_problems(
    document: Document, spec: SynapseSpec, settings: Mapping[str, object] | None = None, ends: Ends | None = None
) -> Iterator[Problem]:
    """What is wrong with the statements of a plastic component.

    Parameters
    ----------
    document : Document
        The synapse file.
    spec : SynapseSpec
        What it says.
    settings : mapping, optional
        Which variables the projection gives for ``reads``.
    ends : Ends, optional
        The cells; without them names of cell variables are taken on trust, and units are not checked.

    Yields
    ------
    Problem
        In the synapse file.
    """

    def problem(path: Path, what: str, fix: str = "", offset: int = 0) -> Problem:
        return Problem(inside(document, path, offset), dotted(path), what, fix)

    if not any((spec.pre, spec.post, spec.step, spec.event)):
        yield problem(("plastic",), "nothing says when the weight changes", "add 'pre', 'post', 'step' or 'event'")
    for key, text in spec.variables.items():
        wrong = name_problem(key) or (
            "the name is used twice" if key == "w" or key in {**spec.params, **spec.reads} else ""
        )
        if wrong:
            yield problem(("variables", key), wrong, "choose another name")
        try:
            unit(str(text))
        except UnitError as error:
            yield problem(("variables", key), str(error), "write a unit such as mV, nS or Hz, or 1 for none")
    known = known_names(spec, settings or {}, ends)
    groups: list[tuple[Path, list[str]]] = [(("pre",), spec.pre), (("post",), spec.post), (("step",), spec.step)]
    groups += [(("event", key), lines) for key, lines in spec.event.items()]
    for i, text in enumerate(spec.equations):
        yield from _line(document, ("equations", i), text, known, spec, ends)
    for path, lines in groups:
        for i, text in enumerate(lines):
            yield from _line(document, (*path, i), text, known, spec, ends)
    if spec.prune is not None:
        yield from _prune(document, spec.prune, known, ends)


def _line(
    document: Document, path: Path, text: str, known: Mapping[str, Dimension], spec: SynapseSpec, ends: Ends | None
) -> Iterator[Problem]:
    """What is wrong with one equation or statement."""
    equation = path[0] == "equations"
    place = partial(offset_in_ode if equation else offset_in_statement, text)
    try:
        target, value, _ = split_ode(text) if equation else split_statement(text)
    except FormulaError as error:
        yield Problem(inside(document, path, error.offset), dotted(path), error.what, error.fix)
        return
    allowed = [*spec.variables, *([] if equation else ["w", *_post_states(target, ends)])]
    try:
        if target not in allowed:
            fix = f"assign to one of: {', '.join(allowed) or 'none'}"
            raise FormulaError(f"'{target}' cannot be assigned to", 0, fix)
        names_are_known(value, known, ends)
        found = dimension(value, known) if ends is not None else None
    except FormulaError as error:
        offset = 0 if target not in allowed else place(error.offset)
        yield Problem(inside(document, path, offset), dotted(path), error.what, error.fix)
        return
    if target.endswith("_post") and share(text) is None:
        what = f"many edges end in one cell, so '{target}' cannot be set by one of them"
        yield Problem(
            inside(document, path, 0), dotted(path), what, f"write '{target} += ...': what an edge adds to it"
        )
    if ends is None:
        return
    wanted = known[target] / SECOND if equation else known[target]
    if found != wanted:
        name = f"d{target}/dt" if equation else target
        right = "a condition" if found is None else in_words(found)
        what = f"{name} is {in_words(wanted)} but the right side is {right}"
        yield Problem(inside(document, path, place(0)), dotted(path), what, "check the units of every term")


def names_are_known(value: str, known: Mapping[str, Dimension], ends: Ends | None) -> None:
    """Raise `FormulaError` at the first name that is not."""
    for node in ast.walk(parse(value)):
        if isinstance(node, ast.Name) and node.id not in FUNCTIONS and not _trusted(node.id, known, ends):
            close = difflib.get_close_matches(node.id, known, n=1)
            fix = f"did you mean '{close[0]}'?" if close else "declare it under params, reads or variables"
            raise FormulaError(f"unknown name '{node.id}'", node.col_offset, fix)


def _trusted(name: str, known: Mapping[str, Dimension], ends: Ends | None) -> bool:
    return name in known or (ends is None and name.endswith(("_pre", "_post")))


def _post_states(target: str, ends: Ends | None) -> list[str]:
    if ends is None:
        return [target] if target.endswith("_post") else []
    return [f"{state}_post" for state in ends.post.states]


_SHARE = re.compile(r"\s*([A-Za-z]\w*_post)\s*([-+])=\s*(.+)", re.ASCII)


def share(text: str) -> Statement | None:
    """What ``NAME_post += ...`` or ``-=`` adds to the state of the post cell; None for any other statement."""
    match = _SHARE.fullmatch(text)
    return None if match is None else (match[1], match[3] if match[2] == "+" else f"-({match[3]})")


def build(spec: SynapseSpec, name: str, settings: Mapping[str, object]) -> tuple[Plasticity, dict[str, str]]:
    """The component as statements of one projection's edges, and which of its ``reads`` are attributes of patterns.

    Only for a component without problems.  What it reads of a cell is written ``NAME_pre`` or ``NAME_post``; an
    attribute stays a parameter, whose values are not known here.
    """
    params: dict[str, float | Array] = {key: default.value for key, default in spec.params.items()}
    params |= {key: quantity(settings[key]).value for key in spec.params if key in settings}
    dimensions = {key: default.dimension for key, default in spec.params.items()}
    table, attributes = {}, {}
    for key, side in spec.reads.items():
        given = settings[key]
        if isinstance(given, int | float):
            params[key], dimensions[key] = float(given), ONE
        elif "." in str(given):
            attributes[key], dimensions[key] = str(given), ONE
        else:
            table[key] = f"{given}_{side}"

    def statements(lines: list[str]) -> tuple[Statement, ...]:
        split = [share(line) or split_statement(line)[:2] for line in lines]
        return tuple((target, substitute(value, table) if table else value) for target, value in split)

    odes = [split_ode(line) for line in spec.equations]
    return Plasticity(
        name,
        tuple(Ode(variable, substitute(rate, table) if table else rate) for variable, rate, _ in odes),
        statements(spec.pre),
        statements(spec.post),
        statements(spec.step),
        statements(spec.event.get("epoch_end", [])),
        substitute(spec.prune, table) if spec.prune and table else spec.prune or "",
        {key: unit(str(text))[1] for key, text in spec.variables.items()},
        params,
        {key: spec.reads[key] for key in attributes},
        dimensions,
    ), attributes


def _prune(document: Document, text: str, known: Mapping[str, Dimension], ends: Ends | None) -> Iterator[Problem]:
    try:
        names_are_known(text, known, ends)
        if ends is not None and dimension(text, known) is not None:
            raise FormulaError("'prune' must be true or false", 0, "write 'abs(w) < smallest'")
    except FormulaError as error:
        yield Problem(inside(document, ("prune",), error.offset), "prune", error.what, error.fix)
