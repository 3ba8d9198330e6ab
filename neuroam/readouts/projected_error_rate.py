"""How many levels would be wrong if the cue were projected onto the stored subspace?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.states import INTERVALS
from neuroam.registry import Ref


def need_subspace(circuit: Circuit, given: Any, _: object) -> None:
    """The patterns come from a subspace."""
    if "generator" not in circuit.patterns[given.port].attributes:
        raise FunctionError(f"the patterns of '{given.port}' come from no subspace", "make them with 'subspace'")


@readout("projected_error_rate", needs=need_subspace)
def projected_error_rate(
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port with patterns")],
    interval: Literal["wilson", "t"] = "t",
) -> Any:
    r"""The baseline of `symbol_error_rate`: least squares over the whole subspace, then rounding.

    .. math:: \hat x = \mathrm{round}\left(c\, G^+ G\right)

    It knows all generators at once, which no cell does.

    Parameters
    ----------
    circuit, trials
        A run; what the cells did does not matter.
    port : str
        Port whose patterns have the attribute ``generator`` (k, n), and are shown.
    interval : {"wilson", "t"}
        As of `symbol_error_rate`.

    Returns
    -------
    DataArray
        (trial), from 0 to 1; NaN if nothing was shown there.

    Raises
    ------
    FunctionError
        If the patterns come from no subspace.
    """
    import xarray as xr

    generator = circuit.patterns[port].attributes["generator"]
    values = np.full(trials.count, np.nan)
    if port in trials.cues:
        projected = np.rint(trials.cues[port] @ np.linalg.pinv(generator) @ generator)
        values = (projected != circuit.patterns[port].values[trials.cued]).mean(axis=1)
    attrs = {"units": "1", "interval": INTERVALS[interval], "baseline_of": "symbol_error_rate"}
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs=attrs)
