"""Patterns of whole-numbered levels whose dimension grows with the number of units, seen by windows on a ring."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern


@pattern("ring_subspace")
def ring_subspace(
    rng: np.random.Generator,
    *,
    size: Annotated[int, Field(ge=1, le=100_000)],
    count: Annotated[int, Field(ge=0, le=1_000_000)],
    generators: Annotated[int, Field(ge=1, le=100_000)],
    ones: Annotated[int, Field(ge=1, le=1_000)] = 6,
    reach: Annotated[int, Field(ge=1, le=10_000)] = 10,
    clusters: Annotated[int, Field(ge=1, le=10_000)] = 50,
    window: Annotated[int, Field(ge=1, le=100_000)] = 40,
) -> PatternSet:
    r"""Sums of binary generators that are local on a ring: exponentially many patterns, with local constraints.

    .. math:: x = u G, \qquad u \in \{0, 1\}^k, \qquad G \in \{0, 1\}^{k \times n}

    Generators and units lie evenly on the same ring.  A window of n_l units feels about n_l k/n + ``reach`` generators,
    however large n is, and so obeys n_l less that many constraints: k may be proportional to n.

    Parameters
    ----------
    rng : Generator
        Draws generators first, then the patterns row by row.
    size, count : int
        n units and P patterns.
    generators : int
        k, the dimension of the subspace.
    ones, reach : int
        Ones per column of G, drawn with replacement among the ``reach`` generators that are nearest to the unit.
    clusters, window : int
        Windows, evenly on the ring, and units in each.

    Returns
    -------
    PatternSet
        (P, n), levels 0 to ``ones``.  Attributes: ``generator`` G (k, n) and ``members`` (clusters, n) in {0, 1}.

    Raises
    ------
    FunctionError
        If a window is larger than the ring, or a unit reaches more generators than there are.

    References
    ----------
    Salavati, Kumar & Shokrollahi (2014) IEEE Trans Neural Netw Learn Syst 25:557: exponentially many patterns where k
    grows with n; the ring is our own.
    """
    if window > size:
        raise FunctionError(f"a window of {window} units is larger than the ring of {size}")
    if reach > generators:
        raise FunctionError(f"a unit cannot reach {reach} of {generators} generators")
    generator = np.zeros((generators, size))
    for unit in range(size):
        first = round(unit * generators / size - reach / 2)
        near = (first + np.arange(reach)) % generators
        generator[rng.choice(near, ones), unit] = 1.0
    members = np.zeros((clusters, size))
    for cluster in range(clusters):
        members[cluster, (round(cluster * size / clusters) + np.arange(window)) % size] = 1.0
    messages: Array = (rng.random((count, generators)) < 0.5).astype(float)
    return PatternSet(
        "ring_subspace", messages @ generator, binary=False, attributes={"generator": generator, "members": members}
    )
