"""What does a cell stand for?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit
from neuroam.readouts import readout
from neuroam.readouts.responses import Port
from neuroam.readouts.words import Block, need_words, strengths
from neuroam.recording import Recording


@readout("top_words", needs=need_words)
def top_words(
    recording: Recording,
    circuit: Circuit,
    *,
    port: Port,
    count: Annotated[int, Field(ge=1, le=1000)] = 10,
    block: Block = "target",
) -> Any:
    """The weights of the words that a cell is most specific for: how much likelier a word is when the cell wins.

    Parameters
    ----------
    recording, circuit, port, block
        As of `spearman`.
    count : int
        Words per cell.

    Returns
    -------
    DataArray
        (cell, rank), descending; the coordinate ``word`` says which words these are.

    Raises
    ------
    FunctionError
        If nothing was learned of words.

    References
    ----------
    Liang et al. (2021) ICLR, arXiv 2101.06887, sec. 3.
    """
    import xarray as xr

    table, known = strengths(recording, circuit, port, block)
    count = min(count, len(known))
    order = np.argsort(-table, axis=0, kind="stable")[:count].T
    coords = {
        "cell": np.arange(table.shape[1]), "rank": np.arange(count),
        "word": (("cell", "rank"), np.array(known)[order]),
    }  # fmt: skip
    values = np.take_along_axis(table, order.T, axis=0).T
    return xr.DataArray(values, dims=("cell", "rank"), coords=coords, attrs={"units": "1"})
