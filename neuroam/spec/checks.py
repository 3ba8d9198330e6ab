"""Cross-checks of a model: each is a sentence about the file, and yields what contradicts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from neuroam.circuit import Cell, Filter
from neuroam.connectivity import connectivity
from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.order import Edge, LoopError, Step, evaluation_order
from neuroam.registry import Registry
from neuroam.rules import rule
from neuroam.spec.call_checks import Path, call_is_known, cue_suits_cells
from neuroam.spec.components import build_cell, build_filter
from neuroam.spec.edge_checks import masks_name_known_flags, plasticity_fits_its_projection, rows_have_known_values
from neuroam.spec.model import CellSpec, ConstantSpec, ModelSpec, ProjectionSpec, SameLabel, SynapseSpec, ViewSpec
from neuroam.spec.nouns import End, Model
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document, dotted
from neuroam.units import ONE, SECOND, Quantity, UnitError, quantity
from neuroam.values import value

LABELS = ("unit", "row", "copy", "cluster")


@dataclass
class Check:
    """What the checks of one model share."""

    name: str
    spec: ModelSpec
    document: Document
    cells: dict[str, Cell] = field(default_factory=dict)
    defaults: dict[str, dict[str, Quantity]] = field(default_factory=dict)
    ends: dict[str, tuple[End, End]] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    used_controls: set[str] = field(default_factory=set)

    def problem(self, path: Path, what: str, fix: str = "", key: bool = False) -> Problem:
        return Problem(self.document.where(path, key), dotted(path), what, fix)

    def call(self, path: Path, call: Call, registry: Registry) -> Iterator[Problem]:
        spec = self.spec
        known = {"port": list(spec.ports), "matrix": list(spec.matrices), "population": list(spec.populations)}
        return call_is_known(self.document, path, call, registry, known)

    def unknown(self, path: Path, kind: str, name: str, known: Sequence[str]) -> Problem:
        return self.problem(path, f"no {kind} named '{name}'", suggestion(name, known))


def check_model(
    name: str,
    spec: ModelSpec,
    document: Document,
    cells: Mapping[str, tuple[Document, CellSpec]],
    synapses: Mapping[tuple[str, str], tuple[Document, SynapseSpec]],
) -> tuple[Model | None, list[Problem]]:
    """Every cross-check of a model; the `Model` if nothing is wrong."""
    check = Check(name, spec, document)
    problems = list(parameters_fit_their_cells(check, cells))
    for sentence in (
        sizes_have_a_known_origin,
        matrices_follow_known_rules,
        projections_join_known_populations,
        rows_have_known_values,
        masks_name_known_flags,
        start_sets_known_states,
        ports_lead_to_populations,
        time_suits_the_cells,
    ):
        problems += sentence(check)
    problems += filters_fit_their_projections(check, synapses)
    problems += plasticity_fits_its_projection(check, synapses)
    problems += weights_have_the_unit_of_their_target(check)
    problems += controls_are_used(check)
    order: tuple[Step, ...] = ()
    if not problems:
        try:
            order = tuple(evaluation_order(check.cells, edges_of(check)))
        except LoopError as loop:
            first = next((s for s in loop.loop if s.kind == "project"), loop.loop[0])
            path: Path = ("projections", first.owner) if first.kind == "project" else ("populations", first.owner)
            fix = "let one of them pass through a state: a 'kernel: {low_pass: ...}', or a cell with an equation"
            problems.append(check.problem(path, f"these need each other within one step: {loop}", fix, key=True))
    if problems:
        return None, problems
    return Model(name, spec, document, check.cells, check.defaults, check.ends, check.filters, order), []


def edges_of(check: Check) -> list[Edge]:
    """The projections as far as order is concerned."""
    return [
        Edge(name, pre.population, pre.variable, post.population, post.variable, pre.variable == "spike",
             name in check.filters or check.spec.projections[name].kernel is not None)
        for name, (pre, post) in check.ends.items()
    ]  # fmt: skip


def parameters_fit_their_cells(check: Check, cells: Mapping[str, tuple[Document, CellSpec]]) -> Iterator[Problem]:
    for name, population in check.spec.populations.items():
        if name not in cells:
            continue
        document, cell_spec = cells[name]
        given = {key: leaf for key, leaf in population.params.items() if isinstance(leaf, Quantity)}
        cell, build = build_cell(document, cell_spec, population.cell, given)
        yield from build.problems
        check.cells[name] = cell
        check.defaults[name] = build.defaults
        check.used_controls |= set(cell.params) & set(check.spec.controls)
        for key, leaf in population.params.items():
            path = ("populations", name, "params", key)
            if key not in cell.params:
                yield check.unknown(path, f"parameter of cell '{population.cell}'", key, cell.params)
            elif isinstance(leaf, Quantity) and leaf.dimension != cell.dimensions[key]:
                what = f"'{leaf}' is in {leaf.dimension} but '{key}' is in {cell.dimensions[key]}"
                yield check.problem(path, what, f"give it a unit of {cell.dimensions[key]}")
            elif isinstance(leaf, Call):
                yield from check.call(path, leaf, value)
    for name, quantity in check.spec.controls.items():
        for population, cell in check.cells.items():
            if name in cell.params and cell.dimensions[name] != quantity.dimension:
                what = (
                    f"'{quantity}' is in {quantity.dimension} but {population} has '{name}' in {cell.dimensions[name]}"
                )
                yield check.problem(("controls", name), what)


def sizes_have_a_known_origin(check: Check) -> Iterator[Problem]:
    for name, population in check.spec.populations.items():
        size = population.size
        for key, known, kind in (("units", check.spec.ports, "port"), ("count", check.spec.ports, "port"),
                                 ("rows", check.spec.matrices, "matrix")):  # fmt: skip
            origin = getattr(size, key)
            if origin is not None and origin not in known:
                yield check.unknown(("populations", name, "size", key), kind, origin, list(known))


def matrices_follow_known_rules(check: Check) -> Iterator[Problem]:
    graph = nx.DiGraph()
    for name, call in check.spec.matrices.items():
        path = ("matrices", name)
        if call.name == "learned":
            continue
        yield from check.call(path, call, rule)
        entry = rule.get(call.name)
        graph.add_node(name)
        if entry is not None:
            settings = call.settings(entry.shorthand)
            for key, kind in entry.refers.items():
                if kind == "matrix" and settings.get(key) in check.spec.matrices:
                    graph.add_edge(settings[key], name)
    if not nx.is_directed_acyclic_graph(graph):
        loop = [a for a, _ in nx.find_cycle(graph)]
        yield check.problem(("matrices", loop[0]), f"these matrices need each other: {' -> '.join([*loop, loop[0]])}")


def projections_join_known_populations(check: Check) -> Iterator[Problem]:
    for name, projection in check.spec.projections.items():
        pre = yield from _end(check, name, "from", projection.from_)
        post = yield from _end(check, name, "to", projection.to)
        if pre and post:
            check.ends[name] = (pre, post)
        yield from _contacts(check, name, projection)
        if projection.scale is not None:
            if projection.scale not in check.spec.controls:
                yield check.unknown(
                    ("projections", name, "scale"), "control", projection.scale, list(check.spec.controls)
                )
            check.used_controls.add(projection.scale)


def _end(check: Check, name: str, side: str, text: str) -> Any:
    """The `End` that ``POP`` or ``POP.VARIABLE`` names, or None after a problem."""
    path = ("projections", name, side)
    population, _, variable = text.partition(".")
    if population not in check.spec.populations:
        yield check.unknown(path, "population", population, list(check.spec.populations))
        return None
    cell = check.cells.get(population)
    if cell is None:
        return None
    graded = [*(key for key, _ in cell.outputs), *cell.states, *(r.name for r in cell.reductions)]
    known = ([*(["spike"] if cell.event else []), *graded]) if side == "from" else list(cell.inputs)
    if variable:
        if variable not in known:
            kind = "variable" if side == "from" else "input"
            yield check.unknown(path, f"{kind} of '{population}' (cell {cell.name})", variable, known)
            return None
        return End(population, variable)
    if side == "from":
        if cell.event:
            return End(population, "spike")
        fix = f"name a variable: {', '.join(f'{population}.{key}' for key in graded)}"
        yield check.problem(path, f"the cells of '{population}' ({cell.name}) send no spikes", fix)
        return None
    if len(known) != 1:
        options = ", ".join(f"{population}.{key}" for key in known)
        what = f"the cell '{cell.name}' of '{population}' has {len(known) or 'no'} inputs"
        yield check.problem(path, what, f"name one: {options}" if known else "choose a cell with an input")
        return None
    return End(population, known[0])


def _contacts(check: Check, name: str, projection: ProjectionSpec) -> Iterator[Problem]:
    path = ("projections", name)
    weights, connect = projection.weights, projection.connect
    if isinstance(weights, ViewSpec) and weights.of not in check.spec.matrices:
        yield check.unknown((*path, "weights", "of"), "matrix", weights.of, list(check.spec.matrices))
    if isinstance(weights, Call):
        yield from check.call((*path, "weights"), weights, rule)
    if isinstance(weights, Quantity | ConstantSpec) and connect is None:
        fix = "add 'connect: all', 'connect: {same: unit}', or take the weights from a matrix"
        yield check.problem(path, "nothing says which cells are in contact", fix, key=True)
    if isinstance(connect, SameLabel) and connect.same not in LABELS:
        yield check.unknown((*path, "connect", "same"), "label", connect.same, LABELS)
    if isinstance(connect, Call) and connect.name != "all":
        yield from check.call((*path, "connect"), connect, connectivity)
    if connect is not None and isinstance(weights, ViewSpec):
        yield check.problem(
            (*path, "connect"), "the matrix already says which cells are in contact", "remove 'connect'"
        )


def filters_fit_their_projections(
    check: Check, synapses: Mapping[tuple[str, str], tuple[Document, SynapseSpec]]
) -> Iterator[Problem]:
    for name, projection in check.spec.projections.items():
        if projection.synapse is not None and projection.kernel is not None:
            yield check.problem(("projections", name, "kernel"), "a projection has a 'synapse' or a 'kernel', not both")
        if name not in check.ends:
            continue
        pre, post = check.ends[name]
        for role in ("synapse", "kernel"):
            if (name, role) not in synapses:
                continue
            path = ("projections", name, role)
            document, spec = synapses[name, role]
            call: Call = getattr(projection, role)
            if spec.plastic:
                yield check.problem(path, f"'{call.name}' changes weights", "write it under 'plastic'")
                continue
            settings = yield from _filter_settings(check, (*path, call.name), call, spec)
            slot = check.cells[post.population].dimensions[post.variable]
            filter_, problems = build_filter(document, spec, call.name, settings, slot)
            yield from problems
            if filter_ is None:
                continue
            graded = "inflow" in filter_.rate
            if graded and pre.variable == "spike":
                what = f"'{call.name}' filters a graded signal but '{name}' carries spikes"
                yield check.problem(path, what, "use 'synapse: {exponential: {tau: ...}}'")
            elif not graded and pre.variable != "spike":
                what = f"'{call.name}' is driven by spikes but '{name}' carries a graded signal"
                yield check.problem(path, what, "use 'kernel: {low_pass: {tau: ...}}'")
            if post.variable in check.cells[post.population].pulses:
                yield check.problem(path, f"'{post.variable}' takes plain spikes", f"remove '{role}'")
            check.filters[name] = filter_


def _filter_settings(check: Check, path: Path, call: Call, spec: SynapseSpec) -> Any:
    found: dict[str, Quantity] = {}
    for key, raw in call.settings(next(iter(spec.params), "")).items():
        if key not in spec.params:
            yield check.unknown((*path, key), f"parameter of '{call.name}'", key, list(spec.params))
            continue
        try:
            found[key] = quantity(raw)
        except UnitError as error:
            yield check.problem((*path, key), str(error))
            continue
        if found[key].dimension != spec.params[key].dimension:
            what = f"'{found[key]}' is in {found[key].dimension} but '{key}' is in {spec.params[key].dimension}"
            yield check.problem((*path, key), what)
        elif spec.params[key].dimension == SECOND and found[key].value <= 0:
            yield check.problem((*path, key), "a time constant must be above zero")
    return found


def weights_have_the_unit_of_their_target(check: Check) -> Iterator[Problem]:
    for name, (pre, post) in check.ends.items():
        projection = check.spec.projections[name]
        weights = projection.weights
        place: Path
        if isinstance(weights, Call):
            gain, place = Quantity(1.0), ("weights",)
        elif isinstance(weights, ViewSpec):
            gain, place = weights.gain, ("weights", "gain")
        elif isinstance(weights, ConstantSpec):
            gain, place = weights.constant.gain, ("weights", "constant", "gain")
        else:
            gain, place = weights, ("weights",)
        slot = check.cells[post.population].dimensions[post.variable]
        source = ONE if pre.variable == "spike" else check.cells[pre.population].dimensions[pre.variable]
        if gain.dimension * source != slot:
            carried = "a spike" if pre.variable == "spike" else f"{pre.population}.{pre.variable} (in {source})"
            what = f"{carried} times a weight in {gain.dimension} does not give {post.population}.{post.variable} in {slot}"
            yield check.problem(("projections", name, *place), what, f"give the weight a unit of {slot / source}")
        if post.variable in check.cells[post.population].pulses and pre.variable != "spike":
            what = f"'{post.population}.{post.variable}' takes spikes but '{name}' carries a graded signal"
            yield check.problem(("projections", name, "to"), what)
        yield from _delay_is_a_time(check, name, projection)


def _delay_is_a_time(check: Check, name: str, projection: ProjectionSpec) -> Iterator[Problem]:
    delay = projection.delay
    if isinstance(delay, Quantity) and (delay.dimension != SECOND or delay.value < 0):
        yield check.problem(("projections", name, "delay"), f"'{delay}' is not a time", "for instance 1 ms")


def start_sets_known_states(check: Check) -> Iterator[Problem]:
    for name, start in check.spec.start.items():
        if name not in check.spec.populations:
            yield check.unknown(("start", name), "population", name, list(check.spec.populations))
            continue
        cell = check.cells.get(name)
        if cell is None:
            continue
        if start == "slaved":
            if len(cell.odes) != 1 or len(cell.inputs) != 1:
                what = f"'slaved' needs a cell with one equation and one input, unlike '{cell.name}'"
                yield check.problem(("start", name), what, "give {STATE: value} instead")
            continue
        for state, leaf in start.items():
            path = ("start", name, state)
            if state not in cell.states:
                yield check.unknown(path, f"state of '{name}'", state, cell.states)
            elif isinstance(leaf, Quantity) and leaf.dimension != cell.dimensions[state]:
                yield check.problem(path, f"'{leaf}' is in {leaf.dimension}, not in {cell.dimensions[state]}")
            elif isinstance(leaf, Call):
                yield from check.call(path, leaf, value)


def ports_lead_to_populations(check: Check) -> Iterator[Problem]:
    for name, port in check.spec.ports.items():
        if port.population not in check.spec.populations:
            path: Path = ("ports", name)
            yield check.unknown(path, "population", port.population, list(check.spec.populations))
            continue
        cell = check.cells.get(port.population)
        if port.cue is not None and cell is not None:
            yield from cue_suits_cells(port.population, cell, port.cue, check.document, ("ports", name, "cue"))


def time_suits_the_cells(check: Check) -> Iterator[Problem]:
    time = check.spec.time
    if time.dt is not None and time.dt.value <= 0:
        yield check.problem(("time", "dt"), "the step must be above zero")
    for name, cell in check.cells.items():
        path = ("populations", name, "cell")
        if time.discrete is None and cell.updates:
            fix = "add 'time: {discrete: synchronous}' to the model"
            yield check.problem(path, f"the cell '{cell.name}' lives in discrete time", fix)
        if time.method == "rk4" and time.discrete is None:
            if any("xi" in text for text in (ode.rate for ode in cell.odes)) or cell.event:
                what = f"rk4 is for smooth equations, but the cell '{cell.name}' has noise or spikes"
                yield check.problem(("time", "method"), what, "use exponential_euler")


def controls_are_used(check: Check) -> Iterator[Problem]:
    for name in check.spec.controls:
        if name not in check.used_controls:
            fix = "a control is a parameter of some cell, or the 'scale' of a projection"
            yield check.problem(("controls", name), f"nothing depends on the control '{name}'", fix, key=True)
