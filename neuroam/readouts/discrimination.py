"""Can the punished stimulus be told from another by what the output cell answers?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Port, per_presentation
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
    relative_to: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    """Whether the response to the punished presentation is below that to each of the others.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Output cells; their spikes, or their graded output at the end of a presentation.
    epoch : str
        With several presentations (``each: {pattern: [...]}``).
    punished : int
        Which presentation of the epoch shows the punished stimulus, from 0.
    relative_to : str, optional
        An epoch with the same presentations: what counts is the share of the answer there that is left, as in
        experiments that punish either stimulus of a pair in turn, so that what animals like better anyway cancels.

    Returns
    -------
    DataArray
        (trial, presentation), 1 where the punished one gets the weaker answer, 0 where it gets the stronger one, 1/2
        for equal ones; NaN for the punished one itself.  The mean over trials is the probability of a right choice.

    Raises
    ------
    FunctionError
        If graded cells were not sampled, the epoch does not occur that often, or the two epochs differ in how often.

    References
    ----------
    Lin, Bygrave, de Calignon, Lee & Miesenboeck (2014) Nat Neurosci 17:559: similar odours are confused without APL.
    """
    import xarray as xr

    answer = per_presentation(recording, circuit, trials, port, epoch)
    shown = answer.shape[1]
    if punished >= shown:
        raise FunctionError(f"'{epoch}' occurs {shown} times", f"use 0 to {shown - 1} for 'punished'")
    if relative_to is not None:
        before = per_presentation(recording, circuit, trials, port, relative_to)
        if before.shape != answer.shape:
            what = f"'{relative_to}' occurs {before.shape[1]} times but '{epoch}' {shown} times"
            raise FunctionError(what, "show the same patterns in both")
        with np.errstate(divide="ignore", invalid="ignore"):
            answer = np.where(before > 0, answer / before, 1.0)  # nothing to lose, nothing lost
    own = answer[:, punished, None]
    values = np.where(own < answer, 1.0, np.where(own > answer, 0.0, 0.5))
    values[:, punished] = np.nan
    return xr.DataArray(
        values,
        dims=("trial", "presentation"),
        coords={"trial": trials.index, "presentation": np.arange(shown)},
        attrs={"units": "1"},
    )
