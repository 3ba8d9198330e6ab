"""The numbers of one run of a compiled program: everything that is data and not structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam import formula
from neuroam.circuit import Circuit, Population, Projection, Signal, Trials
from neuroam.sim import edge_values, kernel_values, signals, weights
from neuroam.sim.noise import key_words
from neuroam.sim.pulse import live_cells
from neuroam.sim.structure import Group, Line, Plan, Table
from neuroam.token_lines import are_lines


@dataclass(frozen=True)
class Values:
    """``variables`` by (group, variable): a scalar, or one value per cell of the batch; ``arrays`` by name."""

    variables: Mapping[tuple[str, str], float | NDArray[Any]]
    arrays: Mapping[str, NDArray[Any]]


def take(trials: Trials, chosen: NDArray[np.int64]) -> Trials:
    """Some of the trials, in this order."""

    def part(signals_: Mapping[Any, Signal]) -> dict[Any, Signal]:
        return {name: Signal(signal.row, signal.table[:, chosen]) for name, signal in signals_.items()}

    return replace(
        trials,
        index=trials.index[chosen],
        cued=trials.cued[chosen],
        initial={name: value[chosen] for name, value in trials.initial.items()},
        drives=part(trials.drives),
        holds=part(trials.holds),
        controls=part(trials.controls),
        cues={name: value[chosen] for name, value in trials.cues.items()},
        condition=trials.condition[chosen] if trials.condition.size else trials.condition,
        onset=trials.onset[chosen] if trials.onset.size else trials.onset,
        lists={name: replace(drive, row=drive.row[:, chosen]) for name, drive in trials.lists.items()},
    )


def values(plan: Plan, circuit: Circuit, trials: Trials, shared: Mapping[str, NDArray[Any]]) -> Values:
    """Everything that this circuit and these trials put into a program of this plan.

    ``shared`` are the arrays that are the same for all batches of trials (`kernel_values.shared`).
    """
    variables: dict[tuple[str, str], float | NDArray[Any]] = {}
    arrays: dict[str, NDArray[Any]] = dict(shared)
    for name, group in plan.groups.items():
        found: dict[str, float | NDArray[Any]] = dict.fromkeys((v.name for v in group.variables), 0.0)
        match group.of:
            case ("population", _):
                found |= _of_population(plan, name, circuit, trials, set(found))
            case ("edges", projection) if are_lines(circuit.populations[circuit.projections[projection].pre]):
                found["w"] = _weights_of_lines(circuit, circuit.projections[projection], group.size, trials.count)
            case ("edges", projection):
                found |= edge_values.variables(circuit, circuit.projections[projection], group.size, trials.count)
                arrays |= edge_values.lookups(circuit, circuit.projections[projection], group)
        variables |= {(group.name, key): value for key, value in found.items()}
        for table in group.tables:
            arrays |= _table(group, table, _signal(table, trials))
        for noise in group.noises:
            label = f"{noise.name}_{group.name}"
            arrays[f"{label}_key"] = key_words(trials.noise_key)
            arrays[f"{label}_trial"] = trials.index.astype(np.int64)
        for line in group.lines:
            arrays[f"steps_{line.name}_{group.name}"] = _steps_of(line, circuit, group.size)
    arrays |= kernel_values.of_batch(plan, circuit, trials) | live_cells(plan, circuit)
    return Values(variables, arrays)


def _weights_of_lines(circuit: Circuit, projection: Projection, room: int, count: int) -> NDArray[Any]:
    """One row of weights per line."""
    given = weights.dense_array(circuit, projection).T.ravel()
    return np.tile(np.concatenate([given, np.zeros(room - given.size)]), count)


def _steps_of(line: Line, circuit: Circuit, size: int) -> NDArray[np.int32]:
    """How many steps a line looks back, per cell; what is delayed and graded is stored one step ahead of its use."""
    projection = circuit.projections[line.projection]
    seconds = projection.delay if line.kind == "delay" else projection.box
    ahead = line.kind == "delay" and projection.source != "spike"
    steps = np.rint(np.asarray(seconds) / circuit.dt).astype(np.int32) - int(ahead)
    return _widened(np.broadcast_to(steps, circuit.populations[projection.post].size), size)


def _of_population(
    plan: Plan, name: str, circuit: Circuit, trials: Trials, wanted: set[str]
) -> dict[str, float | NDArray[Any]]:
    population, size = circuit.populations[name], plan.groups[name].size
    found: dict[str, float | NDArray[Any]] = {
        key: _per_trial(population.params[key], size, trials.count) for key in population.cell.params if key in wanted
    }
    for state in population.cell.states:
        if (name, state) in trials.initial:
            found[state] = _widened(trials.initial[name, state], size).ravel()
    for projection in circuit.projections.values():
        lines = are_lines(circuit.populations[projection.pre])
        if projection.post == name and (projection.pre in plan.groups or lines):
            found[f"gain_{projection.name}"] = _per_trial(projection.gain, size, trials.count)
            if projection.filter is not None:
                found |= {f"{key}_{projection.name}": value for key, value in projection.filter.params.items()}
        if projection.post == name and projection.plastic and lines:
            found |= {
                f"{key}_{projection.name}": _per_trial(value, size, trials.count)
                for key, value in projection.plastic.params.items()
                if f"{key}_{projection.name}" in wanted
            }
            found[f"scale_{projection.name}"] = np.ones(size * trials.count)
    found |= _of_event(population, size, circuit.dt, trials.count)
    found |= {key: value for key, value in _counts(name, circuit).items() if key in wanted}
    for (owner, variable_name), text in plan.decays.items():
        if owner == name:
            factor = np.exp(circuit.dt * formula.evaluate(text, found))
            found[f"decay_{variable_name}"] = float(factor) if factor.ndim == 0 else factor
    return found


def _counts(name: str, circuit: Circuit) -> dict[str, float]:
    """How many cells there are here, in all populations that move, and in those of them before this one."""
    moving = {other: float(p.size) for other, p in circuit.populations.items() if p.cell.states and p.size}
    before = list(moving)[: list(moving).index(name)] if name in moving else []
    return {
        "n_cells": float(circuit.populations[name].size),
        "n_moving": sum(moving.values()),
        "n_before": float(sum(moving[other] for other in before)),
    }


def _of_event(population: Population, size: int, dt: float, count: int) -> dict[str, float | NDArray[Any]]:
    event = population.cell.event
    if event is None or not event.refractory:
        return {}
    steps = np.rint(np.asarray(population.params[event.refractory]) / dt)
    return {"ref_steps": float(steps) if steps.ndim == 0 else _per_trial(steps, size, count)}


def _per_trial(value: float | NDArray[Any], size: int, count: int) -> float | NDArray[Any]:
    return value if isinstance(value, float) else np.tile(_widened(value, size), count)


def _widened(value: NDArray[Any], size: int) -> NDArray[Any]:
    """The last axis made ``size`` long with copies of its last value: cells that are not there look like the last."""
    room = size - value.shape[-1]
    return np.concatenate([value, np.repeat(value[..., -1:], room, axis=-1)], axis=-1) if room else value


def _signal(table: Table, trials: Trials) -> Signal:
    match table.of:
        case ("control", name):
            return trials.controls[name]
        case ("hold", name, state):
            return trials.holds[name, state]
        case ("drive", name, slot):
            return trials.drives[name, slot]
        case ("silence", name):
            return _switch(trials.silenced[name], trials.count)
        case ("close", name):
            return _switch(trials.learned[name], trials.count)
        case ("learn", name):
            return _switch(trials.learning[name], trials.count)
        case ("until", number):
            until, steps = trials.until[int(number)], np.arange(trials.n_steps)
            return _switch((steps >= until.start) & (steps < until.stop), trials.count)
    raise AssertionError(table.of)


def _switch(on: NDArray[np.bool_], count: int) -> Signal:
    return Signal(np.where(on, 0, -1).astype(np.int32), np.ones((1, count, 1)))


def _table(group: Group, table: Table, signal: Signal) -> dict[str, NDArray[Any]]:
    key = signals.key(group.name, table)
    # one more step is run than asked for, to see the state after the last one; nothing is learned in it
    more = -1 if table.of[0] in ("learn", "close") else signal.row[-1]
    row = np.append(signal.row, more).astype(np.int32)
    widened = signal.table if table.per_trial else _widened(signal.table, group.size)
    full = np.zeros((table.rows, *widened.shape[1:]))
    full[: len(widened)] = widened
    return {f"row_{key}": row, f"tab_{key}": full.ravel()}
