"""Cell and synapse files -> checked equation text with dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import networkx as nx

from neuroam.circuit import Cell, Event, Filter, Ode, Reduction
from neuroam.errors import Problem, Where
from neuroam.formula import (
    REDUCTIONS,
    WHITE,
    FormulaError,
    dimension,
    name_problem,
    names,
    parse,
    split_ode,
    split_statement,
)
from neuroam.spec.model import CellSpec, SynapseSpec
from neuroam.spec.yaml import Document, dotted
from neuroam.units import ONE, SECOND, Dimension, Quantity, UnitError, unit

RESERVED_NAMES = {"t": SECOND, "dt": SECOND, "size": ONE, "pi": ONE}
Path = tuple[str | int, ...]


@dataclass
class CellBuild:
    """A cell under construction: what is known of its names, and what is wrong so far."""

    document: Document
    spec: CellSpec
    defaults: dict[str, Quantity] = field(default_factory=dict)
    known: dict[str, Dimension] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: Path, what: str, fix: str = "", offset: int = 0) -> None:
        place = inside(self.document, path, offset)
        self.problems.append(Problem(place, dotted(path), what, fix))

    def formula(self, path: Path, error: FormulaError, offset: int = 0) -> None:
        fix = error.fix
        if error.what.startswith("unknown name"):
            fix = "declare it under params, inputs, states, reduce or output"
        self.refuse(path, error.what, fix, offset + error.offset)


def inside(document: Document, path: Path, offset: int) -> Where:
    """The place ``offset`` characters into the text at ``path``."""
    where = document.where(path)
    if not offset or not where.text:
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
    if spec.lagrangian is not None:
        _expect(build, ("lagrangian",), spec.lagrangian, None, reductions=True)
    for state, text in spec.start.items():
        if state not in states:
            build.refuse(("start", state), f"no state named '{state}'", "name a state of this cell")
        else:
            _expect(build, ("start", state), text, build.known[state], what=state)
    if odes and updates:
        build.refuse(("update",), "a cell has either 'equations' (continuous time) or 'update' (discrete time)")
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
    if other and any(
        key in other.params and value.dimension != params[key].dimension
        and value.dimension == other.params[key].dimension
        for key, value in given.items()
        if key in params
    ):  # fmt: skip
        params |= other.params
        inputs |= other.inputs
        states |= other.states
    build.defaults = params
    build.known = dict(RESERVED_NAMES) | {key: value.dimension for key, value in params.items()}
    for section, units in (("inputs", inputs), ("states", states)):
        for key, text in units.items():
            _claim(build, (section, key), key, _unit(build, (section, key), text))
    first = build.known[next(iter(inputs))] if inputs else ONE
    for i, text in enumerate(spec.equations):
        try:
            variable, _, _ = split_ode(text)
        except FormulaError as error:
            build.formula(("equations", i), error)
            continue
        if variable not in states:
            _claim(build, ("equations", i), variable, first)
    for i, text in enumerate(spec.update):
        try:
            variable, _, _ = split_statement(text)
        except FormulaError as error:
            build.formula(("update", i), error)
            continue
        if variable not in states and variable not in [split_statement(x)[0] for x in spec.update[:i]]:
            _claim(build, ("update", i), variable, first)
    for slot, state in spec.pulses.items():
        if state not in build.known:
            build.refuse(("pulses", slot), f"no state named '{state}'", "name a state of this cell")
        elif slot != state:
            _claim(build, ("pulses", slot), slot, build.known[state])


def _claim(build: CellBuild, path: Path, name: str, found: Dimension) -> None:
    problem = name_problem(name) or ("the name is used twice in this cell" if name in build.known else "")
    if problem:
        build.refuse(path, problem, "choose another name")
    build.known[name] = found


def _unit(build: CellBuild, path: Path, text: str | int) -> Dimension:
    try:
        return unit(str(text))[1]
    except UnitError as error:
        build.refuse(path, str(error), "write a unit such as mV, nS or Hz, or 1 for none")
        return ONE


def _odes(build: CellBuild) -> Iterator[Ode]:
    for i, text in enumerate(build.spec.equations):
        try:
            variable, rate, offset = split_ode(text)
        except FormulaError:
            continue
        wanted = build.known.get(variable, ONE) / SECOND
        _expect(build, ("equations", i), rate, wanted, noise=True, offset=offset - 1, what=f"d{variable}/dt")
        yield Ode(variable, rate)


def _statements(build: CellBuild, path: Path, lines: list[str], writable: set[str]) -> Iterator[tuple[str, str]]:
    for i, text in enumerate(lines):
        try:
            variable, value, offset = split_statement(text)
        except FormulaError as error:
            build.formula((*path, i), error)
            continue
        if variable not in writable or variable in build.spec.params or variable in build.spec.inputs:
            build.refuse((*path, i), f"'{variable}' is not a state of this cell", "assign to a state")
            continue
        _expect(build, (*path, i), value, build.known[variable], offset=offset, what=variable)
        yield variable, value


def _expect(
    build: CellBuild,
    path: Path,
    text: str,
    wanted: Dimension | None,
    *,
    noise: bool = False,
    reductions: bool = False,
    offset: int = 0,
    what: str = "",
) -> Dimension:
    """Check one expression against the dimension that it must have (None: any number)."""
    known = dict(build.known) | ({"xi": WHITE} if noise else {})
    try:
        found = dimension(text, known, reductions)
    except FormulaError as error:
        if error.what == "unknown name 'xi'":
            error = FormulaError("noise 'xi' can stand in differential equations only", error.offset)
        build.formula(path, error, offset)
        return wanted or ONE
    if found is None:
        build.refuse(path, "a condition stands where a number is needed", "wrap it in int(...)")
    elif wanted is not None and found != wanted:
        build.refuse(path, f"{what} is in {wanted} but the right side is in {found}", "check the units of every term")
    return found or ONE


def _definitions(build: CellBuild) -> tuple[tuple[Reduction, ...], tuple[tuple[str, str], ...]]:
    """Reductions and outputs, each group in an order in which every name is known before it is read."""
    texts: dict[str, tuple[Path, str]] = {}
    for key, text in build.spec.reduce.items():
        texts[key] = (("reduce", key), text)
    for key, text in build.spec.output.items():
        texts[key] = (("output", key), text)
    graph = nx.DiGraph()
    for key, (path, text) in texts.items():
        graph.add_node(key)
        try:
            graph.add_edges_from((other, key) for other in names(text, reductions=True) if other in texts)
        except FormulaError as error:
            build.formula(path, error)
            return (), ()
    try:
        order = list(nx.lexicographical_topological_sort(graph, key=list(texts).index))
    except nx.NetworkXUnfeasible:
        loop = [a for a, _ in nx.find_cycle(graph)]
        build.refuse(texts[loop[0]][0], f"these lines need each other: {' -> '.join([*loop, loop[0]])}")
        return (), ()
    reductions, outputs = [], []
    for key in order:
        path, text = texts[key]
        if path[0] == "reduce":
            reduction = _reduction(build, key, text)
            if reduction:
                reductions.append(reduction)
        else:
            _claim(build, path, key, _expect(build, path, text, None))
            outputs.append((key, text))
    return tuple(reductions), tuple(outputs)


def _reduction(build: CellBuild, key: str, text: str) -> Reduction | None:
    import ast

    tree = parse(text, reductions=True)
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in REDUCTIONS):
        build.refuse(("reduce", key), "a reduction is one call", f"use one of: {', '.join(REDUCTIONS)}")
        return None
    argument = ast.unparse(tree.args[0])
    found = _expect(build, ("reduce", key), argument, None)
    _claim(build, ("reduce", key), key, ONE if tree.func.id == "argmax" else found)
    kind = tree.func.id
    if kind == "kth":
        if not isinstance(tree.args[1], ast.Constant) or not isinstance(tree.args[1].value, int):
            build.refuse(("reduce", key), "kth(x, k) needs a whole number k")
            return None
        kind = f"kth{tree.args[1].value}"
    return Reduction(key, kind, argument)


def _event(build: CellBuild) -> Event | None:
    spec = build.spec.events.get("spike")
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
    if spec.refractory is not None:
        if spec.refractory not in build.spec.params:
            build.refuse((*path, "refractory"), f"no parameter named '{spec.refractory}'", "name a time among params")
        elif build.known[spec.refractory] != SECOND:
            build.refuse((*path, "refractory"), f"'{spec.refractory}' must be a time")
    for i, name in enumerate(spec.hold):
        if name not in states:
            build.refuse((*path, "hold", i), f"no state named '{name}'")
    lines = tuple(f"{variable} = {value}" for variable, value in then)
    return Event("spike", spec.when, lines, spec.refractory or "", tuple(spec.hold))


def build_filter(
    document: Document, spec: SynapseSpec, kind: str, settings: Mapping[str, Quantity], slot: Dimension
) -> tuple[Filter | None, list[Problem]]:
    """The post-side filter of a projection; ``slot`` is the dimension of the input that it feeds."""
    problems: list[Problem] = []
    params = dict(spec.params) | dict(settings)
    known = dict(RESERVED_NAMES) | {key: value.dimension for key, value in params.items()}
    if len(spec.equations) != 1:
        problems.append(Problem(document.where(("equations",)), "equations", "a filter has exactly one equation"))
        return None, problems
    path: Path = ("equations", 0)
    try:
        variable, rate, offset = split_ode(spec.equations[0])
        known |= {variable: slot, "inflow": slot}
        found = dimension(rate, known)
        if found != slot / SECOND:
            problems.append(Problem(document.where(path), "equations[0]", f"d{variable}/dt is in {found}"))
    except FormulaError as error:
        problems.append(Problem(inside(document, path, error.offset), "equations[0]", error.what, error.fix))
        return None, problems
    values = {key: value.value for key, value in params.items()}
    text = rate if variable == "s" else rate.replace(variable, "s")
    return Filter(kind, text, values, {key: value.dimension for key, value in params.items()}), problems
