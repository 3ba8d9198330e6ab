"""How does recall come about, cluster by cluster?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.readouts import readout
from neuroam.readouts.errors_per_cluster import need_clusters
from neuroam.recording import Recording
from neuroam.registry import Ref


def _need_rows(circuit: Circuit, given: Any, folder: Any) -> None:
    need_clusters(circuit, given, folder)
    if given.matrix not in circuit.matrices:  # the one that is meant unless another is named
        known = ", ".join(circuit.matrices)
        raise FunctionError(f"the model has no matrix '{given.matrix}'", f"name it: matrix: NAME, one of: {known}")
    size, shape = circuit.patterns[given.port].size, circuit.matrices[given.matrix].shape
    if shape[1] != size:
        raise FunctionError(
            f"'{given.matrix}' reads {shape[1]} units, and the patterns have {size}", "name another matrix"
        )


@readout("satisfied_clusters", needs=_need_rows)
def satisfied_clusters(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    matrix: Annotated[str, Ref("matrix")] = "w",
    tolerance: Annotated[float, Field(gt=0)] = 0.01,
) -> Any:
    """The share of clusters all of whose constraints hold for the rounded levels, over time.

    Parameters
    ----------
    recording, circuit, trials, port
        As of `symbol_error_rate`; the patterns carry ``members``, as those of `subspace` do.
    matrix : str
        The constraints, (rows, units); a row belongs to the first cluster that holds all its units.
    tolerance : float
        How far from zero a row may be.

    Returns
    -------
    DataArray
        (trial, time), from 0 to 1; 1 where all hold, which is what the circuit itself can know of its success.

    Raises
    ------
    FunctionError
        If the patterns have no clusters, the matrix is of other units, or the cells have no recorded state.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682, Algorithm 2: satisfied constraints
    as the test of success.
    """
    import xarray as xr

    population = circuit.populations[circuit.ports[port].population]
    key = (population.name, population.cell.states[0]) if population.cell.states else (population.name, "")
    if key not in recording.traces:
        what = f"'{population.name}' has no recorded state"
        raise FunctionError(what, "record it: 'record: {NAME: {variables: [x]}}'")
    weights = circuit.matrices[matrix].weights
    rows = as_array(weights)
    owner = _owner(rows, circuit.patterns[port].attributes["members"])
    trace = recording.traces[key]
    broken = np.abs(np.rint(trace.values) @ rows.T) > tolerance  # (trials, samples, rows)
    clusters = np.unique(owner)
    holds = np.stack([~broken[..., owner == cluster].any(axis=-1) for cluster in clusters], axis=-1)
    coords = {"trial": trials.index, "time": trace.step * recording.dt}
    return xr.DataArray(holds.mean(axis=-1), dims=("trial", "time"), coords=coords, attrs={"units": "1"})


def _owner(rows: Array, members: Array) -> Array:
    """The first cluster that holds all units of a row."""
    outside = (rows != 0).astype(float) @ (members == 0).T.astype(float)
    return np.asarray(outside.argmin(axis=1))
