"""How similar are the codes of different patterns, and of one pattern twice?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, by_pattern, correlated, number, responses
from neuroam.recording import Recording


@readout("correlations")
def correlations(recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None) -> Any:
    """Correlation of the mean responses to every two patterns: how similar their codes are.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.

    Returns
    -------
    DataArray
        (pattern, other), Pearson's r over the cells; NaN where no cell answers.
    """
    import xarray as xr

    found = by_pattern(responses(recording, circuit, trials, port, epoch), trials)
    rows = np.unique(trials.cued)
    return xr.DataArray(
        correlated(found), dims=("pattern", "other"), coords={"pattern": rows, "other": rows}, attrs={"units": "1"}
    )


@readout("pair_correlation")
def pair_correlation(recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None) -> Any:
    """The mean correlation of the codes of two different patterns.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`; the trials of a pattern are averaged first.

    Returns
    -------
    DataArray
        One number; pairs with a pattern that no cell answers are left out.

    Raises
    ------
    FunctionError
        If fewer than two patterns were cued.
    """
    found = by_pattern(responses(recording, circuit, trials, port, epoch), trials)
    if len(found) < 2:
        raise FunctionError("pairs need two patterns", "use more patterns, or 'trials: {each_pattern: 1}'")
    pairs = correlated(found)[np.triu_indices(len(found), 1)]
    return number(np.nanmean(pairs) if np.isfinite(pairs).any() else np.nan)


@readout("trial_correlation")
def trial_correlation(
    recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None
) -> Any:
    """How well a code comes back: the mean correlation of two trials with the same pattern.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.

    Returns
    -------
    DataArray
        One number; NaN if no pattern was cued twice.
    """
    found = responses(recording, circuit, trials, port, epoch)
    pairs = [correlated(found[trials.cued == row]) for row in np.unique(trials.cued)]
    values = np.concatenate([pair[np.triu_indices(len(pair), 1)] for pair in pairs])
    return number(np.nanmean(values) if np.isfinite(values).any() else np.nan)
