"""Overlap with every stored pattern over time."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.codes import decode
from neuroam.leaves import QuantityLeaf
from neuroam.readouts import readout
from neuroam.readouts.activity import binned, bins_of, overlaps
from neuroam.recording import Recording
from neuroam.registry import Ref
from neuroam.units import SECOND, Quantity

BIN = Quantity(0.02, SECOND, "20 ms")


@readout("overlap_course")
def overlap_course(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    width: QuantityLeaf = BIN,
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

    Returns
    -------
    DataArray
        (trial, time, pattern); ``time`` is the end of the bin in seconds.
    """
    import xarray as xr

    edges = bins_of(trials, recording.dt, width.value)
    units = decode(binned(recording, circuit, port, edges), circuit.ports[port].code)
    values = overlaps(units, circuit.patterns[port].bipolar)
    return xr.DataArray(
        values,
        dims=("trial", "time", "pattern"),
        coords={"trial": trials.index, "time": edges[1:] * recording.dt, "pattern": np.arange(values.shape[-1])},
        attrs={"units": "1"},
    )
