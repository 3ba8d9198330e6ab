"""Firing rates of populations."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Array, Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, counts, of_populations, span
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
    start, stop = span(window, trials, recording.dt, epoch)
    edges, seconds = np.array([start, stop]), (stop - start) * recording.dt

    def mean(name: str) -> Array:
        spikes = counts(recording.spikes[name], trials.count, circuit.populations[name].size, edges)
        return np.asarray(spikes[:, 0].mean(axis=1) / seconds)

    return of_populations(recording, trials, population, mean, "Hz")
