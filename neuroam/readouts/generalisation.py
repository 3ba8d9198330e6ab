"""What does learning about one stimulus do to the answers to others, and how similar are they?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Port, answers, correlated, unit_of
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("generalisation")
def generalisation(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    by: Port,
    epochs: Annotated[list[str], Ref("epoch"), Field(min_length=2, max_length=2)],
    punished: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    """Answers of an output cell before and after, beside the similarity of each stimulus to the punished one.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Output cells.
    by : str
        Port whose mean responses in the first epoch say how similar two stimuli are.
    epochs : list of str
        Before and after; both with the same presentations in the same order (``each: {pattern: [...]}``).
    punished : int
        Which presentation shows the punished stimulus, from 0.

    Returns
    -------
    DataArray
        (value, presentation): ``similarity`` (Pearson's r over the cells), ``before`` and ``after`` (spikes per
        cell, or the graded output); means over the trials.

    Raises
    ------
    FunctionError
        If the epochs differ in how often they occur, or do not occur that often.

    References
    ----------
    Lin, Bygrave, de Calignon, Lee & Miesenboeck (2014) Nat Neurosci 17:559.
    """
    import xarray as xr

    spans = [[(e.start, e.stop) for e in trials.epochs if e.name == name] for name in epochs]
    if not spans[0] or len(spans[0]) != len(spans[1]):
        what = f"'{epochs[0]}' occurs {len(spans[0])} times but '{epochs[1]}' {len(spans[1])} times"
        raise FunctionError(what, "show the same patterns in both")
    if punished >= len(spans[0]):
        raise FunctionError(
            f"'{epochs[0]}' occurs {len(spans[0])} times", f"use 0 to {len(spans[0]) - 1} for 'punished'"
        )
    codes = np.stack([answers(recording, circuit, by, *one).mean(axis=0) for one in spans[0]])
    answer = [np.array([answers(recording, circuit, port, *one).mean() for one in part]) for part in spans]
    return xr.DataArray(
        np.stack([correlated(codes)[punished], *answer]),
        dims=("value", "presentation"),
        coords={"value": ["similarity", "before", "after"], "presentation": np.arange(len(codes))},
        attrs={"units": "1", "answers": unit_of(circuit, recording, port)},
    )
