"""How well do learned constraints hold?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.evaluate import ends_of, residuals, unit_rows, weights_of
from neuroam.readouts import readout
from neuroam.recording import Recording
from neuroam.registry import Ref


def need_learning(circuit: Circuit, given: Any, _: object) -> None:
    """Something learns from the port."""
    _chosen([name for name, p in circuit.projections.items() if p.plastic], circuit, given.port, given.projection)


@readout("residual", needs=need_learning)
def residual(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    projection: str | None = None,
) -> Any:
    r"""The largest sum that a learned constraint gives for a stored pattern: zero where it is silent for all.

    .. math:: \max_\mu \left| \sum_j W_{ij} x^\mu_j \right|, \qquad \frac{1}{d_i} \sum_j W_{ij}^2 = 1

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Port with the patterns, one cell per unit.
    projection : str, optional
        The projection that learns, where several do.

    Returns
    -------
    DataArray
        (trial, constraint), in the unit of the patterns; the coordinate ``synapses`` (trial, constraint) says how many
        are left.

    Raises
    ------
    FunctionError
        If nothing learns from that port, or several projections do and none is named.

    References
    ----------
    Karbasi, Salavati & Shokrollahi (2013) ICML 28(1):445.
    """
    import xarray as xr

    name = _chosen(list(recording.weights), circuit, port, projection)
    shape, patterns = ends_of(circuit, name), circuit.patterns[port].values
    if shape[1] != patterns.shape[1]:
        raise FunctionError(f"'{name}' reads {shape[1]} cells, and patterns of '{port}' have {patterns.shape[1]} units")
    final = [weights_of(recording.weights[name], shape, trial) for trial in range(trials.count)]
    values = np.stack([residuals(unit_rows(weights), patterns) for weights in final])
    coords = {
        "trial": trials.index,
        "constraint": np.arange(shape[0]),
        "synapses": (("trial", "constraint"), np.stack([np.diff(weights.indptr) for weights in final])),
    }
    return xr.DataArray(values, dims=("trial", "constraint"), coords=coords, attrs={"units": "1"})


def _chosen(learning: Sequence[str], circuit: Circuit, port: str, projection: str | None) -> str:
    population = circuit.ports[port].population
    known = [name for name in learning if circuit.projections[name].pre == population]
    if projection is None and len(known) == 1:
        return known[0]
    if projection not in known:
        what = f"no projection '{projection}' learns" if projection else f"{len(known)} projections learn"
        raise FunctionError(f"{what} from '{port}'", f"name one of: {', '.join(known)}" if known else "")
    return projection
