"""Do people and cells agree on which words are close?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Circuit
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Port, need_cells
from neuroam.readouts.words import Block, Pairs, codes_of, learned, similarity_sets, strengths, words_of
from neuroam.recording import Recording

FEWEST = 3


def _need_pairs(circuit: Circuit, given: Any, folder: Path) -> None:
    projection = learned(circuit, given.port)
    known = set(words_of(circuit, projection))
    for name, pairs in similarity_sets(folder, given.file, known).items():
        covered = len(_covered(pairs, known))
        if covered < FEWEST:
            what = f"{covered} of {len(pairs)} pairs of '{name}' have both words in the vocabulary: {FEWEST} are needed"
            raise FunctionError(what, "train on a text that has them, or name another set with 'file'")
    need_cells(circuit, given.port, max(given.k))


@readout("spearman", needs=_need_pairs)
def spearman(
    recording: Recording,
    circuit: Circuit,
    folder: Path,
    *,
    port: Port,
    k: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] = [4, 8, 16, 32, 64, 128],  # noqa: B006
    file: list[str] | None = None,
    block: Block = "target",
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    r"""Spearman's rank correlation of human judgements with how many winners two words share.

    The code of a word are the k cells with the strongest weights of its line.  Pairs with a word that is not in the
    vocabulary are left out; how many are left, and of how many, is in the coordinates ``pairs`` and ``listed``.

    Parameters
    ----------
    recording, circuit
        A run that learned words; of its first trial.
    folder : Path
        Where the protocol lies; files are looked for there.
    port : str
        The cells that learned.
    k : list of int
        Lengths of codes.
    file : list of str, optional
        Tables of two words and a judgement per row (csv, or tsv by their name).  Without one, the toy language's own.
    block : {"target", "context", "both"}
        The line of the word as the middle of a window, as a context word, or both, of equal total strength.
    seed : int
        Breaks ties between equal weights.

    Returns
    -------
    DataArray
        (set, k), from -1 to 1; NaN where all pairs share equally many winners.

    Raises
    ------
    FunctionError
        If nothing was learned of words, a file is not as it should be, or fewer than three pairs are known.

    References
    ----------
    Liang et al. (2021) ICLR, arXiv 2101.06887, sec. 3.1.
    """
    import xarray as xr

    table, words = strengths(recording, circuit, port, block)
    place = {word: row for row, word in enumerate(words)}
    sets = similarity_sets(folder, file, words)
    rows, counted = [], []
    for pairs in sets.values():
        covered = _covered(pairs, set(place))
        rows.append([_agreement(table, place, covered, length, seed) for length in k])
        counted.append(len(covered))
    coords = {
        "set": list(sets), "k": k, "pairs": ("set", counted), "listed": ("set", [len(p) for p in sets.values()])
    }  # fmt: skip
    return xr.DataArray(np.array(rows), dims=("set", "k"), coords=coords, attrs={"units": "1", "interval": "overlap"})


def _covered(pairs: Pairs, known: set[str]) -> Pairs:
    lower = [(first.lower(), second.lower(), score) for first, second, score in pairs]
    return [pair for pair in lower if pair[0] in known and pair[1] in known]


def _agreement(table: Array, place: dict[str, int], pairs: Pairs, k: int, seed: int) -> float:
    from scipy.stats import rankdata

    names = sorted({word for pair in pairs for word in pair[:2]})
    codes = codes_of(table, np.array([place[name] for name in names], dtype=np.int64), k, seed)
    row = {name: number for number, name in enumerate(names)}
    first, second = [row[word] for word, _, _ in pairs], [row[word] for _, word, _ in pairs]
    shared = rankdata((codes[first] & codes[second]).sum(axis=1))
    judged = rankdata([score for *_, score in pairs])
    if np.ptp(shared) == 0 or np.ptp(judged) == 0:
        return float("nan")
    return float(np.corrcoef(shared, judged)[0, 1])
