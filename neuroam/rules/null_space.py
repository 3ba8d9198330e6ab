"""Constraints that all patterns of a subspace obey, cluster by cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Array, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("null_space")
def null_space(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    inputs: Annotated[int, Field(ge=2)] = 32,
    draws: Annotated[int, Field(ge=1, le=10_000)] = 30,
) -> Sparse:
    r"""Each row reads a few units of one cluster and is zero for every pattern of the subspace.

    .. math:: \sum_j W_{ij} x_j = 0, \qquad \frac{1}{d_i} \sum_j W_{ij}^2 = 1

    Parameters
    ----------
    sources : Sources
        Holds the patterns, with the attributes ``generator`` (k, n) and ``members`` (clusters, n) of `subspace`.
    rng : Generator
        Chooses units and directions, cluster after cluster.
    of : str
        Port with the patterns.
    inputs : int
        d, units per row (fewer in a smaller cluster; at least one more than the rank of the cluster's patterns).
    draws : int
        Of so many directions, the row is the one whose weakest entry is strongest: an error at a weak synapse stays
        below the threshold of its constraint, which then does not vote.

    Returns
    -------
    Sparse
        (constraints, n).  A cluster of m units whose patterns have rank r gives m - r rows, one cluster after the
        other; root mean square 1 over the entries of a row, so that a weighted sum is in levels.

    Raises
    ------
    FunctionError
        If the patterns carry no subspace, or no cluster has a constraint.

    Notes
    -----
    What the local learning rule of [1]_ converges to, without its learning residual.

    References
    ----------
    .. [1] Karbasi, Salavati & Shokrollahi (2013) ICML 28(1):445, long form arXiv 1407.6513.
    """
    supports: list[np.ndarray] = []
    entries: list[Array] = []
    for units, rows in clusters_of(sources, of):
        generator = sources.patterns[of].attributes["generator"]
        for _ in range(rows):
            chosen = np.sort(rng.permutation(units)[: max(inputs, units.size - rows + 1)])
            supports.append(chosen)
            entries.append(_orthogonal(generator[:, chosen], rng, draws))
    if not supports:
        raise FunctionError(
            "no cluster has more units than its patterns have dimensions", "use fewer clusters or generators"
        )
    indptr = np.concatenate([[0], np.cumsum([chosen.size for chosen in supports])]).astype(np.int64)
    indices = np.concatenate(supports).astype(np.int64)
    return Sparse((len(supports), sources.patterns[of].size), indptr, indices, np.concatenate(entries))


def clusters_of(sources: Sources, of: str) -> Iterator[tuple[NDArray[np.int64], int]]:
    """The units of every cluster, and how many constraints its patterns obey: its size less their rank.

    Raises
    ------
    FunctionError
        If the patterns carry no subspace.
    """
    attributes = sources.patterns[of].attributes
    if "generator" not in attributes or "members" not in attributes:
        raise FunctionError(
            f"the patterns of '{of}' come from no subspace", "make them with the pattern function 'subspace'"
        )
    for members in attributes["members"]:
        units = np.flatnonzero(members)
        rank = int(np.linalg.matrix_rank(attributes["generator"][:, units])) if units.size else 0
        yield units, units.size - rank


def _orthogonal(patterns: Array, rng: np.random.Generator, draws: int) -> Array:
    """The best of some random vectors that are orthogonal to the rows of ``patterns``; root mean square 1."""
    _, singular, right = np.linalg.svd(patterns)
    rank = int((singular > 1e-9 * max(1.0, singular[0])).sum())
    basis = right[rank:]
    found = rng.standard_normal((draws, len(basis))) @ basis
    found /= np.sqrt(np.mean(found**2, axis=1, keepdims=True))
    return np.asarray(found[np.abs(found).min(axis=1).argmax()])
