"""Did the trial end in the cued memory?"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window
from neuroam.readouts.overlap import overlap
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("success")
def success(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    above: Annotated[float, Field(ge=-1, le=1)] = 0.9,
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    """1 where the final overlap with the cued pattern is above a bound, else 0.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, window, epoch
        As of `overlap`.
    above : float
        The bound on the overlap.

    Returns
    -------
    DataArray
        (trial), 0 or 1; its mean is the success rate.  NaN if nothing is stored.
    """
    found = overlap(recording, circuit, trials, port=port, window=window, epoch=epoch)
    result = (found > above).astype(float).where(found.notnull())
    result.attrs = {"units": "1", "interval": "wilson"}
    return result
