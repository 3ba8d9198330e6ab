"""Independent random contacts."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Sparse
from neuroam.connectivity import connectivity


@connectivity("fixed_probability")
def fixed_probability(
    pre: int,
    post: int,
    rng: np.random.Generator,
    *,
    p: Annotated[float, Field(ge=0, le=1)],
    autapses: bool = False,
) -> Sparse:
    """Every pair of cells is in contact with the same probability, independently.

    Parameters
    ----------
    pre, post : int
        Cells on either side.
    rng : Generator
        Stream of the projection.
    p : float
        Probability of a contact.
    autapses : bool
        Whether a cell may contact itself, where both sides have equally many cells.

    Returns
    -------
    Sparse
        (post, pre), ones.
    """
    rows = []
    for j in range(post):
        chosen = np.flatnonzero(rng.random(pre) < p)
        rows.append(chosen if autapses or pre != post else chosen[chosen != j])
    indptr = np.concatenate([[0], np.cumsum([row.size for row in rows])]).astype(np.int64)
    indices = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    return Sparse((post, pre), indptr, indices.astype(np.int64), np.ones(indices.size))
