"""Initial weights for competitive learning: copies of stimuli."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Array, Dense, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("rows_from_stimuli")
def rows_from_stimuli(
    sources: Sources, shape: tuple[int, int] | None, rng: np.random.Generator, *, of: Annotated[str, Ref("port")]
) -> Dense:
    """Each row is a stored pattern chosen at random, at length one: every cell wins for something from the start.

    Parameters
    ----------
    sources : Sources
        Holds the patterns, (P, N).
    shape : tuple of int
        (post, pre) as the projection needs it; N pre cells.
    rng : Generator
        Stream of this matrix.
    of : str
        Port with the stimuli.

    Returns
    -------
    Dense
        (post, N); rows are different patterns.

    Raises
    ------
    FunctionError
        If the sizes do not follow from the model, or there are fewer different patterns than rows.

    References
    ----------
    Initialisation by samples: Rumelhart & Zipser (1985) Cogn Sci 9:75, against dead units.
    """
    if shape is None:
        raise FunctionError("the sizes of both populations must be known before the rows are drawn")
    patterns = sources.patterns[of]
    if patterns.rows is not None:
        return Dense(_of_rows(patterns.rows, shape[0], rng, of))
    norm = np.linalg.norm(patterns.values, axis=1)
    different = np.unique(patterns.values[norm > 0] / norm[norm > 0, None], axis=0)
    if len(different) < shape[0]:
        raise _too_few(shape[0], len(different), of)
    return Dense(different[rng.permutation(len(different))[: shape[0]]])


def _of_rows(rows: Sparse, count: int, rng: np.random.Generator, of: str) -> Array:
    """The first so many different ones in random order; there may be millions."""
    found = np.zeros((count, rows.shape[1]))
    seen: set[bytes] = set()
    for row in rng.permutation(rows.shape[0]):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        key = rows.indices[part].tobytes() + rows.data[part].tobytes()
        if key in seen or not rows.data[part].any():
            continue
        found[len(seen), rows.indices[part]] = rows.data[part] / np.linalg.norm(rows.data[part])
        seen.add(key)
        if len(seen) == count:
            return found
    raise _too_few(count, len(seen), of)


def _too_few(wanted: int, there: int, of: str) -> FunctionError:
    return FunctionError(f"{wanted} rows need as many different patterns, but '{of}' has {there}")
