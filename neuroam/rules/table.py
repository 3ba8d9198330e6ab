"""A matrix from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuroam.circuit import Sparse
from neuroam.files import read_table
from neuroam.rules import rule


@rule("table")
def table(folder: Path, *, file: str, pre: str, post: str, value: str | None = None) -> Sparse:
    """One synaptic contact per row of a csv file: a connectome as an edge list.

    Parameters
    ----------
    folder : Path
        Where the YAML file lies; ``file`` is looked for there.
    file : str
        A .csv file (also .csv.gz, .csv.xz) in the same folder or below.
    pre, post : str
        Columns with the names of the two cells of a contact.
    value : str, optional
        Column with the weight, for instance the number of synapses; 1 for every row unless given.

    Returns
    -------
    Sparse
        (post cells, pre cells), each in the order of their names (numbers by value, before text).  Rows of the file
        that join the same two cells add up.

    Raises
    ------
    FunctionError
        If the file cannot be found or read, or has no such column.
    """
    found = read_table(folder, file)
    pre_at, n_pre = _numbered(found.texts(pre))
    post_at, n_post = _numbered(found.texts(post))
    weights = found.numbers(value) if value is not None else np.ones(len(found.rows))
    key, place = np.unique(post_at * max(n_pre, 1) + pre_at, return_inverse=True)
    data = np.bincount(place, weights=weights, minlength=key.size)
    rows = key // max(n_pre, 1)
    indptr = np.searchsorted(rows, np.arange(n_post + 1)).astype(np.int64)
    return Sparse((n_post, n_pre), indptr, (key % max(n_pre, 1)).astype(np.int64), data)


def _numbered(names: list[str]) -> tuple[np.ndarray, int]:
    """Every name as its rank among the different ones, and how many there are."""
    unique = sorted(set(names), key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))
    rank = {name: at for at, name in enumerate(unique)}
    return np.array([rank[name] for name in names], dtype=np.int64), len(unique)
