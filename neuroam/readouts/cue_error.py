"""How many bits of the cue are wrong: the line to beat."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.registry import Ref


@readout("cue_error")
def cue_error(circuit: Circuit, trials: Trials, *, port: Annotated[str, Ref("port with patterns")]) -> Any:
    """Share of the units shown in the cue whose value differs from the cued pattern.

    Parameters
    ----------
    circuit, trials
        A run; the recording is not looked at.
    port : str
        Port of the cue.

    Returns
    -------
    DataArray
        (trial), from 0 to 1: the first cue that entered this port.  Units that were not shown do not count; NaN
        without a cue.
    """
    import xarray as xr

    values = np.full(trials.count, np.nan)
    if port in trials.cues:
        cue, target = trials.cues[port], circuit.patterns[port].values[trials.cued]
        shown = ~np.isnan(cue)
        wrong = (shown & (cue != target)).sum(axis=1)
        values = np.where(shown.any(axis=1), wrong / np.maximum(shown.sum(axis=1), 1), np.nan)
    return xr.DataArray(
        values,
        dims=("trial",),
        coords={"trial": trials.index},
        attrs={"units": "1", "interval": "share", "baseline_of": "bit_error"},
    )
