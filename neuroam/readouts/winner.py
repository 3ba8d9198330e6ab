"""Which memory won?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, final, overlaps
from neuroam.recording import Recording
from neuroam.registry import Ref

WINNER_OVERLAP = "winner_overlap"


@readout("winner")
def winner(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    """The stored pattern with the largest final overlap (its number, from 0; the first one in a tie).

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, window, epoch
        As of `overlap`.

    Returns
    -------
    DataArray
        (trial), with its overlap in the coordinate ``winner_overlap``; NaN if nothing is stored.
    """
    import xarray as xr

    units = final(recording, circuit, trials, port, window, epoch)
    found = overlaps(units, circuit.patterns[port].bipolar)
    if found.shape[1]:
        values, reached = found.argmax(axis=1).astype(float), found.max(axis=1)
    else:
        values = reached = np.full(len(found), np.nan)
    coords = {"trial": trials.index, WINNER_OVERLAP: ("trial", reached)}
    return xr.DataArray(values, dims=("trial",), coords=coords, attrs={"units": "1", "holds": "pattern numbers"})
