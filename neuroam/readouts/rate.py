"""Firing rates of populations."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, counts, span
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("rate")
def rate(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    population: Annotated[str, Ref("population")] | None = None,
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    """Mean firing rate of the cells of every spiking population, or of one.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    population : str, optional
        Only this one.
    window, epoch
        As of `overlap`.

    Returns
    -------
    DataArray
        (trial, population), Hz.
    """
    import xarray as xr

    start, stop = span(window, trials, recording.dt, epoch)
    names = [population] if population is not None else sorted(recording.spikes)
    edges, seconds = np.array([start, stop]), (stop - start) * recording.dt
    columns = [
        counts(recording.spikes[name], trials.count, circuit.populations[name].size, edges)[:, 0].mean(axis=1) / seconds
        if name in recording.spikes
        else np.full(trials.count, np.nan)
        for name in names
    ]
    values = np.stack(columns, axis=1) if columns else np.zeros((trials.count, 0))
    return xr.DataArray(
        values, dims=("trial", "population"), coords={"trial": trials.index, "population": names}, attrs={"units": "Hz"}
    )
