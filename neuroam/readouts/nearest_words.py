"""Which words share the most cells with a word?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Port, need_cells
from neuroam.readouts.words import Block, codes_of, learned, strengths, words_of
from neuroam.recording import Recording

DEFAULT = 10  # words, the most frequent ones


def _need_known(circuit: Circuit, given: Any, _folder: Path) -> None:
    known = set(words_of(circuit, learned(circuit, given.port)))
    missing = [word for word in given.words or [] if word.lower() not in known]
    if missing:
        raise FunctionError(f"'{missing[0]}' is not in the vocabulary", "ask for words that the text has often")
    need_cells(circuit, given.port, given.k)


@readout("nearest_words", needs=_need_known)
def nearest_words(
    recording: Recording,
    circuit: Circuit,
    *,
    port: Port,
    words: list[str] | None = None,
    count: Annotated[int, Field(ge=1, le=1000)] = 10,
    k: Annotated[int, Field(ge=1)] = 16,
    block: Block = "target",
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    """How many winners a word shares with those that are nearest to it.

    Parameters
    ----------
    recording, circuit, port, block
        As of `spearman`.
    words : list of str, optional
        In the vocabulary; the ten most frequent ones unless given.
    count : int
        Neighbours per word.
    k : int
        Length of codes.
    seed : int
        Breaks ties between equal weights.

    Returns
    -------
    DataArray
        (word, rank), from 0 to k, descending; the coordinate ``neighbour`` says which words these are, of equally near
        ones those with more strength in common first.

    Raises
    ------
    FunctionError
        If nothing was learned of words, or one is not in the vocabulary.

    References
    ----------
    Liang et al. (2021) ICLR, arXiv 2101.06887, sec. 3.1.
    """
    import xarray as xr

    table, known = strengths(recording, circuit, port, block)
    place = {word: row for row, word in enumerate(known)}
    asked = [word.lower() for word in words] if words else list(known[:DEFAULT])
    codes = codes_of(table, np.arange(len(known)), k, seed)
    norm = np.linalg.norm(table, axis=1)
    count = min(count, len(known) - 1)
    shared, neighbours = np.zeros((len(asked), count)), np.full((len(asked), count), "", dtype=object)
    for number, word in enumerate(asked):
        row = place[word]
        common = (codes & codes[row]).sum(axis=1)
        alike = table @ table[row] / np.maximum(norm * norm[row], 1e-300)
        order = np.lexsort((-alike, -common))
        nearest = order[order != row][:count]
        shared[number], neighbours[number] = common[nearest], [known[other] for other in nearest]
    coords = {"word": asked, "rank": np.arange(count), "neighbour": (("word", "rank"), neighbours.astype(str))}
    return xr.DataArray(shared, dims=("word", "rank"), coords=coords, attrs={"units": "1"})
