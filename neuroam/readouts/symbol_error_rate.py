"""How many levels are wrong in the end."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.states import INTERVALS, wrong_levels
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("symbol_error_rate")
def symbol_error_rate(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    interval: Literal["wilson", "t"] = "t",
) -> Any:
    """Share of the units whose rounded state after the last step differs from the cued pattern.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the levels are read: the first state of its cells.
    interval : {"wilson", "t"}
        Which confidence interval goes with the mean over trials.  ``wilson`` takes every trial for one draw, which is
        cautious (a share varies at most as much as a coin flip) and also bounds a rate of zero, of which ``t`` says
        nothing.

    Returns
    -------
    DataArray
        (trial), from 0 to 1; attribute ``interval``.

    Raises
    ------
    FunctionError
        If the cells have no recorded state, or are not one per unit.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682: symbol error rate.
    """
    import xarray as xr

    values = wrong_levels(recording, circuit, trials, port).mean(axis=1)
    attrs = {"units": "1", "interval": INTERVALS[interval]}
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs=attrs)
