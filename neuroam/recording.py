"""What a run leaves: spikes and traces of every trial, in one canonical order on every device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Spikes:
    """Spikes of one population, sorted by trial, then step, then cell.  A spike of step k is at time ``k * dt``."""

    trial: NDArray[np.int32]
    step: NDArray[np.int32]
    cell: NDArray[np.int32]


@dataclass(frozen=True)
class Trace:
    """A variable of every cell: ``values`` is (trials, samples, cells), ``step`` is (samples,).

    The sample of step k is the state *before* step k; the last sample is the state after the last step.  Of a
    population of which only some cells were kept, ``values`` holds those.
    """

    step: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class EdgeWeights:
    """Weights after the last step: edge e joins cell ``pre[e]`` to ``post[e]``; ``values`` is (trials, edges)."""

    pre: NDArray[np.int32]
    post: NDArray[np.int32]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Selected:
    """What was kept of a population: ``cells``, ascending, within ``spans`` of steps (first, stop); all where None."""

    cells: NDArray[np.int32] | None = None
    spans: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class Recording:
    """Spikes by population name, traces by (population, variable), final weights by plastic projection.

    ``selected`` names the populations of which not everything was kept.
    """

    dt: float
    n_steps: int
    n_trials: int
    spikes: Mapping[str, Spikes]
    traces: Mapping[tuple[str, str], Trace]
    weights: Mapping[str, EdgeWeights] = field(default_factory=dict)
    selected: Mapping[str, Selected] = field(default_factory=dict)
