"""How long does a sequence stay in every pattern?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.dwell_correlation import dwell_times
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("dwell_time")
def dwell_time(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epoch: Annotated[str, Ref("epoch")] | None = None,
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> Any:
    """Mean dwell time in every pattern.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, epoch, width, share
        As of `order`.

    Returns
    -------
    DataArray
        (trial, pattern), in ms; NaN for a pattern without a stay that begins and ends inside the epoch.
    """
    import xarray as xr

    values = 1e3 * dwell_times(recording, circuit, trials, port, epoch, width, share)
    coords = {"trial": trials.index, "pattern": np.arange(values.shape[1])}
    return xr.DataArray(values, dims=("trial", "pattern"), coords=coords, attrs={"units": "ms"})
