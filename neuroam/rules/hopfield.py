"""The outer-product rule."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("hopfield")
def hopfield(sources: Sources, *, of: Annotated[str, Ref("port")], gain: float = 1.0, self_free: bool = True) -> Dense:
    r"""Weight each pair by how often its two neurons agree.

    .. math:: w_{ij} = \frac{g}{N} \sum_{\mu=1}^{P} \xi_i^\mu \xi_j^\mu, \qquad \xi \in \{-1, +1\}

    Parameters
    ----------
    sources : Sources
        Holds the patterns.
    of : str
        Port with the patterns.
    gain : float
        g, dimensionless.
    self_free : bool
        Without synapses of a neuron onto itself.

    Returns
    -------
    Dense
        (N, N), symmetric, dimensionless.

    Notes
    -----
    Deviation from [1]_: divided by N, so that g does not depend on network size.

    References
    ----------
    .. [1] Hopfield (1982) PNAS 79:2554, eq. 2.
    """
    stored = sources.patterns[of].bipolar
    weights = (gain / stored.shape[1]) * (stored.T @ stored)
    if self_free:
        np.fill_diagonal(weights, 0.0)
    return Dense(weights)
