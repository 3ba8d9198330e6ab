"""Two recordings of the same trials: where do they differ most?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neuroam.recording import EdgeWeights, Recording, Spikes

TOLERANCE = 1e-6  # of the largest value of a variable; Gaussian noise alone differs by 2e-10 of its standard deviation


@dataclass(frozen=True)
class Deviation:
    """The largest difference in one thing: how large, where, and what the two say there.

    ``share`` is relative to the largest value that the thing has anywhere; of spikes it is the share that only one of
    the two has, and the first of these is shown.  ``trial``, ``step`` and ``cell`` are -1 where nothing differs, and
    ``step`` also of weights, which are those of the end; their ``cell`` is the number of an edge.
    """

    name: str
    share: float
    compared: int
    tolerance: float = TOLERANCE
    trial: int = -1
    step: int = -1
    cell: int = -1
    wanted: float = np.nan
    found: float = np.nan

    @property
    def fine(self) -> bool:
        return self.share <= self.tolerance


def compare(wanted: Recording, found: Recording) -> list[Deviation]:
    """The largest deviation of the spikes of every population, of every variable, and of all weights that change.

    Both have the same of them: nothing is passed over because one does not have it.
    """
    for kind in ("spikes", "traces", "weights"):
        assert getattr(wanted, kind).keys() == getattr(found, kind).keys(), kind
    return [*_spikes(wanted, found), *_traces(wanted, found), *_weights(wanted, found)]


def _spikes(wanted: Recording, found: Recording) -> Iterator[Deviation]:
    for name in sorted(wanted.spikes):
        ours, theirs = _table(wanted.spikes[name]), _table(found.spikes[name])
        both = pd.merge(ours, theirs, how="outer", indicator="side")
        only = both[both["side"] != "both"].sort_values(["step", "trial", "cell"])
        deviation = Deviation(f"{name} spikes", len(only) / max(1, len(both)), len(ours), tolerance=0.0)
        if len(only):
            first = only.iloc[0]
            ours_has = float(first["side"] == "left_only")
            trial, step, cell = (int(first[key]) for key in ("trial", "step", "cell"))
            deviation = replace(deviation, trial=trial, step=step, cell=cell, wanted=ours_has, found=1.0 - ours_has)
        yield deviation


def _table(spikes: Spikes) -> pd.DataFrame:
    return pd.DataFrame({"trial": spikes.trial, "step": spikes.step, "cell": spikes.cell})


def _traces(wanted: Recording, found: Recording) -> Iterator[Deviation]:
    for key in sorted(wanted.traces):
        ours, theirs = wanted.traces[key], found.traces[key]
        yield _largest(".".join(key), ours.values, theirs.values, ours.step)


def _weights(wanted: Recording, found: Recording) -> Iterator[Deviation]:
    for name in sorted(wanted.weights):
        ours, theirs = (_by_cells(one.weights[name])[:, None] for one in (wanted, found))
        yield _largest(f"{name} weights", ours, theirs, np.array([-1]))


def _by_cells(edges: EdgeWeights) -> NDArray[np.float64]:
    """Weights by pre and then post cell."""
    return edges.values[:, np.lexsort((edges.post, edges.pre))]


def _largest(name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], steps: NDArray[np.int64]) -> Deviation:
    """The largest difference of (trials, samples, cells), and the first place that has it."""
    difference = np.nan_to_num(np.abs(theirs - ours), nan=np.inf)
    if not difference.any():
        return Deviation(name, 0.0, ours.size)
    scale = float(np.abs(ours).max()) or 1.0
    trial, sample, cell = (int(k) for k in np.unravel_index(np.argmax(difference), difference.shape))
    values = float(ours[trial, sample, cell]), float(theirs[trial, sample, cell])
    share = float(difference[trial, sample, cell]) / scale
    return Deviation(name, share, ours.size, TOLERANCE, trial, int(steps[sample]), cell, *values)
