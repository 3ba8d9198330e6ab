"""Projections: what they bring to their post cells, now or later."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from neuroam.circuit import Circuit, Dense, Ones, Projection
from neuroam.reference.text import Text
from neuroam.reference.world import World

Array = NDArray[Any]


def matrix_of(circuit: Circuit, projection: Projection) -> Any:
    """(post, pre) weights of cells, an array or a sparse one; places are spread over the cells that share them."""
    weights = circuit.matrices[projection.matrix].weights
    post, pre = circuit.populations[projection.post], circuit.populations[projection.pre]
    if isinstance(weights, Ones):
        return np.ones((post.size, pre.size))
    found: Any
    if isinstance(weights, Dense):
        found = weights.values
    else:
        found = sparse.csr_array((weights.data, weights.indices, weights.indptr), shape=weights.shape)
    found = found.T if projection.transpose else found
    if found.shape == (post.size, pre.size):
        return found
    found = found.tocsr() if sparse.issparse(found) else found
    return found[post.labels["place"]][:, pre.labels["place"]]


class Link:
    """One projection of a run.

    ``now`` is what it brings in this step, (trials, post cells) in the unit of its slot, and ``state`` that of its
    filter.  ``sent`` holds what was sent in the last steps, as long as any of it is still to arrive.
    """

    def __init__(self, world: World, projection: Projection) -> None:
        self.world, self.projection = world, projection
        circuit, shape = world.circuit, (world.trials.count, world.circuit.populations[projection.post].size)
        self.matrix = None if projection.message or projection.plastic else matrix_of(circuit, projection)
        self.now, self.state, self.arriving = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.spikes = projection.source == "spike"
        # what is graded is held for one step on its way: it is there before anything reads it
        self.delay = np.broadcast_to(np.rint(np.asarray(projection.delay) / circuit.dt).astype(int), shape[1])
        self.back = self.delay - int(not self.spikes and projection.delayed)
        self.sent: deque[Array] = deque(maxlen=int(self.back.max(initial=0)) + 1)
        self.box = max(1, round(projection.box / circuit.dt))
        self.raw: deque[Array] = deque(maxlen=self.box)
        self.rate = None
        if projection.filter is not None:
            self.rate = Text(projection.filter.rate, projection.post, world.streams)

    @property
    def delayed(self) -> bool:
        """Whether it is graded, and nothing of it arrives in the step in which it is sent."""
        return self.projection.delayed and not self.spikes

    @property
    def remembers(self) -> bool:
        """Whether it has to be sent once per step, and no more."""
        return self.projection.longest_delay > 0 or self.projection.box > 0

    def product(self, signal: Array) -> Array:
        """Weights times signal, (trials, post)."""
        assert self.matrix is not None
        return np.asarray((self.matrix @ signal.T).T)

    def send(self, value: Array, flag: Array | None) -> None:
        """Take what is sent in this step; what is not delayed arrives.  ``flag`` says which post cells listen."""
        self.raw.append(value)
        self.sent.append(np.asarray(sum(self.raw) / self.box))  # before the beginning there was nothing
        late = np.zeros_like(self.now)
        for steps in np.unique(self.back):
            if steps < len(self.sent):
                there = self.back == steps
                late[:, there] = self.sent[-1 - int(steps)][:, there]
        late = late if flag is None else flag * late
        if self.delayed:
            self.arriving = late
        else:
            self.now = self._scaled(late)

    def arrive(self) -> None:
        """What was sent over a delayed graded projection is there before anything reads it."""
        self.now = self._scaled(self.arriving)

    def _scaled(self, value: Array) -> Array:
        found = self.projection.gain * value
        return found * self.world.control(self.projection.scale) if self.projection.scale else found

    def filtered(self, value: Array) -> Array:
        """The rate of the filter at a value of its state."""
        assert self.rate is not None
        assert self.projection.filter is not None
        return self.rate({"s": value, "inflow": self.now, **self.projection.filter.params})
