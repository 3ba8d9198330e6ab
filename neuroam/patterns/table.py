"""Patterns from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError
from neuroam.files import is_number, read_array, read_table
from neuroam.patterns import pattern
from neuroam.transforms import StepLeaf, stepped


@pattern("table")
def table(
    folder: Path,
    *,
    file: str,
    columns: list[str] | None = None,
    rows: list[Annotated[int, Field(ge=0)]] | None = None,
    then: list[StepLeaf] = [],  # noqa: B006 - never changed; the signature is the schema
) -> PatternSet:
    """One pattern per row of a csv or npy file, one unit per column of numbers.

    Parameters
    ----------
    folder : Path
        Where the YAML file lies; ``file`` is looked for there.
    file : str
        A .csv (also .csv.gz, .csv.xz) or .npy file in the same folder or below.
    columns : list of str, optional
        Which columns of a csv file are units; all that hold nothing but numbers unless given.
    rows : list of int, optional
        Which rows become patterns, from 0; all unless given.
    then : list
        Steps that follow: ``rectify``, ``divide_by_mean``, ``divide_by_pool``.

    Returns
    -------
    PatternSet
        (P, N), in the numbers of the file; binary if they are all 0 or 1.

    Raises
    ------
    FunctionError
        If the file cannot be found or read, or has no such rows or columns.
    """
    values = numbers(folder, file, columns)
    if rows is not None:
        if max(rows, default=0) >= len(values):
            raise FunctionError(f"row {max(rows)} does not exist: '{file}' has {len(values)} rows (from 0)")
        values = values[rows]
    values = stepped(values, then)
    binary = bool(np.isin(values, (0.0, 1.0)).all())
    return PatternSet(
        "table", values, binary=binary, coding_level=float(values.mean()) if binary and values.size else None
    )


def numbers(folder: Path, file: str, columns: list[str] | None) -> Array:
    """The table as (rows, columns)."""
    if file.endswith(".npy"):
        if columns is not None:
            raise FunctionError("the columns of a .npy file have no names", "remove 'columns'")
        return read_array(folder, file)
    found = read_table(folder, file)
    chosen = columns if columns is not None else list(found.numeric_columns())
    for name in found.columns if columns is None else ():
        texts = found.texts(name)
        if name not in chosen and 2 * sum(map(is_number, texts)) >= len(texts) > 0:
            found.numbers(name)  # says which entry is none
    if not chosen:
        raise FunctionError(f"no column of '{file}' holds numbers only", "name some under 'columns'")
    return np.stack([found.numbers(name) for name in chosen], axis=1)
