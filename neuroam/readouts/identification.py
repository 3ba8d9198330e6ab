"""Which pattern does a code stand for?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, correlated, per_trial, responses
from neuroam.recording import Recording


@readout("identification")
def identification(recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None) -> Any:
    """Does the code of one trial tell which pattern was shown?  Nearest template, made of all other trials.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.

    Returns
    -------
    DataArray
        (trial), 1 if the most correlated template is that of the pattern, else 0; NaN where there is no other trial
        with the pattern, or no cell answers.
    """
    found = responses(recording, circuit, trials, port, epoch)
    rows, place = np.unique(trials.cued, return_inverse=True)
    number = np.bincount(place)
    total = np.zeros((rows.size, found.shape[1]))
    np.add.at(total, place, found)
    result = np.full(trials.count, np.nan)
    for trial, own in enumerate(place):
        if number[own] < 2 or not found[trial].any():
            continue
        templates = total / number[:, None]
        templates[own] = (total[own] - found[trial]) / (number[own] - 1)
        similar = correlated(np.vstack([found[trial], templates]))[0, 1:]
        result[trial] = float(np.nanargmax(similar) == own) if np.isfinite(similar).any() else np.nan
    return per_trial(result, trials, "wilson")
