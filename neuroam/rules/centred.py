"""Hebbian weights without the popularity of their cells."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.tables import level_of


@rule("centred")
def centred(
    sources: Sources, *, of: Annotated[str, Ref("matrix")], port: Annotated[str, Ref("port")], diagonal: bool = True
) -> Dense:
    r"""The covariance of the stored patterns as far as Hebbian weights show it; doubly centred by row sums.

    .. math::

        C_{ij} = S_{ij} - \frac{w_i + w_j}{N - 2} + \frac{w}{(N - 1)(N - 2)}, \qquad
        C_{ii} = (1 - 2f) \hat u_i + T f (1 - f), \qquad w_i = \sum_j S_{ij}, \quad w = \sum_i w_i

    with S = W, or (W + W^T)/2 if W is not symmetric.

    Parameters
    ----------
    sources : Sources
        Holds the matrix, (N, N) without self-connections, and the patterns: their number T and coding level f.
    of : str
        Weights of the rule ``additive`` with the table ``simple_hebb`` and gain 1, whatever its patterns; without the
        diagonal also other weights, such as those of the rule ``cascade``.
    port : str
        Port with the patterns; nothing but T and f are taken from it.
    diagonal : bool
        Without it C_ii is zero: only simple Hebbian weights tell it.

    Returns
    -------
    Dense
        (N, N), symmetric; about the sum over patterns of (x_i - f)(x_j - f).

    Raises
    ------
    FunctionError
        If the matrix is not square, has self-connections or fewer than three cells, or f is zero or one.

    Notes
    -----
    A cell's popularity u_i, the sum over patterns of x_i - f, follows from the strengths, which the cell and one that
    pools all of them know: w_i is (N - 1) T f^2 + f (N - 2) u_i + f sum_j u_j and noise.  Own derivation; the mean
    absolute error of an entry was measured to be 0.28 sqrt(T/N) at f = 1/2.
    """
    weights, patterns = as_array(sources.matrices[of]), sources.patterns[port]
    size, f, count = len(weights), level_of(patterns), patterns.count
    if weights.shape != (size, size) or size < 3 or np.diagonal(weights).any():
        raise FunctionError(
            f"'{of}' does not join three or more cells with each other, and none with itself", "use the rule 'additive'"
        )
    if not 0.0 < f < 1.0:
        raise FunctionError(f"patterns of coding level {f:g} have no covariance", "use a level between 0 and 1")
    weights = 0.5 * (weights + weights.T)
    strength = weights.sum(axis=1)
    total = strength.sum()
    found = weights - (strength[:, None] + strength[None, :]) / (size - 2) + total / ((size - 1) * (size - 2))
    pooled = (total - size * (size - 1) * count * f**2) / (2 * f * (size - 1))
    popularity = (strength - (size - 1) * count * f**2 - f * pooled) / (f * (size - 2))
    np.fill_diagonal(found, ((1 - 2 * f) * popularity + count * f * (1 - f)) * diagonal)
    return Dense(found)
