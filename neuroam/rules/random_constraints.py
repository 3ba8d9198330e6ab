"""Where constraints begin before they are learned."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.rules.null_space import clusters_of


@rule("random_constraints")
def random_constraints(
    sources: Sources, rng: np.random.Generator, *, of: Annotated[str, Ref("port")], binary: bool = False
) -> Sparse:
    """Each row reads all units of one cluster, with Gaussian weights of mean zero and variance one.

    Parameters
    ----------
    sources : Sources
        Holds the patterns, with the attributes ``generator`` (k, n) and ``members`` (clusters, n).
    rng : Generator
        Draws row after row.
    of : str
        Port with the patterns.
    binary : bool
        Every entry is 1: who reads whom, for the size of what a row reads.

    Returns
    -------
    Sparse
        (constraints, n).  A cluster of m units whose patterns have rank r gives m - r rows, as in `null_space`.

    Raises
    ------
    FunctionError
        If the patterns carry no subspace, or no cluster has a constraint.

    References
    ----------
    Karbasi, Salavati & Shokrollahi (2013) ICML 28(1):445, long form arXiv 1407.6513: one start per constraint neuron.
    """
    supports = [units for units, rows in clusters_of(sources, of) for _ in range(rows)]
    if not supports:
        raise FunctionError(
            "no cluster has more units than its patterns have dimensions", "use fewer clusters or generators"
        )
    indptr = np.concatenate([[0], np.cumsum([units.size for units in supports])]).astype(np.int64)
    indices = np.concatenate(supports).astype(np.int64)
    data = np.ones(indices.size) if binary else rng.normal(size=indices.size)
    return Sparse((len(supports), sources.patterns[of].size), indptr, indices, data)
