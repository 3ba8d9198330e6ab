"""Do all cells take part in a competition?"""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port
from neuroam.recording import Recording


def _need_spikes(circuit: Circuit, given: Any, _folder: Any) -> None:
    population = circuit.populations[circuit.ports[given.port].population]
    if population.cell.event is None:
        raise FunctionError(f"the cells of '{population.name}' do not fire", "name a port of cells that do")


@readout("win_share", needs=_need_spikes)
def win_share(recording: Recording, circuit: Circuit, trials: Trials, *, port: Port, epoch: Epoch = None) -> Any:
    """The share of all spikes that each cell has: of winners, how often it won.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Whose cells.
    epoch : str, optional
        Only in this epoch, every time that it occurs.

    Returns
    -------
    DataArray
        (cell), adds up to 1; NaN if none fired.

    Raises
    ------
    FunctionError
        If the cells do not fire, or there is no such epoch.

    References
    ----------
    Dead units and their cure: DeSieno (1988) IEEE ICNN 1:117.
    """
    import xarray as xr

    population = circuit.populations[circuit.ports[port].population]
    spans = [(e.start, e.stop) for e in trials.epochs if epoch in (None, e.name)]
    if not spans:
        raise FunctionError(f"there is no epoch '{epoch}'")
    inside = np.zeros(trials.n_steps, dtype=bool)
    for start, stop in spans:
        inside[start:stop] = True
    spikes = recording.spikes[population.name]
    counted = np.bincount(spikes.cell[inside[spikes.step]], minlength=population.size).astype(float)
    share = counted / counted.sum() if counted.sum() else np.full(population.size, np.nan)
    return xr.DataArray(share, dims=("cell",), coords={"cell": np.arange(population.size)}, attrs={"units": "1"})
