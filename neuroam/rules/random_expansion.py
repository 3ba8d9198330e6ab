"""Random contacts from the units of patterns to many more cells."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("random_expansion")
def random_expansion(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    times: Annotated[int, Field(ge=1, le=1000)] = 10,
    p: Annotated[float, Field(gt=0, le=1)] = 0.1,
) -> Sparse:
    """Every one of ``times`` x N cells reads every one of the N units with probability p.

    Parameters
    ----------
    sources : Sources
        Says how many units the patterns have.
    rng : Generator
        Draws row by row.
    of : str
        Port of the patterns.
    times : int
        Cells per unit.
    p : float
        Probability of a contact.

    Returns
    -------
    Sparse
        (times * N, N) in {0, 1}.

    Raises
    ------
    FunctionError
        If there are no patterns.

    References
    ----------
    Dasgupta, Stevens & Navlakha (2017) Science 358:793: 10 N Kenyon cells, p = 0.1.
    """
    if of not in sources.patterns:
        raise FunctionError(f"there are no patterns '{of}'")
    units = sources.patterns[of].size
    rows = [np.flatnonzero(rng.random(units) < p) for _ in range(times * units)]
    indptr = np.concatenate([[0], np.cumsum([row.size for row in rows])]).astype(np.int64)
    indices = np.concatenate(rows).astype(np.int64) if rows else np.empty(0, dtype=np.int64)
    return Sparse((times * units, units), indptr, indices, np.ones(indices.size))
