"""Which trials did not end in the cued pattern."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.states import wrong_levels
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("pattern_error_rate")
def pattern_error_rate(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    interval: Literal["wilson"] = "wilson",
) -> Any:
    """1 where any unit's rounded state after the last step differs from the cued pattern, else 0.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Where the levels are read: the first state of its cells.
    interval : {"wilson"}
        The confidence interval of a share of trials; it also bounds a rate of zero.

    Returns
    -------
    DataArray
        (trial), 0 or 1; its mean is the pattern error rate.  Attribute ``interval``.

    Raises
    ------
    FunctionError
        If the cells have no recorded state, or are not one per unit.

    References
    ----------
    Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682: pattern error rate.
    """
    import xarray as xr

    values = wrong_levels(recording, circuit, trials, port).any(axis=1).astype(float)
    return xr.DataArray(
        values, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "1", "interval": interval}
    )
