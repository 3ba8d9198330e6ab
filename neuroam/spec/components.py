"""Cell files -> checked equation text with dimensions."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from neuroam.arithmetic import REDUCTIONS
from neuroam.circuit import Cell, Event, Ode, Reduction
from neuroam.errors import Problem, Where
from neuroam.formula import (
    WHITE,
    FormulaError,
    dimension,
    name_problem,
    names,
    offset_in_ode,
    offset_in_statement,
    parse,
    split_ode,
    split_statement,
)
from neuroam.needs import Loop, sorted_by_need
from neuroam.spec.model import CellSpec
from neuroam.spec.yaml import Document, dotted
from neuroam.units import ONE, SECOND, Dimension, Quantity, UnitError, in_words, unit

SECTIONS = ("params", "inputs", "states", "reduce", "output")
RESERVED_NAMES = {"t": SECOND, "dt": SECOND, "size": ONE, "pi": ONE}
MAX_KTH = 10_000_000
Path = tuple[str | int, ...]


@dataclass
class CellBuild:
    """A cell under construction: what is known of its names, and what is wrong so far.

    ``unclear`` are names whose unit could not be read.
    """

    document: Document
    spec: CellSpec
    defaults: dict[str, Quantity] = field(default_factory=dict)
    known: dict[str, Dimension] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: Path, what: str, fix: str = "", offset: int = 0, key: bool = False) -> None:
        place = self.document.where(path, key=True) if key else inside(self.document, path, offset)
        self.problems.append(Problem(place, dotted(path), what, fix))

    def choice(self, names: Iterable[str]) -> str:
        """A remedy where the name of a state is wanted."""
        return f"states of this cell: {', '.join(names) or 'none'}"

    def formula(self, path: Path, error: FormulaError, offset: int | None = None) -> None:
        """An error in an expression; ``offset`` is its place in the line, if not that of the error itself."""
        fix = error.fix
        if error.what.startswith("unknown name"):
            name = error.what.split("'")[1]
            if any(name in self.document.names(section) for section in SECTIONS):
                return  # its own line is wrong
            close = difflib.get_close_matches(name, self.known, n=1)
            fix = f"did you mean '{close[0]}'?" if close else f"declare it under one of: {', '.join(SECTIONS)}"
        self.refuse(path, error.what, fix, error.offset if offset is None else offset)


def inside(document: Document, path: Path, offset: int) -> Where:
    """The place ``offset`` characters into the text at ``path``."""
    where = document.where(path)
    if not offset or where.text[where.column - 1 : where.column] in ("", "|", ">"):
        return where
    quote = int(where.text[where.column - 1 : where.column] in ("'", '"'))
    return replace(where, column=min(where.column + quote + offset, len(where.text) or 1))


def build_cell(document: Document, spec: CellSpec, name: str, given: Mapping[str, Quantity]) -> tuple[Cell, CellBuild]:
    """The cell of one population; ``given`` are the parameter values of the model, which choose the unit system."""
    build = CellBuild(document, spec)
    _declare(build, given)
    writable = set(build.known)
    reductions, outputs = _definitions(build)
    odes = tuple(_odes(build))
    updates = tuple(_statements(build, ("update",), spec.update, writable))
    event = _event(build)
    states = tuple(dict.fromkeys([ode.variable for ode in odes] + [x for x, _ in updates] + list(spec.states)))
    if spec.lagrangian is not None and not spec.output:
        build.refuse(
            ("lagrangian",), "a Lagrangian needs an output: its derivative", "add 'output: {g: ...}'", key=True
        )
    if spec.lagrangian is not None:
        _expect(build, ("lagrangian",), spec.lagrangian, None, reductions=True)
    for state, text in spec.start.items():
        if state not in states:
            build.refuse(("start", state), f"no state named '{state}'", build.choice(states), key=True)
        else:
            _expect(build, ("start", state), text, build.known[state], what=state)
    if odes and updates:
        what = "a cell has either 'equations' (continuous time) or 'update' (discrete time)"
        build.refuse(("update",), what, "make two cells of it", key=True)
    cell = Cell(
        name=name,
        odes=odes,
        updates=updates,
        reductions=reductions,
        outputs=outputs,
        event=event,
        lagrangian=spec.lagrangian or "",
        start=dict(spec.start),
        states=states,
        inputs=tuple(dict.fromkeys([*spec.inputs, *spec.pulses])),
        pulses=dict(spec.pulses),
        params=tuple(spec.params),
        dimensions=dict(build.known),
        title=spec.title,
        where=Where(document.file, 1, 1),
    )
    return cell, build


def _declare(build: CellBuild, given: Mapping[str, Quantity]) -> None:
    """Dimensions of parameters, inputs, states and slots, in the unit system that the given values choose."""
    spec = build.spec
    params, inputs, states = dict(spec.params), dict(spec.inputs), dict(spec.states)
    other = spec.normalised
    if other is not None and _is_normalised(params, other.params, given):
        params |= other.params
        inputs |= other.inputs
        states |= other.states
    build.defaults = params
    build.known = dict(RESERVED_NAMES) | {key: value.dimension for key, value in params.items()}
    for section, units in (("inputs", inputs), ("states", states)):
        for key, text in units.items():
            _claim(build, (section, key), key, _unit(build, (section, key), text))
    first = build.known[next(iter(inputs))] if inputs else ONE
    _declare_targets(build, "equations", spec.equations, first)
    _declare_targets(build, "update", spec.update, first)
    for slot, state in spec.pulses.items():
        if state not in build.known:
            build.refuse(("pulses", slot), f"no state named '{state}'", "name a state of this cell")
            build.unclear.add(slot)
        if slot != state:
            _claim(build, ("pulses", slot), slot, build.known.get(state, first))


def _is_normalised(
    params: Mapping[str, Quantity], other: Mapping[str, Quantity], given: Mapping[str, Quantity]
) -> bool:
    """Whether the given values are plain numbers where the cell has volts; mixed ones are in volts."""
    told = [key for key in given if key in params and key in other and params[key].dimension != other[key].dimension]
    plain = [given[key].dimension == other[key].dimension for key in told]
    return any(plain) and not any(given[key].dimension == params[key].dimension for key in told)


def _declare_targets(build: CellBuild, section: str, lines: list[str], first: Dimension) -> None:
    """States that only their own line declares have the unit of the first input."""
    seen: set[str] = set()
    for i, text in enumerate(lines):
        try:
            variable = (split_ode(text) if section == "equations" else split_statement(text))[0]
        except FormulaError as error:
            build.formula((section, i), error)
            continue
        if variable in seen and section == "equations":
            build.refuse((section, i), f"'{variable}' has two equations", "keep one of them")
        elif section == "update" and variable in {**build.spec.params, **build.spec.inputs}:
            pass  # told where the line is read
        elif variable not in seen and variable not in build.spec.states:
            _claim(build, (section, i), variable, first)
        seen.add(variable)


def _claim(build: CellBuild, path: Path, name: str, found: Dimension) -> None:
    problem = name_problem(name) or (f"the name '{name}' is used twice in this cell" if name in build.known else "")
    if problem:
        build.refuse(path, problem, "choose another name", key=path[-1] == name)
    build.known[name] = found


def _unit(build: CellBuild, path: Path, text: str | int) -> Dimension:
    try:
        return unit(str(text))[1]
    except UnitError as error:
        build.refuse(path, str(error), error.fix)
        build.unclear.add(str(path[-1]))
        return ONE


def _odes(build: CellBuild) -> Iterator[Ode]:
    for i, text in enumerate(build.spec.equations):
        try:
            variable, rate, _ = split_ode(text)
        except FormulaError:
            continue
        wanted = build.known.get(variable, ONE) / SECOND
        place = partial(offset_in_ode, text)
        _expect(build, ("equations", i), rate, wanted, noise=True, place=place, what=f"d{variable}/dt")
        yield Ode(variable, rate)


def _statements(build: CellBuild, path: Path, lines: list[str], writable: set[str]) -> Iterator[tuple[str, str]]:
    for i, text in enumerate(lines):
        try:
            variable, value, _ = split_statement(text)
        except FormulaError as error:
            if path != ("update",):  # those are told where their targets are declared
                build.formula((*path, i), error)
            continue
        states = writable - set(build.spec.params) - set(build.spec.inputs) - set(RESERVED_NAMES)
        if variable not in states:
            build.refuse((*path, i), f"'{variable}' is not a state of this cell", build.choice(sorted(states)))
            continue
        place = partial(offset_in_statement, text)
        _expect(build, (*path, i), value, build.known[variable], place=place, what=variable)
        yield variable, value


def _expect(
    build: CellBuild, path: Path, text: str, wanted: Dimension | None, *, noise: bool = False,
    reductions: bool = False, place: Callable[[int], int] = int, what: str = "",
) -> Dimension:  # fmt: skip
    """Check one expression against the dimension that it must have (None: any number).

    ``place`` says where an offset in the expression stands in its line.
    """
    known = dict(build.known) | ({"xi": WHITE} if noise else {})
    if what in build.unclear or build.unclear & _names(text):
        return wanted or ONE
    try:
        found = dimension(text, known, reductions)
    except FormulaError as error:
        if error.what == "unknown name 'xi'":
            what = "noise 'xi' can stand in differential equations only"
            error = FormulaError(what, error.offset, "use randn() in discrete time")
        build.formula(path, error, place(error.offset))
        return wanted or ONE
    if found is None:
        build.refuse(path, "a condition stands where a number is needed", "wrap it in int(...)", place(0))
    elif wanted is not None and found != wanted:
        fix = f"divide by a time constant: 'tau*{what} = ...'" if found == wanted * SECOND else "check the units of all"
        build.refuse(path, f"{what} is {in_words(wanted)} but the right side is {in_words(found)}", fix, place(0))
    return found or ONE


def _names(text: str) -> frozenset[str]:
    try:
        return names(text, reductions=True)
    except FormulaError:
        return frozenset()


def _definitions(build: CellBuild) -> tuple[tuple[Reduction, ...], tuple[tuple[str, str], ...]]:
    """Reductions and outputs, each group in an order in which every name is known before it is read."""
    texts: dict[str, tuple[Path, str]] = {key: (("reduce", key), text) for key, text in build.spec.reduce.items()}
    for key in build.spec.output.keys() & build.spec.reduce.keys():
        build.refuse(("output", key), f"the name '{key}' is used twice in this cell", "choose another name", key=True)
    texts |= {key: (("output", key), text) for key, text in build.spec.output.items()}
    needs: dict[str, set[str]] = {}
    for key, (path, text) in texts.items():
        try:
            read = names(text, reductions=path[0] == "reduce")
        except FormulaError as error:
            build.formula(path, error)
            continue
        needs[key] = set(read)
    try:
        order = sorted_by_need(needs)
    except Loop as loop:
        what = f"these lines need each other: {loop}"
        build.refuse(texts[loop.things[0]][0], what, "let one of them read a state instead", key=True)
        return (), ()
    return _in_order(build, [(key, *texts[key]) for key in order])


def _in_order(
    build: CellBuild, lines: list[tuple[str, Path, str]]
) -> tuple[tuple[Reduction, ...], tuple[tuple[str, str], ...]]:
    reductions, outputs = [], []
    for key, path, text in lines:
        if path[0] == "output":
            _claim(build, path, key, _expect(build, path, text, None))
            outputs.append((key, text))
            continue
        reduction = _reduction(build, key, text)
        if reduction is not None:
            reductions.append(reduction)
    return tuple(reductions), tuple(outputs)


def _reduction(build: CellBuild, key: str, text: str) -> Reduction | None:
    tree = parse(text, reductions=True)
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in REDUCTIONS):
        what = "a reduction is one call and nothing else"
        build.refuse(("reduce", key), what, f"use one of: {', '.join(REDUCTIONS)}")
        return None
    start = len(text) - len(text.lstrip()) + tree.args[0].col_offset
    inner = text.strip()[tree.args[0].col_offset : tree.args[0].end_col_offset]
    found = _expect(build, ("reduce", key), inner, None, place=lambda offset: start + offset)
    _claim(build, ("reduce", key), key, ONE if tree.func.id == "argmax" else found)
    kind = tree.func.id
    if kind == "kth":
        k = tree.args[1].value if isinstance(tree.args[1], ast.Constant) else None
        if not isinstance(k, int) or not 1 <= k <= MAX_KTH:
            what = "the k of kth(x, k) is a whole number from 1"
            build.refuse(("reduce", key), what, "write kth(x, 1) for the largest")
            return None
        kind = f"kth{k}"
    return Reduction(key, kind, ast.unparse(tree.args[0]))


def _event(build: CellBuild) -> Event | None:
    spec = build.spec.events.get("spike")
    if "refractory" in build.spec.params and (spec is None or spec.refractory != "refractory"):
        what = "the name 'refractory' is that of the refractory time of an event"
        build.refuse(("params", "refractory"), what, "choose another name, or name it in the event", key=True)
    if spec is None:
        return None
    path: Path = ("events", "spike")
    try:
        if dimension(spec.when, build.known) is not None:
            build.refuse((*path, "when"), "the condition of an event must be true or false", "write 'v > threshold'")
    except FormulaError as error:
        build.formula((*path, "when"), error)
    states = set(build.known) - set(RESERVED_NAMES) - set(build.spec.reduce) - set(build.spec.output)
    then = tuple(_statements(build, (*path, "then"), spec.then, states))
    times = [key for key in build.spec.params if build.known[key] == SECOND]
    if spec.refractory is not None and spec.refractory not in times:
        what = f"'{spec.refractory}' is no parameter that is a time"
        build.refuse((*path, "refractory"), what, f"name one of: {', '.join(times) or 'none is declared'}")
    states -= set(build.spec.params) | set(build.spec.inputs)
    for i, name in enumerate(spec.hold):
        if name not in states:
            build.refuse((*path, "hold", i), f"no state named '{name}'", build.choice(sorted(states)))
    lines = tuple(f"{variable} = {value}" for variable, value in then)
    return Event("spike", spec.when, lines, spec.refractory or "", tuple(spec.hold))
