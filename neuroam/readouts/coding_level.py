"""How many cells answer, and how strongly?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, per_trial, responses
from neuroam.recording import Recording


@readout("coding_level")
def coding_level(recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None) -> Any:
    """The share of cells that answer: spiking cells with at least one spike, graded cells with an output above zero.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Its population is looked at.
    epoch : str, optional
        Spikes are counted in its last occurrence, outputs read at the end of it; in the whole run unless given.

    Returns
    -------
    DataArray
        (trial), from 0 to 1.

    References
    ----------
    Turner, Bazhenov & Laurent (2008) J Neurophysiol 99:734: 6 +- 5 % of Kenyon cells.
    """
    found = responses(recording, circuit, trials, port, epoch)
    return per_trial((found > 0).mean(axis=1), trials, "share")


@readout("spikes_per_active_cell")
def spikes_per_active_cell(
    recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None
) -> Any:
    """The mean response of the cells that answer: their spikes, or their output.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.

    Returns
    -------
    DataArray
        (trial); NaN where no cell answers.
    """
    found = responses(recording, circuit, trials, port, epoch)
    active = (found > 0).sum(axis=1)
    total = np.where(found > 0, found, 0.0).sum(axis=1)
    return per_trial(np.where(active > 0, total / np.maximum(active, 1), np.nan), trials)
