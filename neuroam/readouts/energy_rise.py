"""Does the energy ever rise?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.energy import energies, need_mirror_images
from neuroam.recording import Recording


@readout("energy_rise", needs=need_mirror_images)
def energy_rise(recording: Recording, circuit: Circuit, trials: Trials, *, ignore_asymmetry: bool = False) -> Any:
    """Largest rise of the energy between two samples, divided by its total drop.

    Parameters
    ----------
    recording, circuit, trials
        A run with the states of all rate cells recorded.
    ignore_asymmetry : bool
        As of `energy`.

    Returns
    -------
    DataArray
        (trial), dimensionless: 0 if the energy never rises.  Steps at which a drive or a held state changes are left
        out (the energy is only monotone under constant input).  NaN if no cell declares a Lagrangian; the largest
        rise itself if the energy never falls.
    """
    import xarray as xr

    parts = energies(recording, circuit, trials, ignore_asymmetry)
    if not parts:
        values = np.full(trials.count, np.nan)
    else:
        total = parts["total"]
        change = np.diff(total, axis=1)
        steps = next(trace.step for trace in recording.traces.values())
        change[:, _disturbed(trials, steps)] = np.minimum(change[:, _disturbed(trials, steps)], 0.0)
        rise = np.maximum(change, 0.0).max(axis=1, initial=0.0)
        drop = np.maximum(total.max(axis=1) - total.min(axis=1), 0.0)
        values = np.where(drop > 0, rise / np.where(drop > 0, drop, 1.0), rise)
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "1"})


def _disturbed(trials: Trials, steps: np.ndarray) -> np.ndarray:
    """Intervals between samples in which a drive, a held state or a control changes."""
    changed = np.zeros(trials.n_steps + 1, dtype=bool)
    for signals in (trials.drives, trials.holds, trials.controls):
        for signal in signals.values():
            changed[1 : trials.n_steps] |= np.diff(signal.row) != 0
    total = np.concatenate([[0], np.cumsum(changed)])
    last = np.minimum(steps, trials.n_steps)
    return np.asarray((total[last[1:] + 1] - total[last[:-1] + 1]) > 0)
