"""Did another stored pattern win."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window
from neuroam.readouts.states import bits
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("capture")
def capture(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
    by: Literal["any", "newest"] = "any",
) -> Any:
    """1 where the recalled bits agree with some other stored pattern in more units than with the cued one, else 0.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, window, epoch
        As of `bit_error`.
    by : str
        ``newest`` counts only trials in which no pattern agrees better than the one that was stored last.

    Returns
    -------
    DataArray
        (trial), 0 or 1.
    """
    import xarray as xr

    stored = circuit.patterns[port].values
    recalled = bits(recording, circuit, trials, port, window, epoch)
    agreement = np.stack([(recalled == pattern).sum(axis=1) for pattern in stored], axis=1)
    cued = np.take_along_axis(agreement, trials.cued[:, None], axis=1)[:, 0]
    best = agreement.max(axis=1)
    captured = (best > cued) & ((agreement[:, -1] == best) | (by == "any"))
    attrs = {"units": "1", "interval": "wilson"}
    return xr.DataArray(captured.astype(float), dims=("trial",), coords={"trial": trials.index}, attrs=attrs)
