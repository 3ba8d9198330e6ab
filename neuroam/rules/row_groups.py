"""Which rows of a matrix belong to which cluster of units."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("row_groups")
def row_groups(sources: Sources, *, of: Annotated[str, Ref("matrix")], port: Annotated[str, Ref("port")]) -> Sparse:
    """1 where a row of another matrix reads units of that cluster only: constraints by cluster.

    Parameters
    ----------
    sources : Sources
        Holds the matrix, (rows, n), and the patterns with the attribute ``members`` (clusters, n).
    of : str
        The matrix.
    port : str
        Port with the patterns.

    Returns
    -------
    Sparse
        (clusters, rows) in {0, 1}: one 1 in every column.

    Raises
    ------
    FunctionError
        If the patterns have no clusters, or a row belongs to no cluster or to several.
    """
    members = sources.patterns[port].attributes.get("members")
    if members is None:
        raise FunctionError(
            f"the patterns of '{port}' have no clusters", "make them with the pattern function 'subspace'"
        )
    reads = as_array(sources.matrices[of]) != 0
    outside = (~(members > 0)).astype(float) @ reads.T.astype(float)
    inside = outside == 0
    number = inside.sum(axis=0)
    if (number != 1).any():
        row = int(np.argmax(number != 1))
        raise FunctionError(f"row {row} of '{of}' lies inside {number[row]} clusters of '{port}', not inside one")
    return sparse_of(Dense(inside.astype(float)))


def sparse_of(dense: Dense) -> Sparse:
    """The same matrix without its zeros."""
    rows, columns = np.nonzero(dense.values)
    shape = (int(dense.values.shape[0]), int(dense.values.shape[1]))
    indptr = np.searchsorted(rows, np.arange(shape[0] + 1)).astype(np.int64)
    return Sparse(shape, indptr, columns.astype(np.int64), dense.values[rows, columns])
