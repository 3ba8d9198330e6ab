"""Do codes keep the neighbours of what they stand for?"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Epoch, Port, presented, responses
from neuroam.readouts.winners import distances, top
from neuroam.recording import Recording

Length = Annotated[int, Field(ge=1)]
Code = Literal["winners_20k", "winners", "winners_binary", "random_tag", "dense"]
PER_WINNER = 20  # cells of the smaller code, per winner


@readout("precision")
def precision(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    k: Annotated[list[Length], Field(min_length=1)] | Length,
    code: Code | None = None,
    dense: Port | None = None,
    epoch: Epoch = None,
    variable: str | None = None,
    queries: Annotated[int, Field(ge=1)] = 500,
    share: Annotated[float, Field(gt=0, le=1)] = 0.02,
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    r"""Mean average precision of finding the nearest patterns by their codes, for every code and hash length k.

    .. math:: AP = \frac{1}{T} \sum_{r \le T} hit(r) \, \frac{\text{hits up to } r}{r}

    The truth are the T patterns nearest to the query, Euclidean; they are looked for among the T nearest codes.

    Parameters
    ----------
    recording, circuit, trials
        A run that shows every pattern once: one per trial, or all in a stream.
    port : str
        Expansion cells.  Codes: ``winners_20k`` (activity of the k winners among the first 20 k cells, else 0),
        ``winners`` (among all cells), ``winners_binary`` (1 for those), ``random_tag`` (the activity of k cells of the
        first 20 k, the same k for every pattern).
    k : list of int
        Hash lengths, or one.
    code : str, optional
        One of the codes; all of them unless given.
    epoch : str, optional
        In which the patterns are shown; needed for a stream.
    variable : str, optional
        In a stream: what is read of the cells in place of their spikes, or of their first output.
    dense : str, optional
        Port of random projections; code ``dense``: the first k of them.
    queries : int
        Patterns that are looked for, chosen at random; all if there are fewer.
    share : float
        T as a share of all patterns.
    seed : int
        Chooses queries and random tags, and breaks ties: between equally active cells, and between equally near codes.

    Returns
    -------
    DataArray
        (code, k), from 0 to 1; NaN where there are not so many cells.

    Raises
    ------
    FunctionError
        If there are too few patterns for T to be at least 1.

    References
    ----------
    Dasgupta, Stevens & Navlakha (2017) Science 358:793, figure 3.
    """
    import xarray as xr

    streamed = any(e.name == epoch and e.patterns is not None for e in trials.epochs)
    if streamed:
        activity, shown = presented(recording, circuit, trials, port, str(epoch), variable)
    else:
        activity, shown = responses(recording, circuit, trials, port, epoch), trials.cued
    stored = circuit.patterns[trials.cue_port].values[shown]
    near = int(share * len(stored))
    if near < 1:
        raise FunctionError(
            f"{share:g} of {len(stored)} patterns is less than one", "show more, or make 'share' larger"
        )
    rng = np.random.default_rng(seed)
    asked = np.sort(rng.permutation(len(stored))[:queries])
    truth = _nearest(stored, asked, near, rng)
    projected = responses(recording, circuit, trials, dense, epoch) if dense is not None and not streamed else None
    names = [code] if code else [name for name in get_args(Code) if name != "dense" or dense is not None]
    lengths = [k] if isinstance(k, int) else k
    found = np.full((len(names), len(lengths)), np.nan)
    for column, length in enumerate(lengths):
        for row, name in enumerate(names):
            codes = _codes(name, activity, projected, length, rng)
            if codes is not None:
                found[row, column] = _average_precision(_nearest(codes, asked, near, rng), truth)
    return xr.DataArray(found, dims=("code", "k"), coords={"code": names, "k": lengths}, attrs={"units": "1"})


def _codes(name: str, activity: Array, projected: Array | None, k: int, rng: np.random.Generator) -> Array | None:
    few = PER_WINNER * k
    if name == "dense":
        return projected[:, :k] if projected is not None and k <= projected.shape[1] else None
    if name in ("winners_20k", "random_tag") and few > activity.shape[1]:
        return None
    if name == "random_tag":
        return activity[:, rng.permutation(few)[:k]]
    among = activity[:, :few] if name == "winners_20k" else activity
    won = top(among, k, rng)
    return won.astype(float) if name == "winners_binary" else np.where(won, among, 0.0)


def _nearest(codes: Array, asked: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The nearest others, nearest first, (asked, count); equally near ones in random order."""
    far = distances(codes, asked)
    far[np.arange(asked.size), asked] = np.inf
    shuffled = rng.permutation(far.shape[1])
    order = np.argsort(far[:, shuffled], axis=1, kind="stable")[:, :count]
    return np.asarray(shuffled[order], dtype=np.int64)


def _average_precision(found: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    hits = np.stack([np.isin(one, other) for one, other in zip(found, truth, strict=True)]).astype(float)
    at = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return float((hits * at).sum(axis=1).mean() / hits.shape[1])
