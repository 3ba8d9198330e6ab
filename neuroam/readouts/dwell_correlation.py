"""Do the dwell times of a sequence follow the wanted ones."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.states import visits
from neuroam.recording import Recording
from neuroam.registry import Ref
from neuroam.units import Quantity


def dwell_times(
    recording: Recording, circuit: Circuit, trials: Trials, port: str, epoch: str | None, width: Quantity | None,
    share: float,
) -> Array:  # fmt: skip
    """Mean dwell time per trial and pattern, (trials, patterns), seconds.

    Only stays that begin and end inside the epoch count; NaN where a pattern has none.
    """
    count = int(circuit.populations[circuit.ports[port].population].labels["place"].max(initial=-1)) + 1
    found = np.full((trials.count, count), np.nan)
    for trial, stays in enumerate(visits(recording, circuit, trials, port, epoch, width, share)):
        for row in {stay.row for stay in stays}:
            spans = [stay.end - stay.onset for stay in stays if stay.row == row]
            whole = [span for span in spans if np.isfinite(span)]
            found[trial, row] = float(np.mean(whole)) if whole else np.nan
    return found


def wanted_times(circuit: Circuit, attribute: str) -> Array:
    """The attribute ``PORT.ATTRIBUTE``, or the only one of that name, one value per pattern.

    Raises
    ------
    FunctionError
        If there is no such attribute, or several.
    """
    port, _, name = attribute.rpartition(".")
    found = [
        patterns.attributes[name]
        for key, patterns in circuit.patterns.items()
        if name in patterns.attributes and port in ("", key)
    ]
    if len(found) != 1:
        raise FunctionError(f"{len(found) or 'no'} pattern sets have '{attribute}'", "name it as PORT.ATTRIBUTE")
    return found[0]


@readout("dwell_correlation")
def dwell_correlation(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    epoch: Annotated[str, Ref("epoch")] | None = None,
    wanted: str = "dwell",
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> Any:
    """Correlation of measured and wanted dwell times over the patterns.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port, epoch, width, share
        As of `order`.
    wanted : str
        Attribute of a pattern set with one time per pattern; ``PORT.ATTRIBUTE`` where several have it.

    Returns
    -------
    DataArray
        (trial), Pearson's r over the patterns with a stay that begins and ends inside the epoch; NaN for fewer than
        three, or if nothing varies.

    Raises
    ------
    FunctionError
        If there is no such attribute.
    """
    import xarray as xr

    measured = dwell_times(recording, circuit, trials, port, epoch, width, share)
    target = wanted_times(circuit, wanted)
    values = np.full(trials.count, np.nan)
    for trial, row in enumerate(measured):
        there = np.isfinite(row)
        if there.sum() >= 3 and np.ptp(row[there]) > 0 and np.ptp(target[there]) > 0:
            values[trial] = np.corrcoef(row[there], target[there])[0, 1]
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "1"})
