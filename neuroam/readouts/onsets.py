"""When does a sequence come to each of its patterns?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.activity import Window, span
from neuroam.readouts.states import visits
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("onsets")
def onsets(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epoch: Annotated[str, Ref("epoch")] | None = None,
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> Any:
    """The time at which every pattern is visited for the first time.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, epoch, width, share
        As of `order`.

    Returns
    -------
    DataArray
        (trial, pattern), in ms from the start of the epoch, or of the run without one: the start of a bin.  0 for a
        visit that is under way at the start, NaN for a pattern that is never visited.
    """
    import xarray as xr

    start, _ = span(Window(), trials, recording.dt, epoch)
    count = int(circuit.populations[circuit.ports[port].population].labels["place"].max(initial=-1)) + 1
    values = np.full((trials.count, count), np.nan)
    for trial, stays in enumerate(visits(recording, circuit, trials, port, epoch, width, share)):
        for stay in reversed(stays):  # the first visit is written last
            values[trial, stay.row] = 0.0 if np.isnan(stay.onset) else 1e3 * (stay.onset - start * recording.dt)
    coords = {"trial": trials.index, "pattern": np.arange(count)}
    return xr.DataArray(values, dims=("trial", "pattern"), coords=coords, attrs={"units": "ms"})
