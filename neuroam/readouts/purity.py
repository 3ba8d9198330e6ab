"""How clean are the states of a sequence?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.codes import coded_patterns
from neuroam.errors import FunctionError
from neuroam.leaves import TimeLeaf
from neuroam.readouts import readout
from neuroam.readouts.activity import Window, binned, bins_of, span
from neuroam.readouts.states import Visit, bin_width, visits
from neuroam.recording import Recording
from neuroam.registry import Ref


def members(circuit: Circuit, port: str, count: int) -> NDArray[np.bool_]:
    """Which places of a port are active in each of ``count`` patterns, (patterns, places).

    Raises
    ------
    FunctionError
        If the port has neither one place per pattern nor patterns of bits.
    """
    population = circuit.populations[circuit.ports[port].population]
    places = int(population.labels["place"].max(initial=-1)) + 1
    patterns = circuit.patterns.get(port)
    if patterns is None and places == count:
        return np.eye(count, dtype=bool)
    if patterns is None or not patterns.binary or patterns.count != count:
        raise FunctionError(
            f"the cells of '{port}' do not say which of them are active in each of {count} patterns",
            "name a port with patterns of bits, or one with a cell, or as many copies of one, for each pattern",
        )
    return np.asarray(coded_patterns(patterns, circuit.ports[port].code) > 0)


def _need_members(circuit: Circuit, given: Any, _folder: Any) -> None:
    population = circuit.populations[circuit.ports[given.by or given.port].population]
    members(circuit, given.port, int(population.labels["place"].max(initial=-1)) + 1)


@readout("purity", needs=_need_members)
def purity(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Annotated[str, Ref("port")],
    by: Annotated[str, Ref("port")] | None = None,
    epoch: Annotated[str, Ref("epoch")] | None = None,
    width: TimeLeaf | None = None,
    share: Annotated[float, Field(gt=0, le=1)] = 0.5,
) -> Any:
    """Share of the activity during a visit that comes from the cells of the visited pattern.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Its cells are counted: those that stand for the visited pattern, or the active units of that pattern.  A unit
        that is active in several patterns counts for each of them.
    by : str, optional
        Its population has one place per pattern and says which one is visited; ``port`` itself unless given.
    epoch, width, share
        As of `order`, for ``by``.

    Returns
    -------
    DataArray
        (trial), from 0 to 1: mean over the visits, of all their bins that lie in the epoch.  Activity is spikes, or
        what is above zero of the output of graded cells.  NaN if nothing was visited.

    Raises
    ------
    FunctionError
        If the port has neither one place per pattern nor patterns of bits.
    """
    import xarray as xr

    start, stop = span(Window(), trials, recording.dt, epoch)
    edges = bins_of(trials, recording.dt, bin_width(circuit, width))
    activity = np.maximum(binned(recording, circuit, port, edges), 0.0) * np.diff(edges)[None, :, None]
    inside = (edges[:-1] >= start) & (edges[1:] <= stop)
    found = visits(recording, circuit, trials, by or port, epoch, width, share)
    count = int(circuit.populations[circuit.ports[by or port].population].labels["place"].max(initial=-1)) + 1
    own = members(circuit, port, count)
    values = np.full(trials.count, np.nan)
    for trial, stays in enumerate(found):
        shares = []
        for stay in stays:
            fired = activity[trial, inside & _bins(stay, edges, recording.dt)].sum(axis=0)
            if fired.sum() > 0:
                shares.append(float(fired[own[stay.row]].sum() / fired.sum()))
        values[trial] = np.mean(shares) if shares else np.nan
    return xr.DataArray(
        values, dims=("trial",), coords={"trial": trials.index}, attrs={"units": "1", "interval": "share"}
    )


def _bins(stay: Visit, edges: NDArray[np.int64], dt: float) -> NDArray[np.bool_]:
    """The bins of a visit; one whose onset or end is not known reaches to the limit of the run."""
    onset = 0 if np.isnan(stay.onset) else round(stay.onset / dt)
    end = edges[-1] if np.isnan(stay.end) else round(stay.end / dt)
    return np.asarray((edges[:-1] >= onset) & (edges[1:] <= end))
