"""The hash of a stimulus: which cells are the most active."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit, Trials
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, responses
from neuroam.readouts.winners import top
from neuroam.recording import Recording


@readout("tags")
def tags(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    k: Annotated[int, Field(ge=1)],
    epoch: Epoch = None,
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    """The numbers of the k most active cells.

    Parameters
    ----------
    recording, circuit, trials, port, epoch
        As of `coding_level`.
    k : int
        Length of the hash.
    seed : int
        Breaks ties between cells that are equally active.

    Returns
    -------
    DataArray
        (trial, winner), ascending; -1 in place of winners that there are not, for silent cells never win.

    References
    ----------
    Dasgupta, Stevens & Navlakha (2017) Science 358:793.
    """
    import xarray as xr

    rows = [top(one[None], k, np.random.default_rng((seed, int(trial))))[0] for trial, one in zip(
        trials.index, responses(recording, circuit, trials, port, epoch), strict=True
    )]  # fmt: skip
    found = np.full((trials.count, k), -1.0)
    for place, row in enumerate(rows):
        winners = np.flatnonzero(row)
        found[place, : winners.size] = winners
    coords = {"trial": trials.index, "winner": np.arange(k)}
    return xr.DataArray(found, dims=("trial", "winner"), coords=coords, attrs={"units": "1"})
