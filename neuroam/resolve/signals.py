"""What holds when: values of spans, which may overlap, become signals."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Signal
from neuroam.resolve.spans import Span


@dataclass(frozen=True)
class Part:
    """Values (trials, cells) in steps ``start`` to ``stop``; zero in the trials for which ``begun`` says no."""

    start: int
    stop: int
    values: Array
    begun: NDArray[np.bool_] | None = None


def signal(parts: list[Part], n_steps: int, empty: Any) -> Signal:
    """Overlapping spans of one slot add up; every distinct set of spans becomes one row."""
    edges = sorted({0, n_steps, *(part.start for part in parts), *(part.stop for part in parts)})
    row = np.full(n_steps, -1, dtype=np.int32)
    rows: list[list[Part]] = []
    for start, stop in pairwise(edges):
        active = [part for part in parts if part.start <= start and stop <= part.stop]
        if active:
            row[start:stop] = len(rows)
            rows.append(active)
    if not rows:
        return Signal(row, empty((1, *parts[0].values.shape)))
    table = np.empty((len(rows), *parts[0].values.shape))  # the largest array of many trials: filled, not copied
    for k, active in enumerate(rows):
        table[k] = _begun(active[0])
        for part in active[1:]:
            table[k] += _begun(part)
    return Signal(row, table)


def _begun(part: Part) -> Array:
    return part.values if part.begun is None else np.where(part.begun[:, None], part.values, 0.0)


def with_streams(drive: Signal | None, streams: list[tuple[Span, Array]], n_steps: int, count: int) -> Signal:
    """A drive with streams in their epochs, where nothing else drives; all trials see the same."""
    row = np.full(n_steps, -1, dtype=np.int32) if drive is None else drive.row.copy()
    tables = [] if drive is None else [drive.table]
    size = 0 if drive is None else len(drive.table)
    first: list[tuple[int, Array]] = []  # what is shown again and again stands there once
    for span, table in streams:
        assert span.patterns is not None
        known = next((begin for begin, other in first if np.array_equal(other, table)), None)
        begin = size if known is None else known
        each = (span.stop - span.start) // span.patterns.size
        row[span.start : span.stop] = np.repeat(begin + span.patterns, each)
        if known is None:
            first.append((begin, table))
            tables.append(np.broadcast_to(table[:, None], (len(table), count, table.shape[1])))
            size += len(table)
    return Signal(row, np.concatenate(tables))


def unheld(shape: tuple[int, ...]) -> Array:
    """Values of a cell that nothing holds."""
    return np.full(shape, np.nan)
