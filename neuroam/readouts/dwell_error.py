"""How far are the dwell times of a sequence from the wanted ones?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.dwell_correlation import dwell_times, wanted_times
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("dwell_error")
def dwell_error(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epoch: Annotated[str, Ref("epoch")] | None = None,
    wanted: str = "dwell",
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> Any:
    """Measured less wanted dwell time of every pattern.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, epoch, wanted, width, share
        As of `dwell_correlation`.

    Returns
    -------
    DataArray
        (trial, pattern), in ms; NaN for a pattern without a stay that begins and ends inside the epoch.

    Raises
    ------
    FunctionError
        If there is no such attribute.
    """
    import xarray as xr

    measured = dwell_times(recording, circuit, trials, port, epoch, width, share)
    values = 1e3 * (measured - wanted_times(circuit, wanted))
    coords = {"trial": trials.index, "pattern": np.arange(values.shape[1])}
    return xr.DataArray(values, dims=("trial", "pattern"), coords=coords, attrs={"units": "ms"})
