"""The strength of an average cell, for all cells."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("mean_strength")
def mean_strength(sources: Sources, *, of: Annotated[str, Ref("matrix")]) -> Dense:
    r"""The sum of a whole matrix over n - 1, as equal weights from one pooling cell onto every post cell.

    .. math:: w_i = \frac{1}{n - 1} \sum_{jk} W_{jk}

    Parameters
    ----------
    sources : Sources
        Holds the matrix, (n, pre).
    of : str
        The matrix.

    Returns
    -------
    Dense
        (n, 1).

    Notes
    -----
    With the row sums w_j it makes the doubly centred matrix: W_ij - (w_i + w_j)/(n - 2) + w/((n - 1)(n - 2)) has
    no row and no column sums if W is symmetric without self-connections.
    """
    values = as_array(sources.matrices[of])
    return Dense(np.full((len(values), 1), values.sum() / max(len(values) - 1, 1)))
