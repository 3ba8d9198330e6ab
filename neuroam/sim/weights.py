"""How the weights of a projection are stored on a device: chosen by density, handed over as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Dense, Ones, Population, Projection, Sparse, Weights
from neuroam.evaluate import as_array
from neuroam.units import ONE, Dimension

SPARSE_BELOW = 0.1  # share of entries: below it, visiting entries by index is faster than adding whole rows
MAX_DENSE = 200_000_000  # entries; more than this is stored by index unless nearly all are there
LANES = 16  # rows of a dense matrix are stored at a multiple of this many numbers


def choose(weights: Weights) -> tuple[str, str]:
    """The kind of kernel for these weights, and why."""
    if isinstance(weights, Ones):
        return "ones", "every weight is the same: one sum per trial"
    rows, columns = weights.shape if isinstance(weights, Sparse) else weights.values.shape
    entries, cells = count(weights), max(1, rows * columns)
    share = entries / cells
    if share < SPARSE_BELOW or (cells > MAX_DENSE and share < 0.5):
        return "sparse", f"{entries} of {rows * columns} entries are not zero: only those are visited"
    return "dense", f"{share:.0%} of the entries are not zero: whole rows, no index arrays"


def count(weights: Dense | Sparse) -> int:
    """How many entries are stored by index."""
    return int(weights.data.size if isinstance(weights, Sparse) else np.count_nonzero(weights.values))


def entries(circuit: Circuit, projection: Projection, zeros: bool = False) -> int:
    """How many edges a projection has once places are spread over the cells that share them.

    With ``zeros``, an entry of a full matrix is an edge even if it is zero: it may change.
    """
    weights = circuit.matrices[projection.matrix].weights
    post, pre = circuit.populations[projection.post], circuit.populations[projection.pre]
    if isinstance(weights, Ones):
        return post.size * pre.size
    rows, columns = weights.shape if isinstance(weights, Sparse) else weights.values.shape
    stored = weights.values.size if zeros and isinstance(weights, Dense) else count(weights)
    return stored * (post.size * pre.size // max(1, rows * columns))


def carried(circuit: Circuit, projection: Projection) -> Dimension:
    """The dimension of what an edge carries: that of the signal."""
    cell = circuit.populations[projection.pre].cell
    return ONE if projection.source == "spike" else cell.dimensions[projection.source]


def dense_array(circuit: Circuit, projection: Projection) -> NDArray[Any]:
    """All weights of a projection, (post, pre)."""
    matrix = as_array(circuit.matrices[projection.matrix].weights)
    post, pre = circuit.populations[projection.post], circuit.populations[projection.pre]
    return _expanded(matrix.T if projection.transpose else matrix, post, pre)


def sparse_array(circuit: Circuit, projection: Projection, zeros: bool = False) -> Any:
    """The edges of a projection, (post, pre) in compressed rows with ascending columns; ``zeros`` as of `entries`."""
    from scipy import sparse

    matrix = circuit.matrices[projection.matrix].weights
    post, pre = circuit.populations[projection.post], circuit.populations[projection.pre]
    if isinstance(matrix, Sparse):
        stored = sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
    else:
        full = as_array(matrix)
        at = np.indices(full.shape).reshape(2, -1) if zeros else np.array(np.nonzero(full))
        stored = sparse.coo_array((full[tuple(at)], tuple(at)), shape=full.shape).tocsr()
    view = stored.T.tocsr() if projection.transpose else stored
    if view.shape != (post.size, pre.size):
        view = view[post.labels["place"]][:, pre.labels["place"]]
    view.sort_indices()
    return view


def _expanded(matrix: NDArray[Any], post: Population, pre: Population) -> NDArray[Any]:
    """Rows and columns repeated for cells that share one place (copies)."""
    rows, columns = post.labels["place"], pre.labels["place"]
    if rows.size == matrix.shape[0] and columns.size == matrix.shape[1]:
        return matrix
    return matrix[np.ix_(rows, columns)]


def stored_dense(matrix: NDArray[Any], rows: int, stride: int) -> NDArray[Any]:
    """A matrix with room for ``rows`` rows of ``stride`` numbers, flat; what is not there is zero."""
    full = np.zeros((rows, stride))
    full[: matrix.shape[0], : matrix.shape[1]] = matrix
    return full.ravel()


def stored_sparse(view: Any, rows: int, edges: int) -> dict[str, NDArray[Any]]:
    """Compressed rows with room for ``rows`` rows and ``edges`` entries: ``w``, ``p``, ``j``."""
    start = np.concatenate([view.indptr, np.full(rows - view.shape[0], view.indptr[-1])])
    room = edges - view.data.size
    return {
        "w": np.concatenate([view.data, np.zeros(room)]),
        "p": start.astype(np.int32),
        "j": np.concatenate([view.indices, np.zeros(room)]).astype(np.int32),
    }
