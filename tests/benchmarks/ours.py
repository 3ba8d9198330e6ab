"""The circuits in our hands: made by neuroam from ``circuits/*.yaml``, run as its users run them."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import neuroam
from neuroam.circuit import Circuit, Trials
from neuroam.recording import Recording
from neuroam.resolve import resolve
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import simulate
from tests.benchmarks.machine import FOLDER, seconds_of_children

CIRCUITS = FOLDER / "circuits"
START_UP = 0.1  # share of the steps that the short run takes
TRIES = 20


@dataclass(frozen=True)
class Ours:
    """One circuit with two lengths of the same trials: the difference of their times is free of start-up and files."""

    circuit: Circuit
    short: Trials
    long: Trials
    wanted: Wanted
    options: Mapping[str, Any]

    def run(self, trials: Trials, turn: int = 0) -> tuple[float, Recording]:
        """Processor seconds of the compiled program, and what it left; every turn draws other noise."""
        drawn = replace(trials, noise_key=trials.noise_key + turn)
        for _ in range(TRIES):
            gc.collect()
            before = seconds_of_children()
            outcome = simulate(self.circuit, drawn, self.wanted, "cpp", trials.count, **self.options)
            if outcome.cache_hit:  # else the compiler's time is in it
                return seconds_of_children() - before, outcome.recording
        raise RuntimeError(f"{self.circuit.name} was compiled {TRIES} times and is never found in the cache")

    def measure(self, turn: int) -> tuple[float, Recording]:
        """Processor seconds per step of all trials together, and what the longer run left."""
        (long, recording), (short, _) = self.run(self.long, turn), self.run(self.short, turn)
        return (long - short) / (self.long.n_steps - self.short.n_steps), recording

    def seconds_per_step(self, turn: int) -> float:
        """Processor seconds per step of all trials together."""
        return self.measure(turn)[0]

    def end(self, population: str, state: str) -> np.ndarray:
        """A state after the short run, (trials, cells), from a program that also records it."""
        key, steps = (population, state), self.short.n_steps
        outcome = simulate(self.circuit, self.short, Wanted((), {key: steps}), "cpp", None, **self.options)
        return outcome.recording.traces[key].values[:, -1]


def prepare(protocol: str, settings: Mapping[str, Any], steps: int, **options: Any) -> Ours:
    """Resolve and compile a circuit of ``circuits/`` at two lengths.  Spikes are recorded, and nothing else."""
    return prepare_epoch(CIRCUITS / f"{protocol}.yaml", "run", settings, steps, **options)


def prepare_epoch(
    protocol: str | Path,
    epoch: str,
    settings: Mapping[str, Any],
    steps: int,
    states: tuple[tuple[str, str], ...] = (),
    **options: Any,
) -> Ours:
    """The same for a file or a shipped protocol; one epoch has the two lengths, and ``states`` are recorded too."""
    lengths = [max(1, round(START_UP * steps)), steps]
    made = [_resolved(protocol, {**settings, f"epochs.{epoch}.duration": f"{n} steps"}) for n in lengths]
    circuit, (short, long) = made[0][0], [trials for _, trials in made]
    spiking = tuple(name for name, population in circuit.populations.items() if population.cell.event)
    return compiled(Ours(circuit, short, long, Wanted(spiking, dict.fromkeys(states, 1)), options))


def compiled(ours: Ours) -> Ours:
    """The same, with both programs in the cache."""
    for trials in (ours.short, ours.long):
        ours.run(trials)
    return ours


def _resolved(protocol: str | Path, settings: Mapping[str, Any]) -> tuple[Circuit, Trials]:
    found: tuple[Circuit, Trials] = resolve(neuroam.load(protocol, settings=settings))
    return found


def weights(circuit: Circuit, name: str) -> np.ndarray:
    """A named dense matrix, (post, pre)."""
    return np.asarray(circuit.matrices[name].weights.values)  # type: ignore[union-attr]
