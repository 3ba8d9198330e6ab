"""A matrix from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Sparse
from neuroam.errors import FunctionError
from neuroam.files import read_table
from neuroam.rules import rule


@rule("table")
def table(
    folder: Path,
    *,
    file: str,
    pre: str,
    post: str,
    value: str | None = None,
    pre_names: list[str] | None = None,
    at_least: Annotated[float, Field(ge=0)] = 0.0,
    binary: bool = False,
) -> Sparse:
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
    pre_names : list of str
        Only these pre cells, in this order; post cells stay as they are.
    at_least : float
        Contacts with a smaller weight, after adding up, are left out.
    binary : bool
        Every contact that is left counts 1.

    Returns
    -------
    Sparse
        (post cells, pre cells), each in the order of their names (numbers by value, before text) unless ``pre_names``
        says otherwise.  Rows of the file that join the same two cells add up.

    Raises
    ------
    FunctionError
        If the file cannot be found or read, has no such column, or a name of ``pre_names`` stands
        there twice or is not in the file.
    """
    found = read_table(folder, file)
    post_at, n_post = _numbered(found.texts(post))
    weights = found.numbers(value) if value is not None else np.ones(len(found.rows))
    if pre_names is None:
        pre_at, n_pre = _numbered(found.texts(pre))
    else:
        if len(set(pre_names)) < len(pre_names):
            raise FunctionError("a name stands twice in 'pre_names'")
        absent = sorted(set(pre_names) - set(found.texts(pre)))
        if absent:
            what = f"column '{pre}' has no '{absent[0]}'" + (f" and {len(absent) - 1} more names" if absent[1:] else "")
            raise FunctionError(what, "write the names in 'pre_names' as the file does")
        rank = {name: at for at, name in enumerate(pre_names)}
        pre_at, n_pre = np.array([rank.get(name, -1) for name in found.texts(pre)], dtype=np.int64), len(pre_names)
        post_at, weights, pre_at = post_at[pre_at >= 0], weights[pre_at >= 0], pre_at[pre_at >= 0]
    key, place = np.unique(post_at * max(n_pre, 1) + pre_at, return_inverse=True)
    data = np.bincount(place, weights=weights, minlength=key.size)
    key, data = key[data >= at_least], data[data >= at_least]
    data = np.ones(data.size) if binary else data
    rows = key // max(n_pre, 1)
    indptr = np.searchsorted(rows, np.arange(n_post + 1)).astype(np.int64)
    return Sparse((n_post, n_pre), indptr, (key % max(n_pre, 1)).astype(np.int64), data)


def _numbered(names: list[str]) -> tuple[np.ndarray, int]:
    """Every name as its rank among the different ones, and how many there are."""
    unique = sorted(set(names), key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))
    rank = {name: at for at, name in enumerate(unique)}
    return np.array([rank[name] for name in names], dtype=np.int64), len(unique)
