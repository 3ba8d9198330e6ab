"""Can the punished stimulus be told from another by what the output cell answers?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.activity import counts
from neuroam.readouts.responses import Port
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("discrimination")
def discrimination(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    epoch: Annotated[str, Ref("epoch")],
    punished: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    """Whether the response to the punished presentation is below that to each of the others.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Output cells, spiking.
    epoch : str
        With several presentations (``each: {pattern: [...]}``).
    punished : int
        Which presentation of the epoch shows the punished stimulus, from 0.

    Returns
    -------
    DataArray
        (trial, presentation), 1 where the punished one gets fewer spikes, 0 where it gets more, 1/2 for as many; NaN
        for the punished one itself.  The mean over trials is the probability of a right choice.

    Raises
    ------
    FunctionError
        If the cells do not spike, or the epoch does not occur that often.

    References
    ----------
    Lin, Bygrave, de Calignon, Lee & Miesenboeck (2014) Nat Neurosci 17:559: similar odours are confused without APL.
    """
    import xarray as xr

    population = circuit.populations[circuit.ports[port].population]
    if population.name not in recording.spikes:
        raise FunctionError(f"the cells of '{population.name}' do not spike")
    spans = [(e.start, e.stop) for e in trials.epochs if e.name == epoch]
    if punished >= len(spans):
        raise FunctionError(f"'{epoch}' occurs {len(spans)} times", f"use 0 to {len(spans) - 1} for 'punished'")
    spikes = recording.spikes[population.name]
    found = [counts(spikes, trials.count, population.size, np.array(span))[:, 0].mean(axis=1) for span in spans]
    answer = np.stack(found, axis=1)
    own = answer[:, punished, None]
    values = np.where(own < answer, 1.0, np.where(own > answer, 0.0, 0.5))
    values[:, punished] = np.nan
    return xr.DataArray(
        values,
        dims=("trial", "presentation"),
        coords={"trial": trials.index, "presentation": np.arange(len(spans))},
        attrs={"units": "1"},
    )
