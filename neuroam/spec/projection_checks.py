"""Cross-checks of projections: their ends, contacts, weights, filters and delays."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from neuroam.circuit import Filter
from neuroam.connectivity import connectivity
from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.rules import rule
from neuroam.spec.call_checks import Path
from neuroam.spec.check import Check
from neuroam.spec.filters import build_filter
from neuroam.spec.model import ConstantSpec, ProjectionSpec, SameLabel, SynapseSpec, ViewSpec
from neuroam.spec.nouns import End
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document
from neuroam.units import ONE, SECOND, Quantity, UnitError, in_words, quantity, unit_fix

LABELS = ("unit", "row", "copy", "cluster")


def projections_join_known_populations(check: Check) -> Iterator[Problem]:
    for name, projection in check.spec.projections.items():
        pre = yield from _end(check, name, "from", projection.from_)
        post = yield from _end(check, name, "to", projection.to)
        if pre and post:
            check.ends[name] = (pre, post)
        yield from _contacts(check, name, projection)
        if projection.scale is not None:
            if projection.scale not in check.spec.controls:
                path = ("projections", name, "scale")
                yield from check.unknown(path, "control", projection.scale, list(check.spec.controls))
            check.used_controls.add(projection.scale)


def _end(check: Check, name: str, side: str, text: str) -> Generator[Problem, None, End | None]:
    """The `End` that ``POP`` or ``POP.VARIABLE`` names, or None after a problem."""
    path = ("projections", name, side)
    population, _, variable = text.partition(".")
    if population not in check.spec.populations:
        yield from check.unknown(path, "population", population, list(check.spec.populations))
        return None
    cell = check.cells.get(population)
    if cell is None:
        return None
    graded = [*(key for key, _ in cell.outputs), *cell.states, *(r.name for r in cell.reductions)]
    known = [*(["spike"] if cell.event else []), *graded] if side == "from" else list(cell.inputs)
    if variable:
        if variable in known:
            return End(population, variable)
        kind = "variable" if side == "from" else "input"
        yield from check.unknown(path, f"{kind} of '{population}' (cell {cell.name})", variable, known)
        return None
    if side == "from" and cell.event:
        return End(population, "spike")
    if side == "to" and len(known) == 1:
        return End(population, known[0])
    options = ", ".join(f"{population}.{key}" for key in known)
    what = f"the cells of '{population}' ({cell.name}) send no spikes"
    if side == "to":
        what = f"the cells of '{population}' ({cell.name}) have {len(known) or 'no'} inputs"
    yield check.problem(path, what, f"name one: {options}" if known else "choose another cell")
    return None


def _contacts(check: Check, name: str, projection: ProjectionSpec) -> Iterator[Problem]:
    path = ("projections", name)
    weights, connect = projection.weights, projection.connect
    if isinstance(weights, ViewSpec) and weights.of not in check.spec.matrices:
        yield from check.unknown((*path, "weights", "of"), "matrix", weights.of, list(check.spec.matrices))
    if isinstance(weights, Call):
        yield from check.call((*path, "weights"), weights, rule)
    if isinstance(weights, Quantity | ConstantSpec) and connect is None:
        fix = "add 'connect: all', 'connect: {same: unit}', or take the weights from a matrix"
        yield check.problem(path, "nothing says which cells are in contact", fix, key=True)
    if isinstance(connect, SameLabel) and connect.same not in LABELS:
        yield from check.unknown((*path, "connect", "same"), "label", connect.same, LABELS)
    if isinstance(connect, Call) and connect.name != "all":
        if connect.name in connectivity:
            yield from check.call((*path, "connect"), connect, connectivity)
        else:
            what = f"no way to connect named '{connect.name}'"
            yield check.problem((*path, "connect"), what, suggestion(connect.name, ["all", "same", *connectivity]))
    if connect is not None and isinstance(weights, ViewSpec):
        what = "the matrix already says which cells are in contact"
        yield check.problem((*path, "connect"), what, "remove 'connect'", key=True)


def filters_fit_their_projections(
    check: Check, synapses: Mapping[tuple[str, str], tuple[Document, SynapseSpec]]
) -> Iterator[Problem]:
    for name, projection in check.spec.projections.items():
        if projection.synapse is not None and projection.kernel is not None:
            what = "a projection has a 'synapse' or a 'kernel', not both"
            yield check.problem(("projections", name, "kernel"), what, "remove one of them", key=True)
            continue
        for role in ("synapse", "kernel"):
            if (name, role) in synapses and name in check.ends:
                yield from _filter(check, name, role, *synapses[name, role])


def _filter(check: Check, name: str, role: str, document: Document, spec: SynapseSpec) -> Iterator[Problem]:
    path = ("projections", name, role)
    call: Call = getattr(check.spec.projections[name], role)
    if spec.plastic:
        yield check.problem(path, f"'{call.name}' changes weights", "write it under 'plastic'")
        return
    _, post = check.ends[name]
    settings = yield from _filter_settings(check, (*path, call.name), call, spec)
    slot = check.cells[post.population].dimensions[post.variable]
    made, problems = build_filter(document, spec, call.name, settings, slot)
    yield from problems
    if made is not None:
        check.filters[name] = made
        yield from _suits_signal(check, path, call.name, made)


def _suits_signal(check: Check, path: Path, filter_name: str, made: Filter) -> Iterator[Problem]:
    name = str(path[1])
    pre, post = check.ends[name]
    if post.variable in check.cells[post.population].pulses:
        yield check.problem(path, f"'{post.variable}' takes plain spikes", f"remove '{path[-1]}'", key=True)
    elif "inflow" in made.rate and pre.variable == "spike":
        what = f"'{filter_name}' filters a graded signal but '{name}' carries spikes"
        yield check.problem(path, what, "use 'synapse: {exponential: {tau: ...}}'")
    elif "inflow" not in made.rate and pre.variable != "spike":
        what = f"'{filter_name}' is driven by spikes but '{name}' carries a graded signal"
        yield check.problem(path, what, "use 'kernel: {low_pass: {tau: ...}}'")


def _filter_settings(
    check: Check, path: Path, call: Call, spec: SynapseSpec
) -> Generator[Problem, None, dict[str, Quantity]]:
    found: dict[str, Quantity] = {}
    for key, raw in call.settings(next(iter(spec.params), "")).items():
        if key not in spec.params:
            yield from check.unknown((*path, key), f"parameter of '{call.name}'", key, list(spec.params), key=True)
            continue
        try:
            wanted = spec.params[key].dimension
            given = _setting(raw, check.spec.time.step)
        except UnitError as error:
            yield check.problem((*path, key), str(error), error.fix)
            continue
        yield from check.wrong_unit((*path, key), given, key, wanted)
        if given.dimension == wanted:
            found[key] = given
            if wanted == SECOND and given.value <= 0:
                yield check.problem((*path, key), "a time constant must be above zero", "write for instance 5 ms")
    return found


def _setting(raw: object, step: float) -> Quantity:
    """A quantity, or a time that is given in steps."""
    words = raw.split() if isinstance(raw, str) else []
    if words[1:] not in (["steps"], ["step"]):
        return quantity(raw)
    number = quantity(words[0])
    return Quantity(number.value * step, number.dimension * SECOND, str(raw))


def weights_have_the_unit_of_their_target(check: Check) -> Iterator[Problem]:
    for name, (pre, post) in check.ends.items():
        gain, place = _gain(check.spec.projections[name])
        cell = check.cells[post.population]
        slot = cell.dimensions[post.variable]
        if post.variable in cell.pulses and pre.variable != "spike":
            what = f"'{post.population}.{post.variable}' takes spikes but '{name}' carries a graded signal"
            graded = ", ".join(f"{post.population}.{key}" for key in cell.inputs if key not in cell.pulses)
            yield check.problem(("projections", name, "to"), what, f"graded inputs: {graded or 'none'}")
            continue
        source = ONE if pre.variable == "spike" else check.cells[pre.population].dimensions[pre.variable]
        if gain.dimension * source != slot:
            carried = "a spike" if pre.variable == "spike" else f"{pre.population}.{pre.variable} ({in_words(source)})"
            weight = "a plain number" if gain.dimension == ONE else f"a weight in {gain.dimension}"
            what = f"{carried} times {weight} does not give {post.population}.{post.variable} ({in_words(slot)})"
            yield check.problem(("projections", name, *place), what, unit_fix(slot / source, "the weight"))


def _gain(projection: ProjectionSpec) -> tuple[Quantity, Path]:
    """What carries the unit of the weights, and where it stands."""
    weights = projection.weights
    if isinstance(weights, Call):
        return Quantity(1.0), ("weights",)
    if isinstance(weights, ViewSpec):
        return weights.gain, ("weights", "gain")
    if isinstance(weights, ConstantSpec):
        return weights.constant.gain, ("weights", "constant", "gain")
    return weights, ("weights",)


def delays_are_times(check: Check) -> Iterator[Problem]:
    for name, projection in check.spec.projections.items():
        delay, path = projection.delay, ("projections", name, "delay")
        if not isinstance(delay, Quantity):
            continue
        yield from check.wrong_unit(path, delay, "delay", SECOND)
        if delay.dimension == SECOND and delay.value < 0:
            yield check.problem(path, f"a delay cannot be below zero: '{delay}'", "write for instance 1 ms")


def generated_names_are_free(check: Check) -> Iterator[Problem]:
    """The variables that a projection adds to its post cells are not there already."""
    for name, (_, post) in check.ends.items():
        made = check.filters.get(name)
        names = [f"{kind}_{name}" for kind in ("s", "in", "gain", *(made.params if made is not None else ()))]
        taken = [key for key in names if key in check.cells[post.population].dimensions]
        if taken:
            what = f"the projection would add '{taken[0]}' to the cells of '{post.population}', which have it already"
            yield check.problem(("projections", name), what, "choose another name for the projection", key=True)
