"""What a program left -> `Recording`, in one order on every device, or a `RunError` if it cannot be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import RunError
from neuroam.recording import EdgeWeights, Recording, Spikes, Trace
from neuroam.sim.edges import edges_key
from neuroam.sim.gates import CLOCK

Ends = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Raw:
    """Arrays of one batch as the device left them: cell index and step of spikes, samples of traces, last states."""

    spikes: Mapping[str, tuple[NDArray[Any], NDArray[Any]]]
    traces: Mapping[tuple[str, str], NDArray[Any]]
    final: Mapping[tuple[str, str], NDArray[Any]]


def collect(
    batches: Sequence[Raw], counts: Sequence[int], sizes: Mapping[str, tuple[int, int]],
    every: Mapping[tuple[str, str], int], dt: float, n_steps: int, edges: Mapping[str, Ends],
    scales: Mapping[str, tuple[str, str]] = {},
) -> Recording:  # fmt: skip
    """Join batches.

    ``counts`` says how many trials of each are wanted, ``sizes`` how many cells of each population there are and for
    how many there is room; the rest is padding.  ``edges`` are the pre and post cells of the edges of every plastic
    projection, and ``scales`` the variables of post cells that multiply the weights of some.
    """
    first = np.concatenate([[0], np.cumsum(counts)]).astype(int)
    spikes = {}
    for name in batches[0].spikes:
        parts = [
            _spikes(raw.spikes[name], sizes[name], count, n_steps) for raw, count in zip(batches, counts, strict=True)
        ]
        spikes[name] = Spikes(
            np.concatenate([part[0] + start for part, start in zip(parts, first, strict=False)]).astype(np.int32),
            np.concatenate([part[1] for part in parts]).astype(np.int32),
            np.concatenate([part[2] for part in parts]).astype(np.int32),
        )
    traces = {}
    for key in batches[0].traces:
        samples = n_steps // every[key] + 1
        values = _joined([_whole(raw, key, samples) for raw in batches], counts, sizes[key[0]])
        step = np.arange(values.shape[1]) * every[key]
        _refuse_divergence(key, values, step, dt)
        traces[key] = Trace(step, values)
    final = {}
    for key in batches[0].final:
        last = _joined([raw.final[key][None] for raw in batches], counts, sizes[key[0]])
        _refuse_divergence(key, last, np.array([n_steps]), dt)
        final[key] = last[:, 0]
    weights = {name: EdgeWeights(*ends, final[edges_key(name), "w"]) for name, ends in edges.items()}
    for name, key in scales.items():  # every pair of cells is an edge, row by row
        weights[name].values.reshape(int(first[-1]), -1, final[key].shape[1])[:] *= final[key][:, None]
    return Recording(dt, n_steps, int(first[-1]), spikes, traces, weights)


def _joined(parts: Sequence[NDArray[Any]], counts: Sequence[int], sizes: tuple[int, int]) -> NDArray[Any]:
    return np.concatenate([_trace(part, sizes, count) for part, count in zip(parts, counts, strict=True)])


def _spikes(
    raw: tuple[NDArray[Any], NDArray[Any]], sizes: tuple[int, int], count: int, n_steps: int
) -> tuple[NDArray[Any], ...]:
    index, step = raw
    cells, room = sizes
    trial, cell = np.divmod(index.astype(np.int64), room)
    kept = (step < n_steps) & (trial < count) & (cell < cells)
    trial, step, cell = trial[kept], step[kept], cell[kept]
    order = np.lexsort((cell, step, trial))
    return trial[order], step[order], cell[order]


def _whole(raw: Raw, key: tuple[str, str], count: int) -> NDArray[Any]:
    """With what a program did not record any more since all its trials had ended: nothing moved after that."""
    samples = raw.traces[key]
    ended = raw.final.get((CLOCK, "ended"))
    if len(samples) != count and not (0 < len(samples) < count and ended is not None and ended.all()):
        raise RunError(
            f"populations.{key[0]}: {len(samples)} of {count} samples of '{key[1]}' were written\n"
            "      fix: see whether there is room on the disk for temporary files, and run it again"
        )
    # the last sample may be older than the end
    last = raw.final.get(key, samples[-1])[None]
    return np.concatenate([samples, np.repeat(last, count - len(samples), axis=0)])


def _trace(samples: NDArray[Any], sizes: tuple[int, int], count: int) -> NDArray[Any]:
    """(samples, batch * room) as (trials, samples, cells)."""
    cells, room = sizes
    kept = samples.reshape(len(samples), -1, room)[:, :count, :cells]
    return np.ascontiguousarray(kept.transpose(1, 0, 2), dtype=np.float64)


def _refuse_divergence(key: tuple[str, str], values: NDArray[Any], step: NDArray[Any], dt: float) -> None:
    wrong = ~np.isfinite(values)
    if not wrong.any():
        return
    trial, sample, cell = np.argwhere(wrong)[np.argmin(np.argwhere(wrong)[:, 1])]
    raise diverged(key, int(trial), int(cell), step[sample] * dt, dt)


def diverged(key: tuple[str, str], trial: int, cell: int, when: float, dt: float) -> RunError:
    """What to say of a number that is NaN or infinite."""
    return RunError(
        f"populations.{key[0]}: '{key[1]}' of cell {cell} is not finite from {when * 1e3:.6g} ms on (trial {trial})\n"
        f"      fix: make time.dt smaller (now {dt * 1e3:.6g} ms) if time is continuous, or lower gains and rates"
    )
