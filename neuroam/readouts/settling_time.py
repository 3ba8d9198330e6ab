"""When does the overlap stop changing?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.overlap_course import BIN, overlap_course
from neuroam.recording import Recording
from neuroam.registry import Ref
from neuroam.units import SECOND, Quantity


@readout("settling_time")
def settling_time(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    tolerance: Annotated[float, Field(ge=0, le=2)] = 0.05,
    width: TimeLeaf | None = None,
) -> Any:
    """Time from the start of the cue after which the overlap with the cued pattern stays at its final value.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the state is read (see `overlap`).
    tolerance : float
        How far the overlap may still be from its last value.
    width : Quantity, optional
        Time resolution; 20 ms for spiking cells and one sample for graded ones unless given.

    Returns
    -------
    DataArray
        (trial), seconds: the end of the first bin from which on the overlap stays within the tolerance.  NaN if it
        only gets there in the last bin, or if nothing is stored.
    """
    import xarray as xr

    spiking = circuit.ports[port].population in recording.spikes
    sample = recording.dt * next((int(t.step[1] - t.step[0]) for t in recording.traces.values() if t.step.size > 1), 1)
    width = width or (BIN if spiking else Quantity(sample, SECOND))
    course = overlap_course(recording, circuit, trials, port=port, width=width)
    time = course.coords["time"].to_numpy()
    nothing = np.full(course.shape[:2], np.nan)
    cued = course.to_numpy()[np.arange(trials.count), :, trials.cued] if course.sizes["pattern"] else nothing
    away = ~(np.abs(cued - cued[:, -1:]) <= tolerance)
    first = np.where(away.any(axis=1), away.shape[1] - np.argmax(away[:, ::-1], axis=1), 0)
    settled = first < away.shape[1] - 1
    found = np.where(settled, time[np.minimum(first, len(time) - 1)], np.nan)
    return xr.DataArray(found, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "s"})
