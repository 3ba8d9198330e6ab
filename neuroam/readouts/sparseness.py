"""How unevenly do the cells of a population answer?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, per_trial, responses
from neuroam.recording import Recording


@readout("sparseness")
def sparseness(recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None) -> Any:
    r"""Population sparseness: 0 if all cells answer alike, 1 if a single one does.

    .. math:: S = \left(1 - \frac{(\sum_i r_i / N)^2}{\sum_i r_i^2 / N}\right) \Big/ \left(1 - \frac{1}{N}\right)

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.

    Returns
    -------
    DataArray
        (trial); NaN where no cell answers, or there is only one.

    References
    ----------
    Treves & Rolls (1991) Network 2:371; Vinje & Gallant (2000) Science 287:1273.
    """
    found = responses(recording, circuit, trials, port, epoch)
    size = found.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = found.mean(axis=1) ** 2 / (found**2).mean(axis=1)
        return per_trial((1.0 - share) / (1.0 - 1.0 / size), trials)
