"""Do codes find stimuli of the same class?"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.responses import Port, need_cells, presented
from neuroam.readouts.winners import distances, top
from neuroam.recording import Recording
from neuroam.registry import Ref


def _need_labels(circuit: Circuit, given: Any, _folder: Any) -> None:
    known = [name for patterns in circuit.patterns.values() for name in patterns.attributes]
    if given.attribute not in known:
        fix = "name a file of labels, 'labels: ...'" if given.attribute == "label" else f"there are: {', '.join(known)}"
        raise FunctionError(f"the patterns have no attribute '{given.attribute}'", fix)
    need_cells(circuit, given.port, given.k)


@readout("class_precision", needs=_need_labels)
def class_precision(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    port: Port,
    k: Annotated[int, Field(ge=1)],
    epoch: Annotated[str, Ref("epoch")],
    variable: str | None = None,
    attribute: str = "label",
    queries: Annotated[int, Field(ge=1)] = 1000,
    seed: Annotated[int, Field(ge=0)] = 0,
) -> Any:
    r"""Mean average precision of finding all stored stimuli of the query's class, by binary codes of k winners.

    .. math:: AP = \frac{1}{R} \sum_{r:\, hit(r)} \frac{\text{hits up to } r}{r}

    over the whole list, nearest first, with R stored stimuli of the class.

    Parameters
    ----------
    recording, circuit, trials
        A run in which a stream shows every stimulus.
    port : str
        Its k most active cells are the code.
    k : int
        Hash length.
    epoch : str
        The stream.
    variable : str, optional
        What is read of the cells in place of their spikes, or of their first output.
    attribute : str
        Attribute of the patterns that is the class.
    queries : int
        Stimuli that are looked for, chosen at random; at most half of them.  All others are stored.
    seed : int
        Chooses the queries, and breaks ties: between equally active cells, and between equally near codes.

    Returns
    -------
    DataArray
        (query), from 0 to 1; NaN where nothing of the class is stored.

    Raises
    ------
    FunctionError
        If the patterns have no such attribute, fewer than two stimuli were shown, or the variable was not recorded.

    References
    ----------
    Ryali, Hopfield, Grinberg & Krotov (2020) ICML, arXiv 2001.04907, sec. 4: mAP@All.
    """
    import xarray as xr

    patterns = circuit.patterns[trials.cue_port]
    if attribute not in patterns.attributes:
        known = ", ".join(patterns.attributes) or "none"
        raise FunctionError(f"the patterns have no attribute '{attribute}'", f"there are: {known}")
    activity, shown = presented(recording, circuit, trials, port, epoch, variable)
    if len(activity) < 2:
        raise FunctionError("fewer than two stimuli were shown", "show more")
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(activity))
    asked, stored = order[: min(queries, len(order) // 2)], order[min(queries, len(order) // 2) :]
    codes, label = top(activity, k, rng).astype(float), patterns.attributes[attribute][shown]
    found = _average_precision(distances(codes, asked)[:, stored], label[stored] == label[asked, None], rng)
    return xr.DataArray(found, dims=("query",), coords={"query": shown[asked]}, attrs={"units": "1"})


def _average_precision(far: Array, hit: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """Of every row of distances; equally near ones come in random order."""
    shuffled = rng.permutation(far.shape[1])
    order = shuffled[np.argsort(far[:, shuffled], axis=1, kind="stable")]
    hits = np.take_along_axis(hit, order, axis=1).astype(float)
    at = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    number = hits.sum(axis=1)
    return np.where(number > 0, (hits * at).sum(axis=1) / np.maximum(number, 1.0), np.nan)
