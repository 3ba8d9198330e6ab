"""Are the patterns of a sequence visited in order."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.states import visits
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("order")
def order(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epoch: Annotated[str, Ref("epoch")] | None = None,
    periodic: bool = False,
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> Any:
    """Share of the transitions that lead from a pattern to its successor.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Its population has one place per pattern (cells that stand for patterns).
    epoch : str, optional
        Where to look; the whole run unless given.
    periodic : bool
        The last pattern is followed by the first one.
    width : Quantity, optional
        Width of a bin, a time; one step in discrete time and 10 ms in continuous time unless given.
    share : float
        A pattern leads a bin if it has at least this share of the activity.

    Returns
    -------
    DataArray
        (trial), from 0 to 1; 0 if nothing ever moved on.
    """
    import xarray as xr

    values = []
    count = circuit.populations[circuit.ports[port].population].labels["place"].max(initial=-1) + 1
    for stays in visits(recording, circuit, trials, port, epoch, width, share):
        steps = [(b.row - a.row) for a, b in pairwise(stays)]
        right = [step == 1 or (periodic and step == 1 - count) for step in steps]
        values.append(float(np.mean(right)) if right else 0.0)
    return xr.DataArray(
        values, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "1", "interval": "share"}
    )
