"""Final overlap with the cued pattern."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.activity import WINDOW, Window, final
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("overlap")
def overlap(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    window: Window = WINDOW,
    epoch: Annotated[str, Ref("epoch")] | None = None,
) -> Any:
    r"""Overlap of the decoded state with the pattern that was cued.

    .. math:: m = \frac{1}{N} \sum_i s_i \xi_i, \qquad s_i = \mathrm{sign}(\mathrm{activity}), \xi_i \in \{-1, +1\}

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the pattern is read: graded cells by the sign of their mean output, an on/off pair by which of its two
        cells fired more; a unit without evidence counts 0.
    window : Window
        ``{last: 200 ms}``, ``{epoch: NAME}``, or both; the whole run unless given.
    epoch : str, optional
        Shorthand for ``window: {epoch: ...}``.

    Returns
    -------
    DataArray
        (trial), dimensionless, from -1 to 1; NaN if nothing is stored.
    """
    import xarray as xr

    units = final(recording, circuit, trials, port, window, epoch)
    stored = circuit.patterns[port].bipolar
    values = (units * stored[trials.cued]).mean(axis=1) if stored.size else np.full(len(units), np.nan)
    attrs = {"units": "1", "interval": "overlap"}
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs=attrs)
