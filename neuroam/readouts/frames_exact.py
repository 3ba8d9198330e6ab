"""Does every pattern of a sequence lead to exactly the next one?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.activity import output_of
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("frames_exact")
def frames_exact(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    every: Annotated[int, Field(ge=1)] = 1,
) -> Any:
    """Share of the steps after which every unit is that of the pattern that is due.

    Parameters
    ----------
    recording, circuit, trials
        A run whose first sample is the cued pattern; the state of the port's cells is recorded in every step.
    port : str
        Its cells, one per unit, are at +1 and -1.
    every : int
        Steps that a pattern is due for.

    Returns
    -------
    DataArray
        (trial), from 0 to 1: of all steps of the run, as far as the sequence goes (it begins again after its last
        pattern).

    Raises
    ------
    FunctionError
        If the cells are not one per unit, or not every step was recorded.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, fig. 3: exact frames.
    """
    import xarray as xr

    population, stored = circuit.ports[port].population, circuit.patterns[port].bipolar
    key = (population, output_of(circuit, population))
    if key not in recording.traces:
        raise FunctionError(f"'{'.'.join(key)}' was not recorded", f"add 'record: {{{population}: [{key[1]}]}}'")
    trace = recording.traces[key]
    if trace.values.shape[-1] != stored.shape[1]:
        raise FunctionError(f"'{population}' has {trace.values.shape[-1]} cells for {stored.shape[1]} units")
    if not np.array_equal(trace.step, np.arange(trials.n_steps + 1)):
        fix = f"add 'record: {{{population}: {{variables: [{key[1]}], every: 1 steps}}}}'"
        raise FunctionError(f"'{'.'.join(key)}' was not recorded in every step", fix)
    if every > trials.n_steps:
        what = f"a pattern is due for {every} steps, and a trial has {trials.n_steps}"
        raise FunctionError(what, "make the epochs longer, or 'every' smaller")
    due = (trials.cued[:, None] + np.arange(1, trials.n_steps + 1)[None] // every) % len(stored)
    exact = np.array(
        [(states[1:] == stored[rows]).all(axis=-1).mean() for states, rows in zip(trace.values, due, strict=True)]
    )
    attrs = {"units": "1", "interval": "wilson" if trials.n_steps == 1 else "share", "every": every}
    return xr.DataArray(exact, dims=("trial",), coords={"trial": trials.index}, attrs=attrs)
