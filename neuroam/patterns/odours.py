"""Odours as rates of receptor neurons: a measured table, or one that is made up to look like it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern
from neuroam.patterns.table import numbers
from neuroam.transforms import StepLeaf, stepped
from neuroam.transforms.divide_by_pool import divide_by_pool

# fitted by random search to the table of Hallem & Carlson (2006): see `odours`
STRENGTH, BREADTH, SHARED, OWN = 0.605, 0.504, 0.330, 0.520
SCALE, STEEPNESS, OFFSET, LARGEST = 30.05, 1.029, 18.63, 288.0  # Hz, 1, Hz, Hz
ABOUT = 0.15  # of the drive: how much about equally strong odours may differ


@pattern("odours")
def odours(
    rng: np.random.Generator,
    folder: Path,
    *,
    file: str | None = None,
    columns: list[str] | None = None,
    rows: list[Annotated[int, Field(ge=0)]] | None = None,
    count: Annotated[int, Field(ge=1, le=100_000)] | None = None,
    receptors: Annotated[int, Field(ge=1, le=10_000)] = 24,
    trio: Literal["strongest", "balanced"] | None = None,
    then: list[StepLeaf] = [],  # noqa: B006 - never changed; the signature is the schema
) -> PatternSet:
    r"""Rates of receptor neurons above the spontaneous one, Hz: one row per odour, one column per receptor.

    Parameters
    ----------
    rng : Generator
        Draws the table if no file is named.
    folder : Path
        Where the YAML file lies; ``file`` is looked for there.
    file : str, optional
        A table of measured rates, as of the pattern function ``table``.  Unless given, a synthetic one:

        .. math:: O_{ij} = \min(b\,e^{c g_{ij}} - o,\ 288), \quad
                  g_{ij} = 0.605 u_i + 0.504 v_j + 0.33 w_i x_j + 0.52 z_{ij}

        with normal u, v, w, x, z, b = 30.05 Hz, c = 1.029, o = 18.63 Hz.
    columns, rows
        Which columns of the file are receptors, and which rows become odours; all unless given.
    count : int, optional
        The first so many odours of a file, or of a synthetic table; all, and 110.
    receptors : int
        Of the synthetic table.
    trio : {"strongest", "balanced"}, optional
        Only three odours, for conditioning: one, the one most similar to it, and the least similar one; similar is what
        is correlated in the projection neurons (`divide_by_pool`).  "strongest": the one with the most drive there, and
        the others from the stronger half.  "balanced": one of the stronger half, drawn at random, and others whose
        drive is within 15 % of its own, so that nothing can be told from strength.
    then : list
        Steps that follow, as of ``table``.

    Returns
    -------
    PatternSet
        (odours, receptors).  ``remark`` says so if the table is synthetic.

    Raises
    ------
    FunctionError
        If the file cannot be found or read, ``columns`` or ``rows`` are given without a file, or there are not three
        odours that a trio could be made of.

    References
    ----------
    Hallem & Carlson (2006) Cell 125:143, whose 110 x 24 table the synthetic one resembles, over 20 draws:
    mean 30 +- 5 Hz (measured 27); correlation of two odours, rectified, 0.31 +- 0.08 (0.27), and after divisive
    normalisation 0.32 +- 0.07 (0.35); participation ratio 4.5 +- 0.6 (4.7) and 11 +- 2 (10.8); sparseness 0.67 (0.69)
    and 0.57 (0.60).
    """
    if file is not None:
        values, remark = numbers(folder, file, columns), ""
    else:
        if columns is not None or rows is not None:
            raise FunctionError("'columns' and 'rows' are those of a file", "name one: 'file: ...'")
        count = count or 110
        values, remark = synthetic(rng, count, receptors), f"the {count} odours are synthetic: name a table with 'file'"
    if count is not None and rows is None:
        if count > len(values):
            raise FunctionError(f"'{file}' has {len(values)} odours, not {count}", "ask for fewer")
        values = values[:count]
    if rows is not None:
        if max(rows, default=0) >= len(values):
            raise FunctionError(f"row {max(rows)} does not exist: '{file}' has {len(values)} rows (from 0)")
        values = values[rows]
    if trio is not None:
        values = values[_strongest(values) if trio == "strongest" else _balanced(values, rng)]
    return PatternSet("odours", stepped(values, then), binary=False, remark=remark)


def _in_projection_neurons(values: Array) -> tuple[Array, Array]:
    """Total rate of every odour, and the correlation of every two."""
    if len(values) < 3:
        raise FunctionError(f"a trio needs three odours, but there are {len(values)}")
    rates = divide_by_pool(np.maximum(values, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return rates.sum(axis=1), np.nan_to_num(np.corrcoef(rates))


def _strongest(values: Array) -> list[int]:
    """Rows of the strongest odour, of the one most like it, and of a strong one least like it."""
    strength, alike = _in_projection_neurons(values)
    first = int(strength.argmax())
    similar = alike[first]
    nearest = int(np.where(np.arange(len(values)) == first, -2.0, similar).argmax())
    strong = strength >= np.median(strength)
    strong[[first, nearest]] = False
    farthest = (
        int(np.where(strong, similar, 2.0).argmin())
        if strong.any()
        else next(k for k in range(3) if k not in (first, nearest))
    )
    return [first, nearest, farthest]


def _balanced(values: Array, rng: np.random.Generator) -> list[int]:
    """Rows of a strong odour, and of those most and least like it among the about equally strong ones."""
    strength, alike = _in_projection_neurons(values)
    for first in rng.permutation(np.flatnonzero(strength >= np.median(strength))).tolist():
        near = np.abs(strength - strength[first]) <= ABOUT * strength[first]
        near[first] = False
        rows = np.flatnonzero(near)
        if rows.size >= 2:
            return [first, int(rows[alike[first, rows].argmax()]), int(rows[alike[first, rows].argmin()])]
    raise FunctionError("no three of the stronger odours are about equally strong", "use more odours")


def synthetic(rng: np.random.Generator, count: int, receptors: int) -> Array:
    """A table (count, receptors) of rates in Hz, see `odours`."""
    breadth, shared = rng.standard_normal(receptors), rng.standard_normal(receptors)
    own = rng.standard_normal((count, receptors + 2))  # row by row: more odours leave the first ones as they were
    strength, kind, rest = own[:, :1], own[:, 1:2], own[:, 2:]
    exponent = STRENGTH * strength + BREADTH * breadth + SHARED * kind * shared + OWN * rest
    return np.asarray(np.minimum(SCALE * np.exp(STEEPNESS * exponent) - OFFSET, LARGEST))
