"""Patterns of whole-numbered levels from a low-dimensional subspace, seen by overlapping clusters."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern


@pattern("subspace")
def subspace(
    rng: np.random.Generator,
    *,
    size: Annotated[int, Field(ge=1, le=100_000)],
    count: Annotated[int, Field(ge=0, le=1_000_000)],
    generators: Annotated[int, Field(ge=1, le=10_000)] = 20,
    ones: Annotated[int, Field(ge=1, le=1_000)] = 6,
    clusters: Annotated[int, Field(ge=1, le=10_000)] = 50,
    degree: Annotated[int, Field(ge=1)] = 5,
) -> PatternSet:
    r"""Sums of binary generators, so that every cluster of units obeys linear constraints.

    .. math:: x = u G, \qquad u \in \{0, 1\}^k, \qquad G \in \{0, 1\}^{k \times n}

    Parameters
    ----------
    rng : Generator
        Draws generators and clusters first, then the patterns row by row.
    size, count : int
        n units and P patterns.
    generators : int
        k, the dimension of the subspace.
    ones : int
        Ones per column of G, drawn with replacement.
    clusters, degree : int
        Every unit belongs to ``degree`` of the ``clusters``, at random.

    Returns
    -------
    PatternSet
        (P, n), levels 0 to ``ones``.  Attributes: ``generator`` G (k, n) and ``members`` (clusters, n) in {0, 1}.

    Raises
    ------
    FunctionError
        If a unit is to be in more clusters than there are.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682; numbers as in their code.
    """
    if degree > clusters:
        raise FunctionError(f"a unit cannot belong to {degree} of {clusters} clusters")
    generator = np.zeros((generators, size))
    members = np.zeros((clusters, size))
    for unit in range(size):
        generator[rng.integers(0, generators, ones), unit] = 1.0
        members[rng.permutation(clusters)[:degree], unit] = 1.0
    messages: Array = (rng.random((count, generators)) < 0.5).astype(float)
    return PatternSet(
        "subspace", messages @ generator, binary=False, attributes={"generator": generator, "members": members}
    )
