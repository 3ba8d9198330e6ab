"""How much do spike counts vary from trial to trial?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, counts, span
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("fano_factor")
def fano_factor(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    population: Annotated[str, Ref("population")] | None = None,
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
    over: Literal["repetitions", "trials"] = "repetitions",
) -> Any:
    r"""Variance over mean of a cell's spike counts in repeated trials: mean over the cells.

    .. math:: F = \frac{\langle n^2 \rangle - \langle n \rangle^2}{\langle n \rangle}

    Parameters
    ----------
    recording, circuit, trials
        A run.
    population : str, optional
        Only this one; every spiking population unless given.
    window, epoch
        As of `overlap`.
    over : {"repetitions", "trials"}
        Trials that cue the same pattern in the same condition, of which there must be several; or all trials, whatever
        they show.

    Returns
    -------
    DataArray
        (population), dimensionless: 1 for a Poisson process.  The mean over cells and, for repetitions, over what was
        repeated; where a cell never fired it does not count.  NaN if nothing is left.

    References
    ----------
    .. [1] Fano (1947) Phys Rev 72:26; the variance is that of the trials there are (divided by their number).
    """
    import xarray as xr

    start, stop = span(window, trials, recording.dt, epoch)
    names = [population] if population is not None else sorted(recording.spikes)
    groups = repetitions(trials) if over == "repetitions" else [np.arange(trials.count)]
    values = []
    for name in names:
        found = [np.empty(0)]
        if name in recording.spikes:
            size = circuit.populations[name].size
            spikes = counts(recording.spikes[name], trials.count, size, np.array([start, stop]))[:, 0]
            found += [_of_cells(spikes[group]) for group in groups]
        ratios = np.concatenate(found)
        values.append(ratios.mean() if ratios.size else np.nan)
    return xr.DataArray(
        np.array(values, dtype=float), dims=("population",), coords={"population": names}, attrs={"units": "1"}
    )


def repetitions(trials: Trials) -> list[NDArray[np.int64]]:
    """The trials that cue the same pattern in the same condition, where there are several."""
    condition = trials.condition if trials.condition.size else np.zeros(trials.count, np.int64)
    _, group = np.unique(np.stack([trials.cued, condition]), axis=1, return_inverse=True)
    found = [np.flatnonzero(group == k) for k in range(int(group.max(initial=-1)) + 1)]
    return [members for members in found if members.size > 1]


def _of_cells(spikes: Array) -> Array:
    """Of counts (trials, cells), the ratio of every cell that fired."""
    mean = spikes.mean(axis=0)
    return np.asarray(spikes.var(axis=0)[mean > 0] / mean[mean > 0])
