"""What all parts of one run share: the trials, the step, and the numbers that the protocol sets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Ragged, Signal, Trials
from neuroam.reference.philox import DRAWS, Streams
from neuroam.reference.text import Place

Array = NDArray[Any]


class World:
    """The circuit and what it is put through, in the present ``step``; ``ended`` is (trials, 1), true where one is."""

    def __init__(self, circuit: Circuit, trials: Trials) -> None:
        self.circuit, self.trials = circuit, trials
        self.streams = Streams()
        self.step = 0
        self.ended = np.zeros((trials.count, 1), dtype=bool)
        self.drawn: dict[tuple[int, int], Array] = {}

    def begin(self, step: int) -> None:
        self.step = step
        self.drawn = {}

    @property
    def now(self) -> int:
        """The step whose settings hold: those of the last one also hold at the very end."""
        return min(self.step, self.trials.n_steps - 1)

    def look_up(self, signal: Signal) -> Array | None:
        """(trials, cells) that a signal sets in this step, or nothing."""
        row = int(signal.row[self.now])
        return None if row < 0 else signal.table[row]

    def control(self, name: str) -> Array:
        """(trials, 1)."""
        found = self.look_up(self.trials.controls[name])
        return np.zeros((self.trials.count, 1)) if found is None else found

    def listed(self, drive: Ragged, size: int) -> Array:
        """(trials, cells) of a drive of few cells; nothing is driven after the last step."""
        full = np.zeros((self.trials.count, size))
        if self.step < self.trials.n_steps:
            for trial, row in enumerate(drive.row[self.step]):
                part = slice(drive.start[row], drive.start[row + 1]) if row >= 0 else slice(0)
                full[trial, drive.cell[part]] = drive.value[part]
        return full

    def draw(self, place: Place, size: int) -> Array:
        """The random numbers of one place in this step, (trials, cells)."""
        key = (place.stream, size)
        if key not in self.drawn:
            trials, cells = self.trials.index, np.arange(size)
            found = DRAWS[place.kind](self.trials.noise_key, place.stream, trials, self.step, cells)
            self.drawn[key] = found / np.sqrt(self.circuit.dt) if place.name == "xi" else found
        return self.drawn[key]

    def learns(self, name: str) -> bool:
        """Whether a plastic projection learns in this step."""
        return self.step < self.trials.n_steps and bool(self.trials.learning[name][self.step])

    def has_learned(self, name: str) -> bool:
        """Whether this is the last step of an epoch in which it learned."""
        return self.step < self.trials.n_steps and bool(self.trials.learned[name][self.step])
