"""The arrays that kernels read beside variables, by the names that `kernels.array_names` gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Population, Projection, Trials
from neuroam.sim import weights
from neuroam.sim.edge_values import edge_numbers, joined
from neuroam.sim.kernels_cpp import REALS
from neuroam.sim.structure import Kernel, Plan
from neuroam.token_lines import drive_of, sent

Arrays = dict[str, NDArray[Any]]


def shared(plan: Plan, circuit: Circuit, trials: Trials, precision: str) -> Arrays:
    """What is the same in every batch of trials."""
    found: Arrays = {}
    for kernel in plan.kernels.values():
        live = [count(plan, circuit, name) for name in (kernel.source[0], kernel.target)]
        if kernel.kind == "turned":
            live.append(_lines(plan, kernel, circuit).size)
        parts = {"live": np.array(live, dtype=np.int32)} | _of_kernel(plan, kernel, circuit, trials)
        found |= {f"{part}_{kernel.name}": _real(part, array, precision) for part, array in parts.items()}
    return found


def of_batch(plan: Plan, circuit: Circuit, trials: Trials) -> Arrays:
    """What belongs to the trials of one batch."""
    found: Arrays = {}
    for kernel in plan.kernels.values():
        if kernel.listed and f"r_{kernel.listed}" not in found:
            lines = _lines(plan, kernel, circuit).name
            drive = drive_of(trials, lines)
            # one step more is run than asked for, and one more is looked ahead to: nothing is driven in those
            row = np.append(drive.row.ravel(), np.full(2 * trials.count, -1))
            room = plan.rooms[f"list of {lines}"]
            found |= {
                f"r_{kernel.listed}": row.astype(np.int32),
                f"a_{kernel.listed}": _room(drive.start, plan.rooms[f"rows of {lines}"], drive.start[-1]),
                f"c_{kernel.listed}": _room(drive.cell, room),
            }
    return found


def _real(part: str, array: NDArray[Any], precision: str) -> NDArray[Any]:
    return array.astype(np.float32 if precision == "single" else np.float64) if part in REALS else array


def _of_kernel(plan: Plan, kernel: Kernel, circuit: Circuit, trials: Trials) -> Arrays:
    if kernel.kind == "halt":
        return {"on": _may_halt(trials)}
    projection = _projection(plan, kernel, circuit)
    if projection is None:
        return {}
    if kernel.listed:
        return _listed(plan, kernel, circuit, projection, trials)
    if kernel.kind in ("dense", "sparse"):
        return _weights(plan, kernel, circuit, projection)
    if kernel.kind == "edges":
        return {"j": _room(joined(circuit, projection)[1], kernel.size_in)}
    return _touched(kernel, circuit, projection, trials) if kernel.kind == "touched" else {}


def _lines(plan: Plan, kernel: Kernel, circuit: Circuit) -> Population:
    projection = _projection(plan, kernel, circuit)
    assert projection is not None
    return circuit.populations[projection.pre]


def _may_halt(trials: Trials) -> NDArray[np.int32]:
    """In which steps nothing is left to do once all trials have ended: those of the last epoch, if it may end early."""
    last = [until.start for until in trials.until if until.stop == trials.n_steps]
    # one step more is run than asked for, to see the state after the last one
    steps = np.arange(trials.n_steps + 1)
    return (steps >= min(last, default=steps.size)).astype(np.int32)


def count(plan: Plan, circuit: Circuit, name: str) -> int:
    """How many cells of a group there are."""
    if name not in plan.groups:  # lines of tokens
        return circuit.populations[name].size
    match plan.groups[name].of:
        case ("population", population):
            return circuit.populations[population].size
        case ("edges", projection):
            zeros = circuit.projections[projection].plastic is not None
            return weights.entries(circuit, circuit.projections[projection], zeros=zeros)
    return 1


def _projection(plan: Plan, kernel: Kernel, circuit: Circuit) -> Projection | None:
    """The projection that a kernel serves: by its name, or by the group of edges that it reads or writes."""
    for name, made in plan.kernel_of.items():
        if made == kernel.name:
            return circuit.projections[name]
    for group in (kernel.source[0], kernel.target, kernel.own):
        if group in plan.groups and plan.groups[group].of[0] == "edges":
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


def _listed(plan: Plan, kernel: Kernel, circuit: Circuit, projection: Projection, trials: Trials) -> Arrays:
    """What every entry of the list puts in, and the weights if they are given."""
    found: Arrays = {} if kernel.own or kernel.kind == "ones" else _weights(plan, kernel, circuit, projection)
    drive = drive_of(trials, projection.pre)
    lines = circuit.populations[projection.pre]
    adds = kernel.learns and kernel.kind != "turned"
    values = sent(lines, drive.cell, drive.value, kernel.value, projection.plastic if kernel.learns else None, adds)
    found["v"] = np.zeros(plan.rooms[f"list of {projection.pre}"])
    found["v"][: values.size] = values
    if kernel.learns:
        found["on"] = np.append(trials.learning[projection.name], False).astype(np.int32)
    return found


def _room(values: NDArray[Any], size: int, rest: int = 0) -> NDArray[np.int32]:
    full = np.full(size, rest, dtype=np.int32)
    full[: values.size] = values
    return full
