"""What an ideal observer of the cue would have recalled."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.registry import Ref


@readout("nearest_stored")
def nearest_stored(circuit: Circuit, trials: Trials, *, port: Annotated[str, Ref("port with patterns")]) -> Any:
    """Overlap with the cued pattern of the stored pattern that is nearest to the cue: the ideal decoder.

    Parameters
    ----------
    circuit, trials
        A run; the recording is not looked at.
    port : str
        Port of the cue.

    Returns
    -------
    DataArray
        (trial): 1 where the nearest stored pattern is the cued one.  Units that were not shown do not count; a tie
        between k patterns gives the mean over the k.  NaN without a cue.
    """
    import xarray as xr

    stored = circuit.patterns[port].bipolar
    values = np.full(trials.count, np.nan)
    if port in trials.cues and len(stored):
        cue = trials.cues[port]
        shown = np.where(np.isnan(cue), 0.0, 2.0 * np.nan_to_num(cue) - 1.0 if circuit.patterns[port].binary else cue)
        agreement = shown @ stored.T
        nearest = agreement >= agreement.max(axis=1, keepdims=True) - 1e-9
        with_target = stored[trials.cued] @ stored.T / stored.shape[1]
        values = (nearest * with_target).sum(axis=1) / nearest.sum(axis=1)
    attrs = {"units": "1", "interval": "overlap"}
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs=attrs)
