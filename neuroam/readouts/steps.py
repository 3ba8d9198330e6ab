"""How long recall took, in steps."""

from __future__ import annotations

from typing import Annotated, Any

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.states import last_values
from neuroam.recording import Recording
from neuroam.registry import Ref


@readout("steps")
def steps(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    population: Annotated[str, Ref("population")],
    counter: str = "work",
) -> Any:
    """Steps of work, as a population counted them.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    population : str
        Cells that count, for instance ``visit_in_order``.
    counter : str
        The state with the count.

    Returns
    -------
    DataArray
        (trial), the largest count after the last step; unit "step".

    Raises
    ------
    FunctionError
        If the cells have no such state, or it was not recorded.
    """
    import xarray as xr

    cell = circuit.populations[population].cell
    if counter not in cell.states:
        raise FunctionError(f"the cells of '{population}' ({cell.name}) have no state '{counter}'")
    values = last_values(recording, population, counter).max(axis=1)
    return xr.DataArray(values, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "step"})
