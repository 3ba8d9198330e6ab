"""Every post cell reads the same small number of random pre cells."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Sparse
from neuroam.errors import FunctionError
from neuroam.rules import rule


@rule("random_claws")
def random_claws(
    shape: tuple[int, int] | None,
    rng: np.random.Generator,
    *,
    n: Annotated[int, Field(ge=1)],
    copies: Annotated[int, Field(ge=1)] = 1,
) -> Sparse:
    """Each row has exactly n ones at random places: the dendritic claws of a Kenyon cell.

    Parameters
    ----------
    shape : tuple of int
        (post, pre) as the projection needs it.
    rng : Generator
        Draws row by row: more post cells leave the first ones as they were.
    n : int
        Claws per post cell, on different pre cells.
    copies : int
        Cells that share one place of the pre population: a claw then reads one of them, not all.

    Returns
    -------
    Sparse
        (post, pre * copies) in {0, 1}.

    Raises
    ------
    FunctionError
        If the sizes do not follow from the model, or there are fewer than n pre cells.

    References
    ----------
    Caron, Ruta, Abbott & Axel (2013) Nature 497:113: inputs of a Kenyon cell are drawn independently.
    """
    if shape is None:
        raise FunctionError("the sizes of both populations must be known before the claws are drawn")
    post, pre = shape[0], shape[1] * copies
    if n > pre:
        raise FunctionError(f"{n} claws need as many pre cells, but there are {pre}")
    rows = [np.sort(rng.permutation(pre)[:n]) for _ in range(post)]
    indices = np.concatenate(rows).astype(np.int64) if rows else np.empty(0, dtype=np.int64)
    return Sparse((post, pre), np.arange(post + 1, dtype=np.int64) * n, indices, np.ones(indices.size))
