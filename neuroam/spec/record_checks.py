"""Cross-checks of what a protocol records: each is a sentence, and yields what contradicts it."""

from __future__ import annotations

from collections.abc import Iterator

from neuroam.errors import Problem
from neuroam.spec.call_checks import Path, problem_at
from neuroam.spec.nouns import Model
from neuroam.spec.protocol import CellsSpec, ProtocolSpec, RecordSpec
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document

ROUNDING = 1e-9  # 0.1 ms is not exactly a tenth of 1 ms


def _population(model: Model, name: str) -> str:
    return model.spec.ports[name].population if name in model.spec.ports else name


def records_name_known_variables(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    for name, record in spec.record.items():
        population = _population(model, name)
        options = [*model.document.names("ports"), *model.document.names("populations")]
        if population not in options:
            what = f"no port or population named '{name}'"
            yield problem_at(document, ("record", name), what, suggestion(name, options), key=True)
        cell = model.cells.get(population)
        if cell is None:
            continue
        known = ["spikes"] * bool(cell.event) + [*cell.states, *(key for key, _ in cell.outputs)]
        for k, variable in enumerate(record.variables):
            if variable not in known:
                what = f"'{population}' ({cell.name}) has nothing named '{variable}'"
                path = document.existing(("record", name, "variables", k))
                path = path if path[-1] == k else ("record", name, k)
                yield problem_at(document, path, what, suggestion(variable, known))


def records_keep_something_known(model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    """Epochs, cells and times that can be kept, and one entry for a population of which not everything is."""
    epochs = [epoch.name for epoch in spec.epochs]
    finest = _finest(model, spec)
    seen: dict[str, tuple[str, RecordSpec]] = {}
    for name, record in spec.record.items():
        for k, epoch in enumerate(record.epochs or []):
            if epoch not in epochs:
                what = f"no epoch named '{epoch}'"
                yield problem_at(document, ("record", name, "epochs", k), what, suggestion(epoch, epochs))
        if record.cells is not None:
            yield from _cells(model, _population(model, name), record.cells, document, ("record", name, "cells"))
        yield from _sampling(model, record, finest, document, ("record", name, "every"))
        other, entry = seen.setdefault(_population(model, name), (name, record))
        if other != name and (record.cells or record.epochs or entry.cells or entry.epochs):
            what = f"'{other}' and '{name}' are the same cells, of which not everything is kept"
            yield problem_at(document, ("record", name), what, "make one entry of the two", key=True)


def _sampling(model: Model, record: RecordSpec, finest: int, document: Document, path: Path) -> Iterator[Problem]:
    """Samples are taken at whole steps, and those of one entry are among those of the entry that has most."""
    if record.every is None:
        return
    step = model.spec.time.step
    if record.every.steps is None and record.every.seconds < step * (1 - ROUNDING):
        what = f"'{record.every}' is shorter than a step, which takes {step * 1e3:g} ms"
        yield problem_at(document, path, what, "make it one step or more")
    elif finest and record.every.in_steps(step) % finest:
        what = f"'{record.every}' is no multiple of the shortest 'every', {finest} steps"
        yield problem_at(document, path, what, "samples are taken at the shortest one: make this a multiple of it")


def _cells(model: Model, population: str, cells: CellsSpec, document: Document, path: Path) -> Iterator[Problem]:
    if cells.from_ is not None and cells.to is not None and cells.from_ > cells.to:
        yield problem_at(document, path, f"there is no cell from {cells.from_} to {cells.to}", "exchange the two")
    if cells.listed is not None and len(set(cells.listed)) != len(cells.listed):
        yield problem_at(document, path, "a cell is named twice", "name it once")
    cell = model.cells.get(population)
    if cells.random is not None and cells.random.rate_floor is not None and cell is not None and cell.event is None:
        what = f"the cells of '{population}' do not spike, so none has a rate"
        yield problem_at(document, (*path, "random", "rate_floor"), what, "leave it out")


def _finest(model: Model, spec: ProtocolSpec) -> int:
    """The shortest time between samples that is asked for, in steps; 0 if none is."""
    asked = [record.every for record in spec.record.values() if record.every is not None]
    return min((every.in_steps(model.spec.time.step) for every in asked), default=0)
