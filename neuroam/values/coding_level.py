"""Threshold and inhibition that make a given share of expansion cells answer a stimulus."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Dense, Ones, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.transforms import StepLeaf, stepped
from neuroam.units import HERTZ, ONE, Quantity
from neuroam.values import value

Level = Annotated[float, Field(gt=0, lt=1)]
HALVINGS = 60
STRONGEST = 1e6


@value("threshold_for_level")
def threshold_for_level(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    through: Annotated[str, Ref("matrix")],
    level: Level = 0.2,
    then: list[StepLeaf] = [],  # noqa: B006 - never changed; the signature is the schema
) -> Quantity:
    """The threshold that a given share of all pairs of cell and pattern exceed, without inhibition.

    Parameters
    ----------
    sources : Sources
        Patterns (P, N) in Hz, and the matrix (cells, N).
    of, through : str
        Port with the patterns, and the matrix that they go through.
    level : float
        Share of active cells, in the mean over the patterns.
    then : list
        Steps between the patterns and the matrix, as of the pattern function ``table``.

    Returns
    -------
    Quantity
        In Hz.

    Raises
    ------
    FunctionError
        If patterns and matrix do not fit, or there are no patterns.

    References
    ----------
    First step of the calibration of published rate models of the mushroom body (Kennedy 2019, bioRxiv).
    """
    return Quantity(float(np.quantile(_drive(sources, of, through, then), 1.0 - level)), HERTZ)


@value("inhibition_for_level")
def inhibition_for_level(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    through: Annotated[str, Ref("matrix")],
    alone: Level = 0.2,
    level: Level = 0.1,
    then: list[StepLeaf] = [],  # noqa: B006 - never changed; the signature is the schema
) -> Quantity:
    r"""The weight of shared inhibition that brings the share of active cells from one level to a lower one.

    .. math:: y_\mu = [h_\mu - \theta - g A]_+, \qquad A = \frac{1}{m} \sum_\mu y_\mu

    Parameters
    ----------
    sources, of, through, then
        As of `threshold_for_level`.
    alone, level : float
        Shares of active cells without inhibition, which sets theta, and with it.

    Returns
    -------
    Quantity
        g, of dimension 1.

    Raises
    ------
    FunctionError
        If patterns and matrix do not fit, or no inhibition leads to the level.

    References
    ----------
    As of `threshold_for_level`, second step; A is the only root of an equation that grows in A.
    """
    drive = _drive(sources, of, through, then)
    excess = drive - np.quantile(drive, 1.0 - alone)
    if level >= alone:
        raise FunctionError(f"inhibition cannot raise the level from {alone} to {level}", "make 'level' smaller")
    low, high = 0.0, 1.0
    while _active(excess, high) > level:
        high *= 2.0
        if high > STRONGEST:
            raise FunctionError(f"no inhibition leaves a share of {level} active", "make 'level' larger")
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _active(excess, middle) > level else (low, middle)
    return Quantity(0.5 * (low + high), ONE)


def _active(excess: Array, g: float) -> float:
    """The share of active cells under inhibition of weight g; the mean response is found by halving."""
    low, high = np.zeros(len(excess)), np.maximum(excess, 0.0).mean(axis=1)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        above = np.maximum(excess - g * middle[:, None], 0.0).mean(axis=1) > middle
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return float((excess > g * (0.5 * (low + high))[:, None]).mean())


def _drive(sources: Sources, of: str, through: str, then: list[StepLeaf]) -> Array:
    """(P, cells)."""
    if of not in sources.patterns or through not in sources.matrices:
        raise FunctionError(f"there are no patterns '{of}', or no matrix '{through}'", "check 'of' and 'through'")
    rates = stepped(sources.patterns[of].values, then)
    matrix = sources.matrices[through]
    columns = matrix.values.shape[1] if isinstance(matrix, Dense) else matrix.shape[1]
    if not len(rates) or columns % rates.shape[1]:
        what = f"patterns of {rates.shape[1]} units do not go through a matrix of {columns} columns"
        raise FunctionError(what if len(rates) else f"'{of}' holds no patterns")
    rates = np.repeat(rates, columns // rates.shape[1], axis=1)  # copies of a place lie side by side
    if isinstance(matrix, Dense):
        return np.asarray(rates @ matrix.values.T)
    if isinstance(matrix, Ones):
        return np.repeat(rates.sum(axis=1, keepdims=True), matrix.shape[0], axis=1)
    return _through_sparse(rates, matrix)


def _through_sparse(rates: Array, matrix: Sparse) -> Array:
    from scipy import sparse

    by_row = sparse.csr_array((matrix.data, matrix.indices, matrix.indptr), shape=matrix.shape)
    return np.asarray((by_row @ rates.T).T)
