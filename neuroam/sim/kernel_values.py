"""The arrays that kernels read beside variables, by the names that `kernels.array_names` gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Projection, Ragged, Trials
from neuroam.sim import weights
from neuroam.sim.edge_values import edge_numbers, joined
from neuroam.sim.kernels_cpp import REALS
from neuroam.sim.structure import Kernel, Plan

Arrays = dict[str, NDArray[Any]]


def arrays(plan: Plan, kernel: Kernel, circuit: Circuit, trials: Trials, precision: str) -> Arrays:
    """Everything that one kernel brings."""
    live = [count(plan, circuit, name) for name in (kernel.source[0], kernel.target)]
    found: Arrays = {"live": np.array(live, dtype=np.int32)}
    projection = _projection(plan, kernel, circuit)
    if kernel.kind in ("dense", "sparse"):
        assert projection is not None
        found |= _weights(plan, kernel, circuit, projection)
    elif kernel.kind == "edges":
        assert projection is not None
        found["j"] = _room(joined(circuit, projection)[1], kernel.size_in)
    elif kernel.kind == "touched":
        assert projection is not None
        found |= _touched(kernel, circuit, projection, trials)
    elif kernel.kind == "driven":
        found |= _driven(trials.lists[kernel.source], trials, kernel.edges)
    elif kernel.kind == "halt":
        # one step more is run than asked for, to see the state after the last one
        last = max(until.start for until in trials.until if until.stop == trials.n_steps) if _can_halt(trials) else None
        steps = np.arange(trials.n_steps + 1)
        found["on"] = (steps >= last if last is not None else np.zeros(steps.size)).astype(np.int32)
    real = np.float32 if precision == "single" else np.float64
    found |= {part: array.astype(real) for part, array in found.items() if part in REALS}
    return {f"{part}_{kernel.name}": array for part, array in found.items()}


def _can_halt(trials: Trials) -> bool:
    return any(until.stop == trials.n_steps for until in trials.until)


def count(plan: Plan, circuit: Circuit, name: str) -> int:
    """How many cells of a group there are."""
    match plan.groups[name].of:
        case ("population", population):
            return circuit.populations[population].size
        case ("edges", projection):
            return weights.entries(circuit, circuit.projections[projection], zeros=True)
    return 1


def _projection(plan: Plan, kernel: Kernel, circuit: Circuit) -> Projection | None:
    """The projection that a kernel serves: by its name, or by the group of edges that it reads or writes."""
    for name, made in plan.kernel_of.items():
        if made == kernel.name:
            return circuit.projections[name]
    for group in (kernel.source[0], kernel.target):
        if plan.groups[group].of[0] == "edges":
            return circuit.projections[plan.groups[group].of[1]]
    return None


def _weights(plan: Plan, kernel: Kernel, circuit: Circuit, projection: Projection) -> Arrays:
    rows = kernel.size_out if kernel.only else kernel.size_in
    if kernel.kind == "dense":
        full = weights.dense_array(circuit, projection)
        return {"w": weights.stored_dense(full if kernel.only else full.T, rows, kernel.stride)}
    view = weights.sparse_array(circuit, projection, zeros=bool(kernel.own))
    by_row = view if kernel.only else view.T.tocsr()
    by_row.sort_indices()
    found = weights.stored_sparse(by_row, rows, kernel.edges)
    if kernel.own:
        del found["w"]
        owner = circuit.projections[plan.groups[kernel.own].of[1]]
        found["i"] = _room(edge_numbers(circuit, owner, projection), kernel.edges)
    return found


def _touched(kernel: Kernel, circuit: Circuit, projection: Projection, trials: Trials) -> Arrays:
    """The edges of every cell: those that begin there, or those that end there."""
    pre, post, _ = joined(circuit, projection)
    cells = pre if kernel.events == "touched_source" else post
    order = np.argsort(cells, kind="stable")
    start = np.searchsorted(cells[order], np.arange(kernel.size_in + 1))
    on = np.append(trials.learning[projection.name], False)  # nothing is learned in the step that only shows the end
    return {"p": start.astype(np.int32), "j": _room(order, kernel.size_out), "on": on.astype(np.int32)}


def _driven(drive: Ragged, trials: Trials, room: int) -> Arrays:
    # one step more is run than asked for: nothing is driven in it
    start = np.concatenate([drive.start, np.full(trials.count, drive.start[-1])])
    values = np.zeros(room)
    values[: drive.value.size] = drive.value
    return {"a": start.astype(np.int32), "c": _room(drive.cell, room), "v": values}


def _room(values: NDArray[Any], size: int) -> NDArray[np.int32]:
    full = np.zeros(size, dtype=np.int32)
    full[: values.size] = values
    return full
