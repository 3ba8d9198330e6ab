"""Are the same cells active in two populations?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, per_trial, responses
from neuroam.recording import Recording


@readout("code_overlap")
def code_overlap(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    other: Port,
    epoch: Epoch = None,
) -> Any:
    """How far the active cells of two ports are the same: shared ones, in shares of the smaller set.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.
    other : str
        Port of a population of the same size.

    Returns
    -------
    DataArray
        (trial), from 0 to 1; NaN where one of them has no active cell.

    Raises
    ------
    FunctionError
        If the populations differ in size.
    """
    one, two = (responses(recording, circuit, trials, name, epoch) > 0 for name in (port, other))
    if one.shape != two.shape:
        raise FunctionError(f"'{port}' has {one.shape[1]} cells and '{other}' {two.shape[1]}", "compare equal sizes")
    smaller = np.minimum(one.sum(axis=1), two.sum(axis=1))
    common = np.where(smaller > 0, (one & two).sum(axis=1) / np.maximum(smaller, 1), np.nan)
    return per_trial(common, trials, "share")
