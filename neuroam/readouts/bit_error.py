"""How many bits are wrong."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window
from neuroam.readouts.states import bits
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("bit_error")
def bit_error(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    """Share of the units whose time-averaged activity, cut at one half, differs from the cued pattern.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the bits are read; spiking cells are cut at half of the largest rate of the trial.
    window, epoch
        As of `overlap`.

    Returns
    -------
    DataArray
        (trial), from 0 to 1.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288: recall errors, compare with `cue_error`.
    """
    import xarray as xr

    wrong = bits(recording, circuit, trials, port, window, epoch) != circuit.patterns[port].values[trials.cued]
    return xr.DataArray(
        np.asarray(wrong.mean(axis=1)),
        dims=("trial",),
        coords={"trial": trials.index},
        attrs={"units": "1", "interval": "share"},
    )
