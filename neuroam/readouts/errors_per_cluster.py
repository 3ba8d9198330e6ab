"""Where are the errors that are left?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.states import wrong_levels
from neuroam.recording import Recording
from neuroam.registry import Ref


def need_clusters(circuit: Circuit, given: Any, _folder: Any) -> None:
    """For readouts of clusters: told before a run, not after it.

    Raises
    ------
    FunctionError
        If the patterns of the port have no clusters.
    """
    if "members" not in circuit.patterns[given.port].attributes:
        raise FunctionError(f"the patterns of '{given.port}' have no clusters", "use the patterns 'subspace'")


@readout("errors_per_cluster", needs=need_clusters)
def errors_per_cluster(
    recording: Recording, circuit: Circuit, trials: Trials, *, port: Annotated[str, Ref("port with patterns")]
) -> Any:
    """How many units of every cluster are wrong after the last step: clusters with one error can be repaired alone.

    Parameters
    ----------
    recording, circuit, trials, port
        As of `symbol_error_rate`; the patterns carry ``members``, as those of `subspace` do.

    Returns
    -------
    DataArray
        (trial, cluster), units; a unit that is in several clusters counts in each.

    Raises
    ------
    FunctionError
        If the patterns have no clusters, or the cells have no recorded state.

    References
    ----------
    Stopping sets: Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682.
    """
    import xarray as xr

    members = circuit.patterns[port].attributes["members"]
    counted = wrong_levels(recording, circuit, trials, port).astype(float) @ members.T
    coords = {"trial": trials.index, "cluster": np.arange(len(members))}
    return xr.DataArray(counted, dims=("trial", "cluster"), coords=coords, attrs={"units": "1"})
