"""A matrix out of a square table of contacts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Sparse
from neuroam.errors import FunctionError
from neuroam.files import read_table, read_text
from neuroam.rules import rule


@rule("adjacency")
def adjacency(
    folder: Path,
    *,
    file: str,
    labels: str,
    pre: str,
    post: str,
    at_least: Annotated[float, Field(ge=0)] = 0.0,
    binary: bool = False,
) -> Sparse:
    """Contacts between two kinds of cells: a connectome as a table of all pairs, such as the larval mushroom body.

    Parameters
    ----------
    folder : Path
        Where the YAML file lies; files are looked for there.
    file : str
        A .csv file without names: the entry in row i and column j is the number of synapses from cell i to cell j.
    labels : str
        A text file with one kind of cell per line, in the same order.
    pre, post : str
        The kinds of the two cells.
    at_least : float
        Contacts with a smaller weight are left out.
    binary : bool
        Every contact that is left counts 1.

    Returns
    -------
    Sparse
        (post cells, pre cells), in the order of the file.

    Raises
    ------
    FunctionError
        If a file cannot be found or read, the table is not square or not as long as the labels, or a kind is missing.

    References
    ----------
    Eichler et al. (2017) Nature 548:175, whose data come in this form.
    """
    kinds = [line.strip() for line in read_text(folder, labels).splitlines() if line.strip()]
    found = read_table(folder, file)
    if found.columns[0] != "c0":
        raise FunctionError(
            f"'{file}' has a row of names", "give a table of numbers only; for a list of edges use 'table'"
        )
    values = np.array(found.rows, dtype=float)
    if values.shape != (len(kinds), len(kinds)):
        size = " x ".join(map(str, values.shape))
        raise FunctionError(
            f"'{file}' is {size}, and '{labels}' names {len(kinds)} cells", "use files that belong together"
        )
    rows = values[np.ix_(_of_kind(kinds, pre, labels), _of_kind(kinds, post, labels))].T
    rows = np.where(rows >= max(at_least, np.nextafter(0, 1)), rows, 0.0)
    at, cell = np.nonzero(rows)
    data = np.ones(at.size) if binary else rows[at, cell]
    indptr = np.searchsorted(at, np.arange(len(rows) + 1)).astype(np.int64)
    return Sparse((rows.shape[0], rows.shape[1]), indptr, cell.astype(np.int64), data)


def _of_kind(kinds: list[str], kind: str, labels: str) -> NDArray[np.int64]:
    chosen = np.flatnonzero(np.array(kinds) == kind)
    if not chosen.size:
        raise FunctionError(f"'{labels}' has no cell of kind '{kind}'", f"kinds: {', '.join(sorted(set(kinds)))}")
    return chosen
