"""The rows of a pattern set in the order that a protocol gives them: sequences in which patterns recur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import PatternSet, Sparse
from neuroam.resolve.context import Context, is_too_large


def in_order(context: Context, name: str, made: PatternSet, order: Sequence[int]) -> PatternSet | None:
    """What a pattern function made, `ordered`; None after problems, one for each row that is not there."""
    path = ("patterns", name, "order")
    first = {row: place for place, row in reversed(list(enumerate(order)))}
    wrong = [(place, row) for row, place in first.items() if row >= made.count]
    for place, row in sorted(wrong):
        fix = f"use 0 to {made.count - 1}" if made.count else "ask for more"
        what = f"there is no pattern {row}: '{made.name}' makes {made.count}"
        context.refuse(context.protocol, (*path, place), what, fix)
    if wrong or (made.rows is None and is_too_large(context, context.protocol, path, len(order), made.size)):
        return None
    return ordered(made, order)


def ordered(made: PatternSet, order: Sequence[int]) -> PatternSet:
    """The set whose row k is row ``order[k]`` of ``made``; attributes of rows follow, those of units stay."""
    taken = np.array(order, dtype=np.int64)
    return replace(
        made,
        values=made.values[taken] if made.rows is None else made.values,
        rows=None if made.rows is None else _rows(made.rows, taken),
        attributes={key: held[taken] if key in made.per_row else held for key, held in made.attributes.items()},
    )


def _rows(rows: Sparse, taken: NDArray[np.int64]) -> Sparse:
    sizes = np.diff(rows.indptr)[taken]
    indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entries = np.arange(indptr[-1]) + np.repeat(rows.indptr[taken] - indptr[:-1], sizes)
    return Sparse((taken.size, rows.shape[1]), indptr, rows.indices[entries], rows.data[entries])
