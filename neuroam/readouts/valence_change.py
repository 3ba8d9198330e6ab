"""What learning did to the response of an output cell."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import per_presentation, unit_of
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
    """Answers in the second epoch minus those in the first, one by one for what is shown there.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Output cells; their spikes, or their graded output at the end of a presentation.
    epochs : list of str
        Before and after; both with the same presentations in the same order (``each: {pattern: [...]}``).

    Returns
    -------
    DataArray
        (trial, presentation), spikes per cell or the unit of the output; below zero where the response was lost.

    Raises
    ------
    FunctionError
        If graded cells were not sampled, or the epochs differ in how often they occur.

    References
    ----------
    Hige, Aso, Modi, Rubin & Turner (2015) Neuron 88:985: responses before and after pairing with dopamine.
    """
    import xarray as xr

    before, after = (per_presentation(recording, circuit, trials, port, name) for name in epochs)
    if not before.size or before.shape != after.shape:
        what = f"'{epochs[0]}' occurs {before.shape[1]} times but '{epochs[1]}' {after.shape[1]} times"
        raise FunctionError(what, "show the same patterns in both")
    return xr.DataArray(
        after - before,
        dims=("trial", "presentation"),
        coords={"trial": trials.index, "presentation": np.arange(before.shape[1])},
        attrs={"units": unit_of(circuit, recording, port)},
    )
