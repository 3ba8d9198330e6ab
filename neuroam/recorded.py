"""What is recorded, and what of it stays?

All that readouts may look at is recorded; then the protocol's ``record`` says of which cells, in which epochs and how
often something is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Outline, Population, Trials
from neuroam.errors import Problem, SpecError
from neuroam.limits import limit_of, size_text
from neuroam.readouts import readout
from neuroam.readouts.activity import output_of
from neuroam.recording import Recording, Selected, Spikes, Trace
from neuroam.seeds import Seeds
from neuroam.sim.structure import Wanted
from neuroam.spec.nouns import Spec
from neuroam.spec.protocol import CellsSpec, RecordSpec
from neuroam.spec.yaml import dotted

SAMPLE = 1e-3  # default time between samples of graded signals, in seconds ...
LARGE = 1000  # cells of a population whose states are only kept if the protocol records them
MAX_NUMBERS = 40_000_000  # ... unless that makes more numbers than this in one network
RATE = 20.0  # Hz, of every spiking cell: a guess, for the size of what is recorded
SPIKE, NUMBER = 24, 8  # bytes on disk
LIMIT = 4 * 10**9

Key = tuple[str, str]


def wanted(spec: Spec, circuit: Circuit, trials: Trials | Outline) -> Wanted:
    """What is recorded: all spikes, the states of graded cells, outputs of ports and measures, and what is named."""
    names = {(name, state) for name, p in circuit.populations.items() if not p.cell.event for state in p.cell.states}
    names |= lasting(spec, circuit) | measured(spec, circuit)
    cells = sum(circuit.populations[name].size for name, _ in names)
    every = sampling(spec, circuit.dt, cells * trials.count * trials.n_steps, trials.n_steps)
    return Wanted(
        tuple(name for name, p in circuit.populations.items() if p.cell.event), dict.fromkeys(sorted(names), every)
    )


def measured(spec: Spec, circuit: Circuit) -> set[Key]:
    """The graded outputs of the ports that measures name."""
    found = set()
    for name, settings in spec.protocol.spec.measure.items():
        entry = readout[settings.get("readout", name)]
        for key, kind in entry.refers.items():
            if kind.startswith("port") and settings.get(key) in circuit.ports:
                population = circuit.populations[circuit.ports[settings[key]].population]
                if population.cell.event is None and population.cell.outputs:
                    found.add((population.name, output_of(circuit, population.name)))
    return found


def lasting(spec: Spec, circuit: Circuit) -> set[Key]:
    """Traces that stay whatever their size: graded outputs where patterns enter, and what the protocol records."""
    named = set()
    for name, port in circuit.ports.items():
        cell = circuit.populations[port.population].cell
        small = circuit.populations[port.population].size <= LARGE
        if cell.event is None and cell.outputs and (small or name in circuit.patterns):
            named.add((port.population, output_of(circuit, port.population)))
    for name, record in spec.protocol.spec.record.items():
        owner = owner_of(circuit, name)
        named |= {(owner, variable) for variable in record.variables if variable != "spikes"}
    return named


def owner_of(circuit: Circuit, name: str) -> str:
    """The population that ``record`` calls by its name or its port's."""
    return circuit.ports[name].population if name in circuit.ports else name


def sampling(spec: Spec, dt: float, numbers: int, n_steps: int) -> int:
    """Steps between samples: the finest that ``record`` asks for, else about a millisecond, or more if that is a lot.

    ``numbers`` is how many there would be with a sample at every step.  More than a millisecond divides the
    run if it can, so that the last sample is the state after the last step.
    """
    steps = [record.every.in_steps(dt) for record in spec.protocol.spec.record.values() if record.every is not None]
    default = 1 if spec.model.spec.time.discrete else max(1, round(SAMPLE / dt))
    least = -(-numbers // MAX_NUMBERS)
    if steps or least <= default:
        return min(steps, default=default)
    return next((every for every in range(least, 4 * least) if n_steps % every == 0), least)


def kept(spec: Spec, circuit: Circuit, trials: Trials, recording: Recording, network: int = 0) -> Recording:
    """What of a recording stays: no states of large populations that nothing asks for; of others, what is asked for."""
    names = lasting(spec, circuit)
    names |= {key for key in recording.traces if circuit.populations[key[0]].size <= LARGE}
    traces = {key: trace for key, trace in recording.traces.items() if key in names}
    for name, record in spec.protocol.spec.record.items():
        keys = [(owner_of(circuit, name), variable) for variable in record.variables]
        for key in keys if record.every is not None else []:
            if key in traces:
                traces[key] = _thinned(traces[key], record.every.in_steps(circuit.dt))  # type: ignore[union-attr]
    found = replace(recording, traces=traces)
    for name, record in spec.protocol.spec.record.items():
        if record.cells is not None or record.epochs is not None:
            found = _narrowed(found, spec, circuit, trials, name, network)
    return found


def _thinned(trace: Trace, every: int) -> Trace:
    """Every so many steps."""
    here = trace.step % every == 0
    return Trace(trace.step[here], trace.values[:, here])


def _narrowed(recording: Recording, spec: Spec, circuit: Circuit, trials: Trials, name: str, network: int) -> Recording:
    """Of one population only some cells, or some epochs."""
    record, owner = spec.protocol.spec.record[name], owner_of(circuit, name)
    cells = None
    if record.cells is not None:
        random = _stream(spec, owner, record.cells, network)
        fit = _firing(recording, circuit, owner, record.cells)
        cells = cells_of(record.cells, circuit.populations[owner].size, random, fit)
    spans = _spans(record, trials)
    traces = {key: _part(trace, cells, spans) if key[0] == owner else trace for key, trace in recording.traces.items()}
    spikes = {
        key: _spikes_of(found, cells, spans) if key == owner else found for key, found in recording.spikes.items()
    }
    selected = {**recording.selected, owner: Selected(cells, spans)}
    return replace(recording, spikes=spikes, traces=traces, selected=selected)


def _stream(spec: Spec, population: str, cells: CellsSpec, network: int) -> np.random.Generator:
    """Where an electrode is belongs to the structure, and moves alone if it has another seed."""
    protocol = spec.protocol.spec
    given = {role: seed for role, seed in protocol.seeds.model_dump().items() if seed is not None}
    seed = cells.random.seed if cells.random is not None else 0
    return Seeds.derive(protocol.seed, given, network).stream("structure", f"record:{population}:{seed}")


def _firing(recording: Recording, circuit: Circuit, population: str, cells: CellsSpec) -> NDArray[np.int64]:
    """The cells that a random choice may find: those that reach the floor."""
    size = circuit.populations[population].size
    floor = cells.random.rate_floor if cells.random is not None else None
    if floor is None:
        return np.arange(size)
    seconds = recording.n_trials * recording.n_steps * recording.dt
    counts = np.bincount(recording.spikes[population].cell, minlength=size)
    return np.flatnonzero(counts >= floor.value * seconds)


def cells_of(cells: CellsSpec, size: int, rng: np.random.Generator, fit: NDArray[np.int64]) -> NDArray[np.int32]:
    """The numbers of the cells that are kept, ascending; of a random choice, fewer if fewer fit."""
    if cells.random is not None:
        order = rng.permutation(size)  # a floor leaves out cells of the choice without it, and goes on from there
        chosen = order[np.isin(order, fit)][: cells.random.count]
    else:
        chosen = np.array(cells.listed if cells.listed is not None else _range(cells), dtype=np.int64)
    return np.sort(chosen).astype(np.int32)


def shortfalls(spec: Spec, circuit: Circuit, recording: Recording) -> Iterator[str]:
    """A sentence for every entry of ``record`` that found fewer cells than it asks for."""
    for name, record in spec.protocol.spec.record.items():
        asked = record.cells.random if record.cells is not None else None
        found = recording.selected.get(owner_of(circuit, name), Selected()).cells
        if asked is not None and found is not None and found.size < asked.count:
            floor = f"{asked.rate_floor} or more"
            yield f"record.{name}: {found.size} of the {asked.count} cells asked for fire at {floor}"


def _range(cells: CellsSpec) -> NDArray[np.int64]:
    assert cells.from_ is not None
    assert cells.to is not None
    return np.arange(cells.from_, cells.to + 1)


def _spans(record: RecordSpec, trials: Trials | Outline) -> tuple[tuple[int, int], ...] | None:
    if record.epochs is None:
        return None
    return tuple((epoch.start, epoch.stop) for epoch in trials.epochs if epoch.name in record.epochs)


def _part(trace: Trace, cells: NDArray[np.int32] | None, spans: tuple[tuple[int, int], ...] | None) -> Trace:
    """Some cells of a trace, with the state after the last step of every span."""
    here = _within(trace.step, spans, 1)
    values = trace.values[:, here]
    return Trace(trace.step[here], values if cells is None else values[..., cells])


def _spikes_of(spikes: Spikes, cells: NDArray[np.int32] | None, spans: tuple[tuple[int, int], ...] | None) -> Spikes:
    here = _within(spikes.step, spans, 0)
    if cells is not None:
        here &= np.isin(spikes.cell, cells)
    return Spikes(spikes.trial[here], spikes.step[here], spikes.cell[here])


def _within(step: NDArray[Any], spans: tuple[tuple[int, int], ...] | None, more: int) -> NDArray[np.bool_]:
    found = np.full(step.shape, spans is None)
    for start, stop in spans or ():
        found |= (step >= start) & (step < stop + more)
    return found


def drawable(recording: Recording, partial_spikes: bool) -> Recording:
    """Without the populations of which not everything was kept, as means over cells and time would be wrong.

    ``partial_spikes`` leaves their spikes in, for figures that show nothing else.
    """
    whole = {key: trace for key, trace in recording.traces.items() if key[0] not in recording.selected}
    spikes = {key: found for key, found in recording.spikes.items() if partial_spikes or key not in recording.selected}
    return replace(recording, traces=whole, spikes=spikes)


def refuse_impossible(spec: Spec, circuit: Circuit, trials: Trials | Outline) -> None:
    """Raise `SpecError` if ``record`` names cells that there are not, or waits longer for a sample than a trial takes.

    Both are known when the numbers of cells and steps are.
    """
    problems = []
    for name, record in spec.protocol.spec.record.items():
        population = circuit.populations[owner_of(circuit, name)]
        for key, what, fix in (*_unknown_cells(record, population), *_too_rare(record, circuit.dt, trials.n_steps)):
            path = ("record", name, key)
            problems.append(Problem(spec.protocol.document.where(path), dotted(path), what, fix))
    if problems:
        raise SpecError(problems)


def _unknown_cells(record: RecordSpec, population: Population) -> Iterator[tuple[str, str, str]]:
    asked, size = record.cells, population.size
    if asked is None:
        return
    last = max([*(asked.listed or []), asked.to or 0])
    if last >= size or (asked.random is not None and asked.random.count > size):
        what = f"'{population.name}' has {size} cells" + (f", and no cell {last}" if last >= size else "")
        yield "cells", what, f"use 0 to {size - 1}" if last >= size else f"ask for at most {size}"


def _too_rare(record: RecordSpec, dt: float, n_steps: int) -> Iterator[tuple[str, str, str]]:
    if record.every is not None and record.every.in_steps(dt) > n_steps:
        what = f"'{record.every}' is longer than a trial, which takes {n_steps * dt * 1e3:g} ms"
        yield "every", what, "sample more often, for instance 'every: 1 ms'"


def size_on_disk(spec: Spec, circuit: Circuit, trials: Trials | Outline) -> int:
    """Bytes of ``recording.h5`` for all networks, before compression, if spiking cells fire at `RATE`."""
    records: Mapping[str, RecordSpec] = {owner_of(circuit, n): r for n, r in spec.protocol.spec.record.items()}
    asked = wanted(spec, circuit, trials)
    large = {key for key in asked.traces if circuit.populations[key[0]].size > LARGE} - lasting(spec, circuit)
    numbers = 0.0
    for key, every in asked.traces.items():
        if key in large:
            continue
        record = records.get(key[0])
        own = record.every if record is not None and key[1] in record.variables else None
        steps = own.in_steps(circuit.dt) if own is not None else every
        numbers += (trials.n_steps // steps + 1) * _cells_kept(circuit, key[0], records) * _share(trials, record)
    spikes = sum(
        _cells_kept(circuit, name, records) * RATE * trials.n_steps * circuit.dt * _share(trials, records.get(name))
        for name in asked.spikes
    )
    return int((NUMBER * numbers + SPIKE * spikes) * trials.count * spec.protocol.spec.networks)


def _cells_kept(circuit: Circuit, population: str, records: Mapping[str, RecordSpec]) -> int:
    size, record = circuit.populations[population].size, records.get(population)
    if record is None or record.cells is None:
        return size
    if record.cells.random is not None:
        return min(size, record.cells.random.count)
    return len(record.cells.listed if record.cells.listed is not None else _range(record.cells))


def _share(trials: Trials | Outline, record: RecordSpec | None) -> float:
    spans = None if record is None else _spans(record, trials)
    return 1.0 if spans is None else sum(stop - start for start, stop in spans) / trials.n_steps


def refuse_too_large(spec: Spec, circuit: Circuit, trials: Trials | Outline) -> int:
    """Bytes of the recording, at most; `SpecError` if that is more than ``NEUROAM_RECORDING_SIZE`` (4 GB) allows."""
    size, limit = size_on_disk(spec, circuit, trials), limit_of("NEUROAM_RECORDING_SIZE", LIMIT)
    if size > limit:
        path = ("record",) if spec.protocol.spec.record else ("trials",)
        what = f"the recording would take about {size_text(size)}, and the limit is {size_text(limit)}"
        fix = (
            "record less (fewer variables, 'every: 10 ms', 'cells: {random: {count: 40}}', 'epochs: [NAME]'), "
            "run fewer trials, or set NEUROAM_RECORDING_SIZE='20 GB'"
        )
        raise SpecError([Problem(spec.protocol.document.where(path, key=True), dotted(path), what, fix)])
    return size
