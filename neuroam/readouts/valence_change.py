"""What learning did to the response of an output cell."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.activity import counts
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("valence_change")
def valence_change(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epochs: Annotated[list[str], Ref("epoch"), Field(min_length=2, max_length=2)],
) -> Any:
    """Spikes per cell in the second epoch minus those in the first, one by one for what is shown there.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Output cells, spiking.
    epochs : list of str
        Before and after; both with the same presentations in the same order (``each: {pattern: [...]}``).

    Returns
    -------
    DataArray
        (trial, presentation), spikes per cell; below zero where the response was lost.

    Raises
    ------
    FunctionError
        If the cells do not spike, or the epochs differ in how often they occur.

    References
    ----------
    Hige, Aso, Modi, Rubin & Turner (2015) Neuron 88:985: responses before and after pairing with dopamine.
    """
    import xarray as xr

    population = circuit.populations[circuit.ports[port].population]
    if population.name not in recording.spikes:
        raise FunctionError(f"the cells of '{population.name}' do not spike")
    spans = [[(e.start, e.stop) for e in trials.epochs if e.name == name] for name in epochs]
    if not spans[0] or len(spans[0]) != len(spans[1]):
        what = f"'{epochs[0]}' occurs {len(spans[0])} times but '{epochs[1]}' {len(spans[1])} times"
        raise FunctionError(what, "show the same patterns in both")
    spikes = recording.spikes[population.name]
    before, after = (
        np.stack([counts(spikes, trials.count, population.size, np.array(s))[:, 0].mean(axis=1) for s in one], axis=1)
        for one in spans
    )
    return xr.DataArray(
        after - before,
        dims=("trial", "presentation"),
        coords={"trial": trials.index, "presentation": np.arange(before.shape[1])},
        attrs={"units": "spikes"},
    )
