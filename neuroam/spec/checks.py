"""Cross-checks of a model: each is a sentence about the file, and yields what contradicts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from neuroam.errors import Problem
from neuroam.formula import names
from neuroam.leaves import Call
from neuroam.needs import Loop, sorted_by_need
from neuroam.order import Edge, LoopError, Step, evaluation_order, sides_of
from neuroam.rules import rule
from neuroam.spec.call_checks import Path, cue_suits_cells
from neuroam.spec.check import Check
from neuroam.spec.components import build_cell
from neuroam.spec.edge_checks import (
    masks_name_known_flags,
    messages_are_expressions,
    plasticity_fits_its_projection,
    rings_say_how_long,
    rows_have_known_values,
)
from neuroam.spec.model import CellSpec, ModelSpec, ProjectionSpec, SynapseSpec
from neuroam.spec.nouns import Model
from neuroam.spec.projection_checks import (
    delays_are_times,
    filters_fit_their_projections,
    generated_names_are_free,
    projections_join_known_populations,
    weights_have_the_unit_of_their_target,
)
from neuroam.spec.protocol import SHORTEST_STEP
from neuroam.spec.yaml import Document
from neuroam.units import Quantity
from neuroam.values import value


def check_model(
    name: str,
    spec: ModelSpec,
    document: Document,
    cells: Mapping[str, tuple[Document, CellSpec]],
    synapses: Mapping[tuple[str, str], tuple[Document, SynapseSpec]],
) -> tuple[Model, list[Problem]]:
    """Every cross-check of a model; the `Model` is whole if nothing is wrong."""
    check = Check(name, spec, document)
    problems = list(parameters_fit_their_cells(check, cells))
    for sentence in (
        sizes_have_a_known_origin,
        matrices_follow_known_rules,
        projections_join_known_populations,
        rows_have_known_values,
        masks_name_known_flags,
        messages_are_expressions,
        rings_say_how_long,
        start_sets_known_states,
        ports_lead_to_populations,
        time_suits_the_cells,
        still_cells_suit_their_model,
    ):
        problems += sentence(check)
    problems += filters_fit_their_projections(check, synapses)
    problems += plasticity_fits_its_projection(check, synapses)
    problems += weights_have_the_unit_of_their_target(check)
    problems += delays_are_times(check)
    problems += generated_names_are_free(check)
    problems += controls_are_used(check)
    problems += limits_are_of_controls(check)
    order: tuple[Step, ...] = ()
    if not problems:
        order, problems = _order(check)
    return Model(
        name, spec, document, check.cells, check.defaults, check.ends, check.filters, order, check.plastic
    ), problems


def _order(check: Check) -> tuple[tuple[Step, ...], list[Problem]]:
    try:
        only = {name: population.only for name, population in check.spec.populations.items() if population.only}
        return tuple(evaluation_order(check.cells, edges_of(check), only)), []
    except LoopError as loop:
        first = next((s for s in loop.loop if s.kind == "project"), loop.loop[0])
        path: Path = ("projections", first.owner) if first.kind == "project" else ("populations", first.owner)
        kernel, moved = ("low_pass", "an equation") if check.spec.time.discrete is None else ("delay", "an update")
        fix = f"let one of them pass through a state: a 'kernel: {{{kernel}: ...}}', or a cell with {moved}"
        return (), [check.problem(path, f"these need each other within one step: {loop}", fix, key=True)]


def edges_of(check: Check) -> list[Edge]:
    """The projections as far as order is concerned."""
    return [
        Edge(
            name, pre.population, pre.variable, post.population, post.variable, pre.variable == "spike",
            (name in check.filters and check.spec.time.discrete is None) or is_late(check.spec.projections[name]),
            *sides_of(check.spec.projections[name].only or "", check.spec.projections[name].message or ""),
        )
        for name, (pre, post) in check.ends.items()
    ]  # fmt: skip


def is_late(projection: ProjectionSpec) -> bool:
    """Whether a delay keeps everything that a projection sends from arriving in the same step."""
    kernel, delay = projection.kernel, projection.delay
    delayed = isinstance(delay, Call) or (delay is not None and delay.value > 0)
    return delayed or (kernel is not None and kernel.name == "delay")


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
                yield from check.unknown(path, f"parameter of cell '{population.cell}'", key, cell.params, key=True)
            elif isinstance(leaf, Quantity):
                yield from check.wrong_unit(path, leaf, key, cell.dimensions[key])
            else:
                yield from check.call(path, leaf, value)
    for name, amount in check.spec.controls.items():
        for cell in check.cells.values():
            if name in cell.params:
                of = f"{name} of the cell {cell.name}"
                yield from check.wrong_unit(("controls", name), amount, of, cell.dimensions[name])


def sizes_have_a_known_origin(check: Check) -> Iterator[Problem]:
    for name, population in check.spec.populations.items():
        size = population.size
        for key, known, kind in (("units", check.spec.ports, "port"), ("count", check.spec.ports, "port"),
                                 ("rows", check.spec.matrices, "matrix")):  # fmt: skip
            origin = getattr(size, key)
            if origin is not None and origin not in known:
                yield from check.unknown(("populations", name, "size", key), kind, origin, list(known))


def matrices_follow_known_rules(check: Check) -> Iterator[Problem]:
    needs: dict[str, list[str]] = {}
    for name, call in check.spec.matrices.items():
        path = ("matrices", name)
        yield from check.call(path, call, rule)
        entry = rule.get(call.name)
        needs[name] = []
        if entry is not None:
            settings = call.settings(entry.shorthand)
            made_from = [settings.get(key) for key, kind in entry.refers.items() if kind == "matrix"]
            needs[name] = [other for other in check.spec.matrices if other in made_from]
    try:
        sorted_by_need(needs)
    except Loop as loop:
        what = f"these matrices need each other: {loop}"
        yield check.problem(("matrices", loop.things[0]), what, "make one of them by another rule", key=True)


def start_sets_known_states(check: Check) -> Iterator[Problem]:
    for name, start in check.spec.start.items():
        if name not in check.spec.populations:
            yield from check.unknown(("start", name), "population", name, list(check.spec.populations), key=True)
            continue
        cell = check.cells.get(name)
        if cell is None:
            continue
        if isinstance(start, dict):
            yield from _given_states(check, name, start)
        elif len(cell.odes) != 1 or len(cell.inputs) != 1:
            what = f"'slaved' needs a cell with one equation and one input, unlike '{cell.name}'"
            fix = f"write {{{cell.states[0]}: ...}} instead" if cell.states else f"remove '{name}' here"
            yield check.problem(("start", name), what, fix)


def _given_states(check: Check, name: str, start: Mapping[str, Any]) -> Iterator[Problem]:
    cell = check.cells[name]
    for state, leaf in start.items():
        path = ("start", name, state)
        if state not in cell.states:
            yield from check.unknown(path, f"state of '{name}'", state, cell.states, key=True)
        elif isinstance(leaf, Call):
            yield from check.call(path, leaf, value)
        else:
            yield from check.wrong_unit(path, leaf, state, cell.dimensions[state])


def ports_lead_to_populations(check: Check) -> Iterator[Problem]:
    for name, port in check.spec.ports.items():
        if port.population not in check.spec.populations:
            path = check.document.existing(("ports", name, "population"))
            yield from check.unknown(path, "population", port.population, list(check.spec.populations))
            continue
        cell = check.cells.get(port.population)
        if port.cue is not None and cell is not None:
            yield from cue_suits_cells(port.population, cell, port.cue, check.document, ("ports", name, "cue"))


def time_suits_the_cells(check: Check) -> Iterator[Problem]:
    time = check.spec.time
    if time.dt is not None and time.dt.value < SHORTEST_STEP:
        what = f"the step must be at least 1 ns, not '{time.dt}'"
        yield check.problem(("time", "dt"), what, "write for instance 0.1 ms")
    if time.discrete is not None:
        return
    for name, cell in check.cells.items():
        if cell.updates:
            fix = "add 'time: {discrete: synchronous}' to the model"
            yield check.problem(("populations", name, "cell"), f"the cell '{cell.name}' lives in discrete time", fix)
    rough = [name for name, cell in check.cells.items() if cell.event or any("xi" in names(o.rate) for o in cell.odes)]
    if time.method == "rk4" and rough:
        what = f"rk4 is for smooth equations, but there is noise or an event in: {', '.join(rough)}"
        yield check.problem(("time", "method"), what, "use exponential_euler")


def still_cells_suit_their_model(check: Check) -> Iterator[Problem]:
    """``only`` names an input of cells that move in discrete time, by updates."""
    for name, population in check.spec.populations.items():
        cell = check.cells.get(name)
        if population.only is None or cell is None:
            continue
        path: Path = ("populations", name, "only")
        slots = [slot for slot in cell.inputs if slot not in cell.pulses]
        if population.only not in slots:
            yield from check.unknown(path, f"input of cell '{cell.name}'", population.only, slots)
        if check.spec.time.discrete is None:
            yield check.problem(path, "cells stand still in discrete time only", "leave 'only' out")
        if cell.event or cell.odes or cell.reductions:
            what = f"the cell '{cell.name}' has more than outputs and updates, and such cells cannot stand still"
            yield check.problem(path, what, "leave 'only' out")
        for key, (_, post) in check.ends.items():
            if post.population == name and key in check.filters:
                fix = "leave one of them out"
                yield check.problem(path, f"the kernel of '{key}' moves at all times, and its cells do not", fix)
        for key, (pre, post) in check.ends.items():
            if name in (pre.population, post.population) and check.spec.projections[key].plastic:
                yield check.problem(path, f"'{key}' learns, and reads cells that stand still", "leave 'only' out")


def limits_are_of_controls(check: Check) -> Iterator[Problem]:
    for name, limits in check.spec.limits.items():
        if name not in check.spec.controls:
            yield from check.unknown(("limits", name), "control", name, check.spec.controls, key=True)
            continue
        for key, amount in (("from", limits.from_), ("to", limits.to)):
            if amount is not None:
                yield from check.wrong_unit(("limits", name, key), amount, name, check.spec.controls[name].dimension)


def controls_are_used(check: Check) -> Iterator[Problem]:
    for name in check.spec.controls:
        if name not in check.used_controls and check.whole:
            fix = "a control is a parameter of some cell, or the 'scale' of a projection"
            yield check.problem(("controls", name), f"nothing depends on the control '{name}'", fix, key=True)
