"""Cross-checks: each is a sentence about the files, and yields what contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
from pydantic import ValidationError

from neuroam.circuit import Cell, Filter
from neuroam.connectivity import connectivity
from neuroam.errors import Problem
from neuroam.order import Edge, LoopError, Step, evaluation_order
from neuroam.patterns import pattern
from neuroam.readouts import readout
from neuroam.registry import Registry
from neuroam.rules import rule
from neuroam.spec.components import build_cell, build_filter
from neuroam.leaves import Call, Duration
from neuroam.spec.model import CellSpec, ConstantSpec, ModelSpec, ProjectionSpec, SameLabel, SynapseSpec, ViewSpec
from neuroam.spec.nouns import End, Model
from neuroam.spec.protocol import ControlRamp, EpochSpec, ProtocolSpec
from neuroam.spec.schema_errors import problems_of, suggestion
from neuroam.spec.yaml import Document, dotted
from neuroam.stimuli import corruption
from neuroam.units import ONE, SECOND, Dimension, Quantity
from neuroam.values import value

Path = tuple[str | int, ...]
LABELS = ("unit", "row", "copy", "cluster")
FILE_KERNELS = ("box", "delay")


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
        start_sets_known_states,
        ports_lead_to_populations,
        time_suits_the_cells,
    ):
        problems += sentence(check)
    problems += filters_fit_their_projections(check, synapses)
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
                yield from call_is_known(check, path, leaf, value)
    for name, quantity in check.spec.controls.items():
        for population, cell in check.cells.items():
            if name in cell.params and cell.dimensions[name] != quantity.dimension:
                what = f"'{quantity}' is in {quantity.dimension} but {population} has '{name}' in {cell.dimensions[name]}"
                yield check.problem(("controls", name), what)


def call_is_known(check: Check, path: Path, call: Call, registry: Registry) -> Iterator[Problem]:
    """The function exists, its settings are valid, and what they name exists."""
    entry = registry.get(call.name)
    if entry is None:
        yield check.unknown(path, registry.kind, call.name, list(registry))
        return
    settings = call.settings(entry.shorthand)
    try:
        entry.schema.model_validate(settings)
    except ValidationError as error:
        base = (*path, call.name) if check.document.where((*path, call.name)) != check.document.where(path) else path
        for problem in problems_of(error, check.document, entry.schema, base):
            yield problem
    for key, kind in entry.refers.items():
        name = settings.get(key)
        known = {"port": check.spec.ports, "matrix": check.spec.matrices, "population": check.spec.populations}[kind]
        if isinstance(name, str) and name not in known:
            yield check.unknown((*path, call.name, key), kind, name, list(known))


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
        yield from call_is_known(check, path, call, rule)
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
        if cell.event or check.spec.populations[population].cell in ("poisson", "tokens"):
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
        yield from call_is_known(check, (*path, "weights"), weights, rule)
    if isinstance(weights, Quantity | ConstantSpec) and connect is None:
        fix = "add 'connect: all', 'connect: {same: unit}', or take the weights from a matrix"
        yield check.problem(path, "nothing says which cells are in contact", fix, key=True)
    if isinstance(connect, SameLabel) and connect.same not in LABELS:
        yield check.unknown((*path, "connect", "same"), "label", connect.same, LABELS)
    if isinstance(connect, Call) and connect.name != "all":
        yield from call_is_known(check, (*path, "connect"), connect, connectivity)
    if connect is not None and isinstance(weights, ViewSpec):
        yield check.problem((*path, "connect"), "the matrix already says which cells are in contact", "remove 'connect'")


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
    from neuroam.units import UnitError, quantity

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
        if isinstance(weights, Call):
            gain, path = Quantity(1.0), ("weights",)
        elif isinstance(weights, ViewSpec):
            gain, path = weights.gain, ("weights", "gain")
        elif isinstance(weights, ConstantSpec):
            gain, path = weights.constant.gain, ("weights", "constant", "gain")
        else:
            gain, path = weights, ("weights",)
        slot = check.cells[post.population].dimensions[post.variable]
        source = ONE if pre.variable == "spike" else check.cells[pre.population].dimensions[pre.variable]
        if gain.dimension * source != slot:
            carried = "a spike" if pre.variable == "spike" else f"{pre.population}.{pre.variable} (in {source})"
            what = f"{carried} times a weight in {gain.dimension} does not give {post.population}.{post.variable} in {slot}"
            yield check.problem(("projections", name, *path), what, f"give the weight a unit of {slot / source}")
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
                yield from call_is_known(check, path, leaf, value)


def ports_lead_to_populations(check: Check) -> Iterator[Problem]:
    for name, port in check.spec.ports.items():
        if port.population not in check.spec.populations:
            path: Path = ("ports", name)
            yield check.unknown(path, "population", port.population, list(check.spec.populations))
            continue
        if port.cue is not None:
            yield from cue_suits_port(check, name, port.cue, check.document, ("ports", name, "cue"))


def cue_suits_port(check: Check | Model, port: str, cue: Call, document: Document, path: Path) -> Iterator[Problem]:
    """The cue kind is possible for the cells of the port, and its settings have the right unit."""
    population = check.spec.ports[port].population
    cell = check.cells.get(population)
    if cell is None:
        return
    settings = cue.args if isinstance(cue.args, dict) else ({} if cue.args is None else {"amplitude": cue.args})

    def problem(what: str, fix: str = "") -> Problem:
        return Problem(document.where(path), dotted(path), what, fix)

    known = {"state": ("state", "amplitude"), "clamp": ("state", "amplitude"), "current": ("input", "amplitude")}
    for key in settings:
        if cue.name in known and key not in known[cue.name]:
            yield problem(f"unknown key '{key}' of '{cue.name}'", suggestion(key, known[cue.name]))
            return
    if cue.name in ("state", "clamp"):
        state = settings.get("state", cell.states[0] if cell.states else None)
        if state not in cell.states:
            yield problem(f"the cells of '{population}' ({cell.name}) have no state '{state}' to set")
            return
        yield from _amplitude(settings, cell.dimensions[str(state)], problem)
    if cue.name in ("current", "rates"):
        default = "rate" if cue.name == "rates" else (cell.inputs[0] if cell.inputs else None)
        slot = settings.get("input", default)
        if slot not in cell.inputs:
            yield problem(f"the cells of '{population}' ({cell.name}) have no input '{slot}'", f"inputs: {cell.inputs}")
            return
        if cue.name == "current":
            yield from _amplitude(settings, cell.dimensions[str(slot)], problem)


def _amplitude(
    settings: Mapping[str, Any], wanted: Dimension, problem: Callable[[str, str], Problem]
) -> Iterator[Problem]:
    from neuroam.units import UnitError, quantity

    try:
        found = quantity(settings.get("amplitude", 1 if wanted == ONE else None))
    except UnitError as error:
        yield problem(f"amplitude: {error}", f"add 'amplitude: ...' in {wanted}")
        return
    if found.dimension != wanted:
        yield problem(f"the amplitude '{found}' is in {found.dimension}, not in {wanted}", f"give it in {wanted}")


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


def check_protocol(model: Model, spec: ProtocolSpec, document: Document) -> list[Problem]:
    """Every cross-check of a protocol with the model that it runs on."""
    problems: list[Problem] = []
    for sentence in (
        patterns_belong_to_ports,
        epochs_show_what_there_is,
        measures_are_known_readouts,
        records_name_known_variables,
        trials_need_patterns,
    ):
        problems += sentence(model, spec, document)
    return problems


def _problem(document: Document, path: Path, what: str, fix: str = "", key: bool = False) -> Problem:
    return Problem(document.where(path, key), dotted(path), what, fix)


def _call(
    document: Document, path: Path, call: Call, registry: Registry, known: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    entry = registry.get(call.name)
    if entry is None:
        yield _problem(document, path, f"no {registry.kind} named '{call.name}'", suggestion(call.name, list(registry)))
        return
    settings = call.settings(entry.shorthand)
    base: Path = (*path, call.name) if (*path, call.name) in document.values else path
    try:
        entry.schema.model_validate(settings)
    except ValidationError as error:
        yield from problems_of(error, document, entry.schema, base)
    for key, kind in entry.refers.items():
        name = settings.get(key)
        if isinstance(name, str) and kind in known and name not in known[kind]:
            yield _problem(document, (*base, key), f"no {kind} named '{name}'", suggestion(name, known[kind]))


def patterns_belong_to_ports(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    for name, patterns in spec.patterns.items():
        if name not in model.spec.ports:
            what = f"the model '{model.name}' has no port named '{name}'"
            yield _problem(document, ("patterns", name), what, suggestion(name, list(model.spec.ports)), key=True)
        yield from _call(document, ("patterns", name), patterns.make, pattern, {})
    for name, population in model.spec.populations.items():
        origin = population.size.units or population.size.count
        if origin and origin not in spec.patterns:
            what = f"the population '{name}' of '{model.name}' takes its size from patterns of the port '{origin}'"
            yield _problem(document, ("patterns",), what, f"add 'patterns: {{{origin}: ...}}'", key=True)


def epochs_show_what_there_is(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, epoch in enumerate(spec.epochs):
        path: Path = ("epochs", i)
        if epoch.name in seen:
            yield _problem(document, (*path, "name"), f"two epochs are named '{epoch.name}'", "give each its own name")
        seen.add(epoch.name)
        yield from _shown_pattern(model, spec, document, path, epoch)
        yield from _epoch_settings(model, document, path, epoch)
        for key, duration in (("duration", epoch.duration), ("gap", epoch.gap)):
            if duration is not None:
                yield from _whole_steps(model, document, (*path, key), duration)


def _shown_pattern(
    model: Model, spec: ProtocolSpec, document: Document, path: Path, epoch: EpochSpec
) -> Iterator[Problem]:
    if epoch.show is None:
        if epoch.into or epoch.as_:
            yield _problem(document, path, "the epoch shows nothing", "add 'show: {}' for the trial's pattern", key=True)
        return
    port = epoch.into or (next(iter(spec.patterns)) if len(spec.patterns) == 1 else None)
    if port is None:
        fix = f"add 'into: PORT', one of: {', '.join(spec.patterns)}" if spec.patterns else "add 'patterns: ...'"
        yield _problem(document, (*path, "show"), "nothing says which patterns are shown", fix, key=True)
        return
    if port not in model.spec.ports or port not in spec.patterns:
        what = f"no port with patterns is named '{port}'"
        yield _problem(document, (*path, "into"), what, suggestion(port, list(spec.patterns)))
        return
    for k, call in enumerate(epoch.show.corrupt):
        yield from _call(document, (*path, "show", "corrupt", k), call, corruption, {})
    cue = epoch.as_ or model.spec.ports[port].cue
    if cue is not None and (epoch.as_ is not None):
        yield from cue_suits_port(model, port, cue, document, (*path, "as"))


def _epoch_settings(model: Model, document: Document, path: Path, epoch: EpochSpec) -> Iterator[Problem]:
    for name, setting in epoch.set.items():
        if name not in model.spec.controls:
            what = f"the model '{model.name}' has no control named '{name}'"
            yield _problem(document, (*path, "set", name), what, suggestion(name, list(model.spec.controls)), key=True)
            continue
        wanted = model.spec.controls[name].dimension
        ends = [setting.ramp.from_, setting.ramp.to] if isinstance(setting, ControlRamp) else [setting]
        if any(end.dimension != wanted for end in ends):
            yield _problem(document, (*path, "set", name), f"the control '{name}' is in {wanted}")
    if epoch.silence is not None and epoch.silence not in model.spec.populations:
        what = f"no population named '{epoch.silence}'"
        yield _problem(document, (*path, "silence"), what, suggestion(epoch.silence, list(model.spec.populations)))
    for k, name in enumerate(epoch.learn):
        plastic = [key for key, projection in model.spec.projections.items() if projection.plastic]
        if name not in plastic:
            yield _problem(document, (*path, "learn", k), f"no plastic projection named '{name}'", suggestion(name, plastic))
    for port in epoch.drive:
        if port not in model.spec.ports:
            what = f"the model '{model.name}' has no port named '{port}'"
            yield _problem(document, (*path, "drive", port), what, suggestion(port, list(model.spec.ports)), key=True)


def _whole_steps(model: Model, document: Document, path: Path, duration: Duration) -> Iterator[Problem]:
    if duration.steps is not None:
        return
    time = model.spec.time
    if time.discrete is not None and time.dt is None:
        what = f"the model '{model.name}' lives in discrete time"
        yield _problem(document, path, what, "give the duration as '40 steps', or add 'time: {dt: ...}' to the model")
        return
    dt = time.dt.value if time.dt else 1e-4
    steps = duration.seconds / dt
    if dt > 0 and abs(steps - round(steps)) > 1e-6 * max(1.0, steps) or steps < 0.5:
        yield _problem(document, path, f"'{duration}' is not a whole number of steps of {Quantity(dt, SECOND)}")


def measures_are_known_readouts(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    known = {
        "port": list(model.spec.ports),
        "population": list(model.spec.populations),
        "epoch": [epoch.name for epoch in spec.epochs],
        "projection": list(model.spec.projections),
    }
    for name, settings in spec.measure.items():
        readout_name = settings.get("readout", name)
        path: Path = ("measure", name)
        if not isinstance(readout_name, str) or readout_name not in readout:
            path = (*path, "readout") if "readout" in settings else path
            fix = suggestion(str(readout_name), list(readout))
            yield _problem(document, path, f"no readout named '{readout_name}'", fix, key="readout" not in settings)
            continue
        call = Call(str(readout_name), {key: item for key, item in settings.items() if key != "readout"})
        yield from _call(document, path, call, readout, known)


def records_name_known_variables(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    for name, record in spec.record.items():
        population = model.spec.ports[name].population if name in model.spec.ports else name
        if population not in model.spec.populations:
            options = [*model.spec.ports, *model.spec.populations]
            yield _problem(document, ("record", name), f"no port or population named '{name}'", suggestion(name, options))
            continue
        cell = model.cells[population]
        known = ["spikes"] * bool(cell.event) + [*cell.states, *(key for key, _ in cell.outputs)]
        for k, variable in enumerate(record.variables):
            if variable not in known:
                what = f"'{population}' ({cell.name}) has nothing named '{variable}'"
                yield _problem(document, ("record", name, k), what, suggestion(variable, known))


def trials_need_patterns(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    if (spec.trials.number is None) == (spec.trials.each_pattern is None):
        what = "say either how many trials there are, or how many each pattern gets"
        yield _problem(document, ("trials",), what, "for instance 'trials: 20' or 'trials: {each_pattern: 1}'", key=True)
    if spec.trials.each_pattern is not None and not spec.patterns:
        yield _problem(document, ("trials",), "there are no patterns to have trials of", "add 'patterns: ...'")
