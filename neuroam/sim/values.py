"""The numbers of one run of a compiled program: everything that is data and not structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam import formula
from neuroam.circuit import Circuit, Population, Signal, Trials
from neuroam.sim import signals
from neuroam.sim import weights as stored
from neuroam.sim.noise import key_words
from neuroam.sim.pulse import live_cells
from neuroam.sim.structure import Group, Kernel, Plan, Table


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
    )


def values(plan: Plan, circuit: Circuit, trials: Trials) -> Values:
    """Everything that this circuit and these trials put into a program of this plan."""
    variables: dict[tuple[str, str], float | NDArray[Any]] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for name, group in plan.groups.items():
        variables |= {(group.name, key): value for key, value in _variables(plan, name, group, circuit, trials).items()}
        for table in group.tables:
            arrays |= _table(group, table, _signal(table, name, trials))
        for noise in group.noises:
            label = f"{noise.name}_{group.name}"
            arrays[f"{label}_key"] = key_words(trials.noise_key)
            arrays[f"{label}_trial"] = trials.index.astype(np.int64)
    arrays |= weights(plan, circuit) | live_cells(plan, circuit)
    return Values(variables, arrays)


def _variables(
    plan: Plan, name: str, group: Group, circuit: Circuit, trials: Trials
) -> dict[str, float | NDArray[Any]]:
    population = circuit.populations[name]
    found: dict[str, float | NDArray[Any]] = {}
    for variable in group.variables:
        found[variable.name] = 0.0
    for key in population.cell.params:
        if key in found:
            found[key] = _per_trial(population.params[key], group.size, trials.count)
    for state in population.cell.states:
        if (name, state) in trials.initial:
            found[state] = _widened(trials.initial[name, state], group.size).ravel()
    found |= _of_projections(plan, name, circuit, trials.count)
    found |= _of_event(population, group.size, circuit.dt, trials.count)
    found |= {key: value for key, value in _counts(name, circuit).items() if key in found}
    for (owner, variable_name), text in plan.decays.items():
        if owner == name:
            factor = np.exp(circuit.dt * formula.evaluate(text, found))
            found[f"decay_{variable_name}"] = float(factor) if factor.ndim == 0 else factor
    return found


def _of_projections(plan: Plan, name: str, circuit: Circuit, count: int) -> dict[str, float | NDArray[Any]]:
    found: dict[str, float | NDArray[Any]] = {}
    for projection in circuit.projections.values():
        if projection.post == name and projection.pre in plan.groups:
            size = plan.groups[name].size
            found[f"gain_{projection.name}"] = _per_trial(projection.gain, size, count)
            if projection.filter is not None:
                found |= {f"{key}_{projection.name}": value for key, value in projection.filter.params.items()}
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


def _signal(table: Table, name: str, trials: Trials) -> Signal:
    if table.per_trial:
        return trials.controls[table.name.removeprefix("ctl_")]
    if table.hold:
        return trials.holds[name, table.name.removeprefix("hold_")]
    return trials.drives[name, table.name.removeprefix("stim_")]


def _table(group: Group, table: Table, signal: Signal) -> dict[str, NDArray[Any]]:
    key = signals.key(group.name, table)
    # one more step is run than asked for, to see the state after the last one
    row = np.concatenate([signal.row, signal.row[-1:]]).astype(np.int32)
    widened = signal.table if table.per_trial else _widened(signal.table, group.size)
    full = np.zeros((table.rows, *widened.shape[1:]))
    full[: len(widened)] = widened
    return {f"row_{key}": row, f"tab_{key}": full.ravel()}


def weights(plan: Plan, circuit: Circuit) -> dict[str, NDArray[Any]]:
    """What kernels read beside variables, by the names that they give it (`kernels.array_names`)."""
    arrays: dict[str, NDArray[Any]] = {}
    for kernel in plan.kernels.values():
        live = [circuit.populations[name].size for name in (kernel.source[0], kernel.target)]
        arrays[f"live_{kernel.name}"] = np.array(live, dtype=np.int32)
    for name, kernel_name in plan.kernel_of.items():
        kernel, projection = plan.kernels[kernel_name], circuit.projections[name]
        if kernel.kind == "dense":
            full = stored.dense_array(circuit, projection)
            rows = full if kernel.only else full.T
            arrays[f"w_{kernel_name}"] = stored.stored_dense(rows, _rows_of(kernel), kernel.stride)
        elif kernel.kind == "sparse":
            view = stored.sparse_array(circuit, projection)
            by_row = view if kernel.only else view.T.tocsr()
            by_row.sort_indices()
            parts = stored.stored_sparse(by_row, _rows_of(kernel), kernel.edges)
            arrays |= {f"{part}_{kernel_name}": array for part, array in parts.items()}
    return arrays


def _rows_of(kernel: Kernel) -> int:
    return kernel.size_out if kernel.only else kernel.size_in
