"""What are the outputs, given the states?  The instantaneous part of a circuit in plain numpy.

Used where a few evaluations are needed on the host: slaved starts, and the energy of recorded states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from neuroam import formula
from neuroam.circuit import Array, Circuit, Dense, Ones, Projection, Sparse
from neuroam.order import Step, edges_of, evaluation_order
from neuroam.recording import EdgeWeights

Values = dict[tuple[str, str], Array]


def order_of(circuit: Circuit) -> list[Step]:
    """The evaluation order of a circuit."""
    cells = {name: population.cell for name, population in circuit.populations.items()}
    only = {name: population.only for name, population in circuit.populations.items() if population.only}
    return evaluation_order(
        cells, edges_of(circuit.projections.values(), continuous=circuit.update == "continuous"), only
    )


def outputs(
    circuit: Circuit, states: Mapping[tuple[str, str], Array], drives: Mapping[tuple[str, str], Array]
) -> Values:
    """Every reduction, output and input slot.

    Parameters
    ----------
    circuit : Circuit
        Instantaneous graded projections take part; spikes, filters and delays contribute nothing.
    states : mapping
        (population, state) -> (..., cells).
    drives : mapping
        (population, slot) -> (..., cells), added to the slot.

    Returns
    -------
    dict
        (population, name) -> (..., cells) for reductions (length 1), outputs and slots.
    """
    found: Values = dict(states)
    for name, population in circuit.populations.items():
        for slot in set(population.cell.inputs) - set(population.cell.pulses):
            found[name, slot] = np.asarray(drives.get((name, slot), np.zeros(population.size)), dtype=float)
    for step in order_of(circuit):
        if step.kind == "project":
            projection = circuit.projections[step.owner]
            key = (projection.post, projection.slot)
            if projection.instantaneous:
                found[key] = found[key] + project(circuit, projection, found[projection.pre, projection.source])
        else:
            found[step.owner, step.name] = define(circuit, step.owner, step.name, found)
    return found


def define(circuit: Circuit, owner: str, name: str, found: Mapping[tuple[str, str], Array]) -> Array:
    """One reduction or output of a population."""
    cell = circuit.populations[owner].cell
    for reduction in cell.reductions:
        if reduction.name == name:
            return _reduce(reduction.kind, expression(circuit, owner, reduction.argument, found))
    values, flag = expression(circuit, owner, dict(cell.outputs)[name], found), circuit.populations[owner].only
    return np.where(found[owner, flag] != 0, values, 0.0) if flag else values


def expression(circuit: Circuit, owner: str, text: str, found: Mapping[tuple[str, str], Array]) -> Array:
    """Cell text of one population; controls that the cell reads have their starting value."""
    population = circuit.populations[owner]
    space: dict[str, object] = {"size": float(population.size), "dt": circuit.dt, **population.params}
    space |= {name: value for (other, name), value in found.items() if other == owner}
    return formula.evaluate(text, space)


def _reduce(kind: str, values: Array) -> Array:
    if values.shape[-1] == 0:  # a population without cells
        return np.zeros((*values.shape[:-1], 1))
    if kind == "argmax":
        return np.argmax(values, axis=-1, keepdims=True).astype(float)
    if kind.startswith("kth"):
        return np.sort(values, axis=-1)[..., ::-1][..., int(kind[3:]) - 1 : int(kind[3:])]
    functions: dict[str, Callable[..., Array]] = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min}
    return np.asarray(functions[kind](values, axis=-1, keepdims=True))


@np.errstate(all="ignore")  # of signals that are not finite: whoever asked sees that the result is not
def project(circuit: Circuit, projection: Projection, signal: Array) -> Array:
    """``gain * view(matrix) @ signal`` for every leading index on its own: (..., pre) -> (..., post)."""
    post, pre = circuit.populations[projection.post], circuit.populations[projection.pre]
    signal = np.broadcast_to(signal, (*signal.shape[:-1], pre.size))
    if isinstance(circuit.matrices[projection.matrix].weights, Ones):
        return projection.gain * np.repeat(signal.sum(axis=-1, keepdims=True), post.size, axis=-1)
    matrix = view(circuit, projection)
    rows = signal.reshape(int(np.prod(signal.shape[:-1])), pre.size)
    # one product per row: what a trial gets does not depend on how many there are
    product = np.array([matrix @ row for row in rows]).reshape(*signal.shape[:-1], post.size)
    return projection.gain * product


def view(circuit: Circuit, projection: Projection) -> Array:
    """The matrix of a projection as it sees it, (post, pre) cells, without its gain."""
    matrix = circuit.matrices[projection.matrix].weights
    post, pre = circuit.populations[projection.post], circuit.populations[projection.pre]
    if isinstance(matrix, Ones):
        return np.ones((post.size, pre.size))
    found = as_array(matrix)
    found = found.T if projection.transpose else found
    return found if found.shape == (post.size, pre.size) else found[np.ix_(post.labels["place"], pre.labels["place"])]


def as_array(matrix: Dense | Sparse | Ones) -> Array:
    """A (post, pre) matrix with all its entries."""
    if isinstance(matrix, Dense):
        return matrix.values
    if isinstance(matrix, Ones):
        return np.ones(matrix.shape)
    full = np.zeros(matrix.shape)
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    full[rows, matrix.indices] = matrix.data
    return full


def rest(circuit: Circuit, names: Sequence[str]) -> Values:
    """The states of populations at t = 0 as their cells define them: zero unless the cell says otherwise."""
    found: Values = {}
    for name in names:
        population = circuit.populations[name]
        for state in population.cell.states:
            value = np.zeros(population.size)
            if state in population.cell.start:
                value = value + expression(circuit, name, population.cell.start[state], {})
            found[name, state] = value
    return found


def ends_of(circuit: Circuit, projection: str) -> tuple[int, int]:
    """How many post and pre cells a projection has."""
    ends = circuit.projections[projection]
    return circuit.populations[ends.post].size, circuit.populations[ends.pre].size


def weights_of(edges: EdgeWeights, shape: tuple[int, int], trial: int = 0) -> Sparse:
    """What the edges of a plastic projection ended with, row by row of the post cells, without zeros."""
    there = np.flatnonzero(edges.values[trial])
    order = there[np.lexsort((edges.pre[there], edges.post[there]))]
    counts = np.bincount(edges.post[order], minlength=shape[0])
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Sparse(shape, indptr, edges.pre[order].astype(np.int64), edges.values[trial, order])


def unit_rows(weights: Sparse) -> Sparse:
    """Every row divided by the root mean square of its entries; an empty row stays empty."""
    count = np.diff(weights.indptr)
    rows = np.repeat(np.arange(weights.shape[0]), count)
    size = np.sqrt(np.bincount(rows, weights.data**2, minlength=weights.shape[0]) / np.maximum(count, 1))
    return Sparse(weights.shape, weights.indptr, weights.indices, weights.data / size[rows])


def residuals(weights: Sparse, patterns: Array) -> Array:
    """The largest ``|W x|`` of every row over the patterns, which are (P, N)."""
    from scipy.sparse import csr_array

    table = csr_array((weights.data, weights.indices, weights.indptr), shape=weights.shape)
    parts = (patterns[start : start + 256] for start in range(0, len(patterns), 256))
    worst = [np.abs(table @ part.T).max(axis=1, initial=0.0) for part in parts]
    return np.max(worst, axis=0) if worst else np.zeros(weights.shape[0])
