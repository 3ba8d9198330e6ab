"""By what factor should the gain of each step of a sequence change."""

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


@readout("dwell_feedback")
def dwell_feedback(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epoch: Annotated[str, Ref("epoch")] | None = None,
    rate: Annotated[float, Field(gt=0, le=1)] = 0.25,
    limit: Annotated[float, Field(gt=0)] = 0.5,
    wanted: str = "dwell",
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
    into: bool = False,
) -> Any:
    r"""Factor for the gain of the step that leaves each pattern: too long a stay raises it.

    .. math:: 1 + r \, \mathrm{clip}\left( \frac{T_\mu - T^*_\mu}{T^*_\mu}, -c, c \right)

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, epoch, wanted, width, share
        As of `dwell_correlation`.
    rate : float
        r.
    limit : float
        c, the largest relative error that counts.
    into : bool
        Value mu is the factor of the step that leads into pattern mu, for gains of the successor's cells (as of
        `gains_for_dwell`).

    Returns
    -------
    DataArray
        (row), the mean over trials; 1 for a pattern without a stay that begins and ends inside the epoch.

    Raises
    ------
    FunctionError
        If there is no such attribute.
    """
    import xarray as xr

    measured = dwell_times(recording, circuit, trials, port, epoch, width, share)
    target = wanted_times(circuit, wanted)
    error = np.clip((measured - target) / target, -limit, limit)
    known = np.isfinite(error)
    mean = np.where(known, error, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    mean = np.roll(mean, 1) if into else mean
    return xr.DataArray(1.0 + rate * mean, dims=("row",), coords={"row": np.arange(mean.size)}, attrs={"units": "1"})
