"""How irregular are spike trains?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Array, Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, of_populations, span
from neuroam.recording import Recording, Spikes
from neuroam.registry import Ref


@readout("cv2")
def cv2(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    population: Annotated[str, Ref("population")] | None = None,
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    r"""Local variation of interspike intervals, which slow changes of the rate do not raise: mean over the cells.

    .. math:: CV_2 = \left\langle \frac{2 |I_{k+1} - I_k|}{I_{k+1} + I_k} \right\rangle_k

    Parameters
    ----------
    recording, circuit, trials
        A run.
    population : str, optional
        Only this one; every spiking population unless given.
    window, epoch
        As of `overlap`.

    Returns
    -------
    DataArray
        (trial, population), dimensionless: 0 for a clock, 1 for a Poisson process.  Cells with fewer than three spikes
        in the window do not count; NaN if there are no others.

    References
    ----------
    .. [1] Holt, Softky, Koch & Douglas (1996) J Neurophysiol 75:1806, eq. 2.
    """
    start, stop = span(window, trials, recording.dt, epoch)

    def mean(name: str) -> Array:
        return _of_cells(recording.spikes[name], trials.count, circuit.populations[name].size, start, stop)

    return of_populations(recording, trials, population, mean, "1")


def _of_cells(spikes: Spikes, n_trials: int, size: int, start: int, stop: int) -> Array:
    """The mean over the cells of the mean over pairs of intervals, (trials)."""
    inside = (spikes.step >= start) & (spikes.step < stop)
    train = spikes.trial[inside].astype(np.int64) * size + spikes.cell[inside]
    order = np.argsort(train, kind="stable")
    train, step = train[order], spikes.step[inside][order].astype(np.int64)
    intervals, within = np.diff(step), np.diff(train) == 0
    pairs = within[:-1] & within[1:]
    former, latter, owner = intervals[:-1][pairs], intervals[1:][pairs], train[1:-1][pairs]
    counts = np.bincount(owner, minlength=n_trials * size)
    sums = np.bincount(owner, 2 * np.abs(latter - former) / (latter + former), minlength=n_trials * size)
    means = (sums / np.maximum(counts, 1)).reshape(n_trials, size)
    cells = (counts > 0).reshape(n_trials, size).sum(axis=1)
    return np.where(cells > 0, means.sum(axis=1) / np.maximum(cells, 1), np.nan)
