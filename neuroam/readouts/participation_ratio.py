"""How many dimensions do codes have?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, by_pattern, number, responses
from neuroam.recording import Recording


@readout("participation_ratio")
def participation_ratio(
    recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None
) -> Any:
    r"""The dimension of the codes of all patterns.

    .. math:: D = \frac{(\sum_i \lambda_i)^2}{\sum_i \lambda_i^2}

    with the eigenvalues of the covariance of the cells over the patterns.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`; the trials of a pattern are averaged first.

    Returns
    -------
    DataArray
        One number, at most the number of patterns less one; NaN if all codes are the same.

    References
    ----------
    Litwin-Kumar, Harris, Axel, Sompolinsky & Abbott (2017) Neuron 93:1153.
    """
    found = by_pattern(responses(recording, circuit, trials, port, epoch), trials)
    centred = found - found.mean(axis=0)
    total = float((centred**2).sum())  # the sum of the eigenvalues, and below that of their squares
    return number(total**2 / float(((centred @ centred.T) ** 2).sum()) if total > 0 else np.nan)
