"""Hebbian association of patterns with the codes of an inner layer."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("associate")
def associate(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    to: Annotated[str, Ref("matrix")],
    gain: float = 1.0,
    window: Annotated[int, Field(ge=1)] | None = None,
) -> Dense:
    r"""Each inner cell adds up the patterns, each with the sign that its code gives it.

    .. math:: w_{ji} = \frac{g}{\sqrt{N n}} \sum_\mu c_j^\mu \xi_i^\mu

    Parameters
    ----------
    sources : Sources
        Holds the patterns and the codes.
    of : str
        Port with the patterns xi, (P, N).
    to : str
        Matrix with the codes c, (P, n): row mu belongs to pattern mu.
    gain : float
        g, dimensionless.
    window : int, optional
        Local connectivity: inner cell j reads only this many neighbouring units, centred at its share of the input
        (periodic), with N replaced by the window in the scale.  Without it the layer is dense.

    Returns
    -------
    Dense
        (n, N), dimensionless.

    Raises
    ------
    FunctionError
        If codes and patterns differ in number.

    Notes
    -----
    The hierarchical network of [1]_ leaves the weights free; this is the heteroassociative rule of [2]_ (normalised
    so that drives are of order one in both directions), the simplest one under which stored patterns are fixed points.

    References
    ----------
    .. [1] Krotov (2021) Hierarchical Associative Memory, arXiv 2107.06446.
    .. [2] Kosko (1988) Bidirectional associative memories. IEEE Trans Syst Man Cybern 18:49.
    """
    stored = sources.patterns[of].bipolar
    codes = sources.matrices[to]
    if not isinstance(codes, Dense) or len(codes.values) != len(stored):
        raise FunctionError(f"'{to}' must hold one code for each of the {len(stored)} patterns of '{of}'")
    inner, outer = codes.values.shape[1], stored.shape[1]
    codes_signs = np.sign(codes.values)
    reach = min(window, outer) if window is not None else outer
    weights = gain * (codes_signs.T @ stored) / np.sqrt(reach * inner)
    if window is not None:
        centre = (np.arange(inner)[:, None] + 0.5) * outer / inner
        distance = np.abs((np.arange(outer)[None, :] + 0.5 - centre + outer / 2) % outer - outer / 2)
        rank = np.argsort(np.argsort(distance, axis=1, kind="stable"), axis=1, kind="stable")
        weights = np.where(rank < reach, weights, 0.0)
    return Dense(weights)
