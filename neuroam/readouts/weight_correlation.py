"""How much do synapses that share a cell know of each other?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.readouts import readout
from neuroam.registry import Ref
from neuroam.tables import Omega, fitted_table, level_of, weight_correlations

PAIRS = ("same_post", "same_pre", "chain", "reciprocal")


@readout("weight_correlation")
def weight_correlation(
    circuit: Circuit,
    *,
    port: Annotated[str, Ref("port with patterns")],
    of: str = "w",
    table: Omega | None = None,
) -> Any:
    """Correlation of W_ij with W_ik (same post cell), W_kj (same pre), W_ki (chain) and W_ji, over a whole network.

    Parameters
    ----------
    circuit
        A network; the recording is not looked at.
    port : str
        Port with the stored patterns.
    of : str
        A matrix of the model, (N, N) without self-connections.
    table : str or list
        As of the rule ``additive``, for the theory; unless given, it is found from the weights.

    Returns
    -------
    DataArray
        (pair), with the coordinate ``theory``: what additive weights have, whatever the number of patterns; NaN if the
        weights are not a sum over the patterns.  The mean weight is that of the network, which takes about 4/N off.

    Raises
    ------
    FunctionError
        If there is no such matrix, it is not square, or has fewer than three cells.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288: correlated synapses; the closed forms are our own derivation.
    """
    import xarray as xr

    if of not in circuit.matrices:
        raise FunctionError(f"the model has no matrix '{of}'", f"use one of: {', '.join(circuit.matrices)}")
    weights, stored = as_array(circuit.matrices[of].weights), circuit.patterns[port]
    found, f = measured(weights, of), level_of(stored)
    if table is None and stored.binary and stored.size == len(weights):
        table = fitted_table(weights, stored.values, f)
    theory = [np.nan] * len(PAIRS) if table is None else weight_correlations(table, f)[1:]
    return xr.DataArray(
        found,
        dims=("pair",),
        coords={"pair": list(PAIRS), "theory": ("pair", np.array(theory, dtype=float))},
        attrs={"units": "1", "matrix": of},
    )


def measured(weights: np.ndarray, name: str) -> np.ndarray:
    """Correlations in the order of `PAIRS`, from all pairs of weights of a matrix; NaN if all weights are equal."""
    size = len(weights)
    if weights.shape != (size, size) or size < 3:
        raise FunctionError(f"'{name}' does not join three or more cells with each other", "name another matrix")
    away = 1.0 - np.eye(size)
    residual = (weights - (weights * away).sum() / away.sum()) * away
    onto, out = residual.sum(axis=1), residual.sum(axis=0)
    square, mutual = (residual**2).sum(), (residual * residual.T).sum()
    shared = np.array([onto @ onto - square, out @ out - square, onto @ out - mutual]) / (size - 2)
    return np.append(shared, mutual) / (square or np.nan)
