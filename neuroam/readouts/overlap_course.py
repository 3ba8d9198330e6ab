"""Overlap with every stored pattern over time."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Array, Circuit, Trials
from neuroam.codes import decode
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.activity import binned, bins_of, overlaps
from neuroam.recording import Recording
from neuroam.registry import Ref
from neuroam.units import SECOND, Quantity

BIN = Quantity(0.02, SECOND, "20 ms")
WINDOW = Quantity(0.1, SECOND, "100 ms")


@readout("overlap_course")
def overlap_course(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    width: TimeLeaf = BIN,
    window: TimeLeaf | None = None,
) -> Any:
    """Overlap of the decoded state with every stored pattern, in bins of time.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the state is read (see `overlap`).
    width : Quantity
        Width of a bin, a time.
    window : Quantity, optional
        The state at the end of a bin is read from the activity of this time before it: 100 ms for spiking cells, one
        bin for graded ones, unless given.  (Cells at 40 Hz fire less than once in 20 ms.)

    Returns
    -------
    DataArray
        (trial, time, pattern); ``time`` is the end of the bin in seconds.
    """
    import xarray as xr

    edges = bins_of(trials, recording.dt, width.value)
    spiking = circuit.ports[port].population in recording.spikes
    reach = max(1, round((window or (WINDOW if spiking else width)).value / width.value))
    activity = _trailing_mean(binned(recording, circuit, port, edges), reach)
    units = decode(activity, circuit.ports[port].code)
    values = overlaps(units, circuit.patterns[port].bipolar)
    return xr.DataArray(
        values,
        dims=("trial", "time", "pattern"),
        coords={"trial": trials.index, "time": edges[1:] * recording.dt, "pattern": np.arange(values.shape[-1])},
        attrs={"units": "1"},
    )


def _trailing_mean(activity: Array, reach: int) -> Array:
    """Mean over the last ``reach`` bins (fewer at the start): (trials, bins, places)."""
    total = np.cumsum(activity, axis=1)
    total[:, reach:] = total[:, reach:] - total[:, :-reach]
    number = np.minimum(np.arange(1, activity.shape[1] + 1), reach)
    return np.asarray(total / number[None, :, None])
