"""What projections and reductions compute, in numpy: the reference of the other devices, and the numpy device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.structure import BLOCK, Kernel

Arrays = MutableMapping[str, NDArray[Any]]
Read = Callable[[], NDArray[Any]]


def stepper(kernel: Kernel, batch: int, read: Mapping[str, Read], arrays: Arrays) -> Callable[[int], NDArray[Any]]:
    """A function of the step number that gives the (batch * size_out,) sums.

    ``read`` gives the current values of what the kernel reads: "x", and "own" and "flag" if it has them.
    """
    n_in, n_out = (int(n) for n in arrays[f"live_{kernel.name}"][:2])
    if kernel.kind == "halt":
        return lambda number: _halt(read["x"](), bool(arrays[f"on_{kernel.name}"][number]))
    if kernel.kind == "changed":
        return lambda _: _list(
            read["events"](), np.flatnonzero(np.repeat(read["x"](), kernel.size_out) != read["flag"]())
        )
    if kernel.kind == "awake":
        return lambda _: _list(read["events"](), np.flatnonzero(read["x"]()))
    if kernel.kind == "turned":
        lines = int(arrays[f"live_{kernel.name}"][2])
        return lambda number: _turn(kernel, batch, read, arrays, number, (lines, n_out))
    if kernel.kind == "touched":
        return lambda number: _touch(kernel, batch, read, arrays, number, n_in)

    def step(number: int) -> NDArray[Any]:
        rows = _rows(kernel, batch, read, arrays, number, n_in, n_out)
        full = np.zeros((batch, kernel.size_out), dtype=rows.dtype)
        full[:, :n_out] = rows
        if kernel.opens:
            _list(read["events"](), np.flatnonzero(full))
        return full.ravel()

    return step


def _rows(
    kernel: Kernel, batch: int, read: Mapping[str, Read], arrays: Arrays, number: int, n_in: int, n_out: int
) -> NDArray[Any]:
    own = read["own"]().reshape(batch, -1) if kernel.own else None
    if kernel.listed:
        return _listed(kernel, batch, own, arrays, number, (n_in, n_out))
    weights = [_weights(kernel, arrays, None if own is None else own[b]) for b in range(batch)]
    if kernel.kind == "edges" and kernel.events:
        return _of_touched(kernel, batch, read, arrays, n_out)
    if kernel.spikes:
        active = _fired(kernel, batch, read["x"]())
        return np.stack([_of_events(kernel, weights[b], active[b][active[b] < n_in], n_out) for b in range(batch)])
    x = read["x"]().reshape(batch, kernel.size_in)[:, :n_in]
    if kernel.only:
        flags = read["flag"]().reshape(batch, kernel.size_out)[:, :n_out] != 0
        return np.stack([_masked(kernel, weights[b], x[b], flags[b]) for b in range(batch)])
    return np.stack([_graded(kernel, weights[b], x[b], n_out) for b in range(batch)])


Weights = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


def _weights(kernel: Kernel, arrays: Arrays, own: NDArray[Any] | None) -> Weights:
    """Values, row starts and targets; dense values are (rows, columns)."""
    none = np.empty(0, dtype=np.int32)
    name = kernel.name
    if kernel.kind == "dense":
        return arrays[f"w_{name}"].reshape(-1, kernel.stride), none, none
    if kernel.kind == "edges":
        return none, none, arrays[f"j_{name}"]
    if kernel.kind == "sparse":
        return (
            (arrays[f"w_{name}"] if own is None else own[arrays[f"i_{name}"]]),
            arrays[f"p_{name}"],
            arrays[f"j_{name}"],
        )
    return none, none, none


def _fired(kernel: Kernel, batch: int, events: NDArray[Any]) -> list[NDArray[Any]]:
    fired = np.asarray(events[: events[-1]], dtype=np.int64)
    trial = fired // kernel.size_in
    return [fired[trial == b] - b * kernel.size_in for b in range(batch)]


def _active(kernel: Kernel, arrays: Arrays, at: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Lines that are active and what they put in, in one step and trial."""
    row = int(arrays[f"r_{kernel.listed}"][at])
    start = arrays[f"a_{kernel.listed}"]
    part = slice(start[row], start[row + 1]) if row >= 0 else slice(0)
    return arrays[f"c_{kernel.listed}"][part], arrays[f"v_{kernel.name}"][part]


def _listed(
    kernel: Kernel, batch: int, own: NDArray[Any] | None, arrays: Arrays, number: int, live: tuple[int, int]
) -> NDArray[Any]:
    n_in, n_out = live
    rows = np.zeros((batch, n_out), dtype=arrays[f"v_{kernel.name}"].dtype)
    if kernel.learns and not arrays[f"on_{kernel.name}"][number]:
        return rows
    for b in range(batch):
        lines, values = _active(kernel, arrays, number * batch + b)
        if own is not None:
            table = own[b, : n_in * n_out].reshape(n_in, n_out)
            rows[b] = _sum_rows(table[lines] * values[:, None])
        else:
            rows[b] = _of_lines(kernel, _weights(kernel, arrays, None), lines, values, n_out)
    return rows


def _of_lines(kernel: Kernel, weights: Weights, lines: NDArray[Any], values: NDArray[Any], n_out: int) -> NDArray[Any]:
    table, start, target = weights
    if kernel.kind == "ones":
        return np.full(n_out, np.cumsum(values)[-1] if values.size else 0.0)
    if kernel.kind == "dense":
        return _sum_rows(table[lines, :n_out] * values[:, None])
    if not lines.size:
        return np.zeros(n_out)
    edges = np.concatenate([np.arange(start[n], start[n + 1]) for n in lines])
    return _scatter(target[edges], table[edges] * np.repeat(values, np.diff(start)[lines]), n_out)


LEAST = {8: 1e-100, 4: 1e-20}  # by bytes: a scale below goes into the weights


def _turn(
    kernel: Kernel, batch: int, read: Mapping[str, Read], arrays: Arrays, number: int, live: tuple[int, int]
) -> NDArray[Any]:
    n_in, n_out = live
    events, scale, keep, lift, own = (read[key]() for key in ("x", "scale", "keep", "lift", "own"))
    for fired in events[: events[-1]] if arrays[f"on_{kernel.name}"][number] else []:
        b, k = divmod(int(fired), kernel.size_out)
        if k >= n_out:
            continue
        table = own.reshape(batch, -1)[b, : n_in * n_out].reshape(n_in, n_out)
        now = scale[fired] * keep[fired]
        if not now > LEAST[scale.itemsize]:
            table[:, k] *= now
            now = scale.dtype.type(1.0)
        scale[fired] = now
        lines, values = _active(kernel, arrays, number * batch + b)
        np.add.at(table[:, k], lines, lift[fired] / now * values)
    return np.empty(0)


def _touch(
    kernel: Kernel, batch: int, read: Mapping[str, Read], arrays: Arrays, number: int, n_in: int
) -> NDArray[Any]:
    start, edge = arrays[f"p_{kernel.name}"], arrays[f"j_{kernel.name}"]
    fired = _fired(kernel, batch, read["x"]()) if arrays[f"on_{kernel.name}"][number] else []
    touched = [
        b * kernel.size_out + edge[start[n] : start[n + 1]] for b, cells in enumerate(fired) for n in cells if n < n_in
    ]
    found = np.concatenate(touched) if touched else np.empty(0, dtype=np.int32)
    return _list(read["events"](), found)


def _list(events: NDArray[Any], found: NDArray[Any]) -> NDArray[Any]:
    """Write a list: the cells, and at its end how many."""
    events[: found.size] = found
    events[-1] = found.size
    return found


def _of_touched(kernel: Kernel, batch: int, read: Mapping[str, Read], arrays: Arrays, n_out: int) -> NDArray[Any]:
    events, x = read["events"](), read["x"]()
    rows = np.zeros((batch, n_out), dtype=x.dtype)
    touched = events[: events[-1]]
    np.add.at(rows, (touched // kernel.size_in, arrays[f"j_{kernel.name}"][touched % kernel.size_in]), x[touched])
    return rows


def _halt(ended: NDArray[Any], may: bool) -> NDArray[Any]:
    if may and ended.all():
        import brian2

        brian2.stop()
    return np.empty(0)


def _of_events(kernel: Kernel, weights: Weights, fired: NDArray[Any], n_out: int) -> NDArray[Any]:
    values, start, target = weights
    if kernel.kind == "ones":
        return np.full(n_out, float(fired.size))
    if kernel.kind == "dense":
        return _sum_rows(values[fired, :n_out])
    edges = np.concatenate([np.arange(start[n], start[n + 1]) for n in fired]) if fired.size else np.empty(0, dtype=int)
    return _scatter(target[edges], values[edges], n_out)


def _graded(kernel: Kernel, weights: Weights, x: NDArray[Any], n_out: int) -> NDArray[Any]:
    values, start, target = weights
    if kernel.kind == "dense":
        parts = [_sum_rows(values[part, :n_out] * x[part, None]) for part in _blocks(x.size)]
        return _sum_rows(np.stack(parts))
    if kernel.kind == "sparse":
        source = np.repeat(np.arange(x.size), np.diff(start[: x.size + 1]))
        return _scatter(target[: source.size], values[: source.size] * x[source], n_out)
    if kernel.kind == "edges":
        return _scatter(target[: x.size], x, n_out)
    if kernel.kind == "spread":
        return np.full(n_out, x[0])
    return np.full(n_out, _reduced(kernel, x))


def _masked(kernel: Kernel, weights: Weights, x: NDArray[Any], flags: NDArray[Any]) -> NDArray[Any]:
    values, start, source = weights
    found = np.zeros(flags.size, dtype=x.dtype)
    for k in np.flatnonzero(flags):
        if kernel.kind == "ones":
            terms = x
        elif kernel.kind == "dense":
            terms = values[k, : x.size] * x
        else:
            terms = values[start[k] : start[k + 1]] * x[source[start[k] : start[k + 1]]]
        found[k] = np.cumsum(terms)[-1] if terms.size else 0.0
    return found


def _scatter(target: NDArray[Any], terms: NDArray[Any], n_out: int) -> NDArray[Any]:
    """Terms added to their targets one after the other, in the precision of the terms."""
    if terms.dtype == np.float64:
        return np.bincount(target, terms, minlength=n_out)[:n_out]
    found = np.zeros(n_out, dtype=terms.dtype)
    np.add.at(found, target, terms)
    return found


def _sum_rows(rows: NDArray[Any]) -> NDArray[Any]:
    """Row after row: numpy adds along the first axis in order, but pairwise when there is a single column."""
    if not rows.size:
        return np.zeros(rows.shape[1], dtype=rows.dtype)
    return rows.sum(axis=0) if rows.shape[1] > 1 else np.cumsum(rows, axis=0)[-1]


def _blocks(size: int) -> list[slice]:
    return [slice(first, min(first + BLOCK, size)) for first in range(0, size, BLOCK)]


def _total(x: NDArray[Any]) -> Any:
    return np.cumsum(np.array([np.cumsum(x[part])[-1] for part in _blocks(x.size)], dtype=x.dtype))[-1]


def _reduced(kernel: Kernel, x: NDArray[Any]) -> float:
    if kernel.kind in ("sum", "ones"):
        return _total(x)
    if kernel.kind == "mean":
        return _total(x) / x.dtype.type(x.size)
    if kernel.kind == "argmax":
        return float(np.argmax(x))
    if kernel.kind.startswith("kth"):
        rank = min(int(kernel.kind[3:]), x.size) - 1
        return -np.partition(-x, rank)[rank]
    return x.max() if kernel.kind == "max" else x.min()
