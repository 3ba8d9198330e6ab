"""The numbers of one run of a compiled program: everything that is data and not structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam import formula
from neuroam.circuit import Circuit, Dense, Population, Signal, Sparse, Trials
from neuroam.sim import signals
from neuroam.sim.noise import key_words
from neuroam.sim.structure import Group, Plan, Table


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
        population = circuit.populations[name]
        variables |= {(group.name, key): value for key, value in _variables(plan, name, group, circuit, trials).items()}
        for table in group.tables:
            arrays |= _table(group, table, _signal(table, name, trials))
        for noise in group.noises:
            label = f"{noise.name}_{group.name}"
            arrays[f"{label}_key"] = key_words(trials.noise_key)
            arrays[f"{label}_trial"] = trials.index.astype(np.int64)
        assert population.size == group.size
    arrays |= weights(plan, circuit)
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
            found[key] = _per_trial(population.params[key], trials.count)
    for state in population.cell.states:
        if (name, state) in trials.initial:
            found[state] = trials.initial[name, state].ravel()
    found |= _of_projections(plan, name, circuit, trials.count) | _of_event(population, circuit.dt, trials.count)
    for (owner, variable_name), text in plan.decays.items():
        if owner == name:
            factor = np.exp(circuit.dt * formula.evaluate(text, found))
            found[f"decay_{variable_name}"] = float(factor) if factor.ndim == 0 else factor
    return found


def _of_projections(plan: Plan, name: str, circuit: Circuit, count: int) -> dict[str, float | NDArray[Any]]:
    found: dict[str, float | NDArray[Any]] = {}
    for projection in circuit.projections.values():
        if projection.post == name and projection.pre in plan.groups:
            found[f"gain_{projection.name}"] = _per_trial(projection.gain, count)
            if projection.filter is not None:
                found |= {f"{key}_{projection.name}": value for key, value in projection.filter.params.items()}
    return found


def _of_event(population: Population, dt: float, count: int) -> dict[str, float | NDArray[Any]]:
    event = population.cell.event
    if event is None or not event.refractory:
        return {}
    steps = np.rint(np.asarray(population.params[event.refractory]) / dt)
    return {"ref_steps": float(steps) if steps.ndim == 0 else _per_trial(steps, count)}


def _per_trial(value: float | NDArray[Any], count: int) -> float | NDArray[Any]:
    return value if isinstance(value, float) else np.tile(value, count)


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
    return {f"row_{key}": row, f"tab_{key}": np.ascontiguousarray(signal.table, dtype=float).ravel()}


def weights(plan: Plan, circuit: Circuit) -> dict[str, NDArray[Any]]:
    """Weight arrays by the names that the kernels give them, stored (pre, post)."""
    arrays: dict[str, NDArray[Any]] = {}
    for projection in circuit.projections.values():
        name = plan.kernel_of.get(projection.name)
        if name is None:
            continue
        matrix = circuit.matrices[projection.matrix].weights
        pre, post = circuit.populations[projection.pre], circuit.populations[projection.post]
        if isinstance(matrix, Dense):
            full = _expanded(matrix.values.T if projection.transpose else matrix.values, post, pre)
            arrays[f"w_{name}"] = np.ascontiguousarray(full.T).ravel()
        elif isinstance(matrix, Sparse):
            arrays |= _by_source(name, matrix, projection.transpose, post, pre)
    return arrays


def _expanded(matrix: NDArray[Any], post: Population, pre: Population) -> NDArray[Any]:
    """Rows and columns repeated for cells that share one place (copies)."""
    rows, columns = post.labels["place"], pre.labels["place"]
    if rows.size == matrix.shape[0] and columns.size == matrix.shape[1]:
        return matrix
    return matrix[np.ix_(rows, columns)]


def _by_source(
    name: str, matrix: Sparse, transpose: bool, post: Population, pre: Population
) -> dict[str, NDArray[Any]]:
    from scipy import sparse

    stored = sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
    view = stored.T.tocsr() if transpose else stored
    if view.shape != (post.size, pre.size):
        view = view[post.labels["place"]][:, pre.labels["place"]]
    columns = view.T.tocsr()
    columns.sort_indices()
    # an empty array cannot be handed to a program
    data = columns.data if columns.data.size else np.zeros(1)
    indices = columns.indices if columns.indices.size else np.zeros(1)
    return {
        f"w_{name}": np.asarray(data, dtype=float),
        f"p_{name}": columns.indptr.astype(np.int32),
        f"j_{name}": np.asarray(indices).astype(np.int32),
    }
