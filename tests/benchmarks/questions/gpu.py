"""From which size on is a GPU worth it, and how far does it reach?"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import neuroam
from neuroam.circuit import Circuit, Trials
from neuroam.resolve import resolve
from neuroam.sim import cuda_tools
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import compile_program, prepare, simulate
from tests.benchmarks.report import Effort, Section, number, spread

MILLISECONDS = 1e3
STEPS = 2000
PROCESSOR_SECONDS = 3.0  # of one run on the CPU, about
HUGE = 1 << 20
NOTES = (
    "whole runs of compiled programs: start, steps, files; per trial and 1000 steps of 0.1 ms; float64",
    "CPU: one program on one core; long ones do fewer steps, and are scaled up",
    "an own weight matrix of N x K each way; `spikes`: `two_body_lif` with K patterns of N units",
)


@dataclass(frozen=True)
class Recall:
    """Recall of ``k`` patterns of ``n`` units in ``trials`` trials."""

    model: str
    n: int
    k: int
    trials: int
    steps: int = STEPS
    rounds: int = 5

    @property
    def name(self) -> str:
        return (
            f"{'spikes' if 'lif' in self.model else 'rates'} N={self.n} K={self.k} B={self.trials}, {self.steps} steps"
        )

    def on_cpu(self) -> int:
        """How many steps a CPU does in a bearable time."""
        work = 1e-6 * self.trials if "lif" in self.model else 2e-10 * self.n * self.k * self.trials
        return max(10, min(self.steps, int(PROCESSOR_SECONDS / work)))

    def made(self, steps: int) -> tuple[Circuit, Trials]:
        """The circuit and its trials."""
        settings = {
            "patterns.memory.bernoulli": {"size": self.n, "count": self.k},
            "epochs": [{"name": "run", "duration": f"{steps} steps",
                        "show": {"corrupt": [{"flip": {"fraction": 0.15}}]}, "into": "memory"}],
            "trials": self.trials,
            "measure": {},
        }  # fmt: skip
        return resolve(neuroam.load("recall_random", model=self.model, settings=settings))

    def wanted(self, circuit: Circuit, steps: int) -> Wanted:
        """Spikes, or the state at the end."""
        spiking = tuple(name for name, population in circuit.populations.items() if population.cell.event)
        return Wanted(spiking, {} if spiking else {("features", "g"): steps})


ALL = (
    *(Recall("two_body_softmax", n, n, b) for b in (1, 64) for n in (100, 300, 1000, 3000)),
    *(Recall("two_body_lif", n, k, 64) for n, k in ((100, 20), (1000, 200))),
    *(Recall("two_body_softmax", 64, HUGE, 8, steps, 1) for steps in (20, 200)),
)
QUICK = (Recall("two_body_softmax", 50, 50, 2, 20), Recall("two_body_softmax", 20, 1500, 2, 20))


def gpu(effort: Effort, _: Path) -> Section:
    """One section, or why there is none."""
    columns = ("case", "GPU", "from – to", "CPU", "CPU ÷ GPU", "trials per second", "recalled")
    card = cuda_tools.gpu()
    title = (
        f"Recall on a GPU ({card.name if isinstance(card, cuda_tools.Gpu) else 'none'}), ms per trial and 1000 steps"
    )
    lacking = cuda_tools.lacking("run")
    if lacking:
        return Section(title, columns, (), NOTES, lacking)
    cases = QUICK if effort.quick else ALL
    with ProcessPoolExecutor(max(1, 3 * (os.cpu_count() or 1) // 4)) as pool:
        list(pool.map(_compile, cases))
    rows = []
    for case in cases:
        rows.append(_row(case, 1 if effort.quick else min(effort.rounds, case.rounds)))
        sys.stderr.write(f"  {' | '.join(rows[-1])}\n")
    return Section(title, columns, rows, NOTES)


def _compile(case: Recall) -> None:
    for device, steps in (("cuda", case.steps), ("cpp", case.on_cpu())):
        circuit, trials = case.made(steps)
        compile_program(prepare(circuit, trials, case.wanted(circuit, steps), trials.count), device)


def _row(case: Recall, rounds: int) -> tuple[str, ...]:
    per = MILLISECONDS / case.trials * 1000
    seconds, outcome = _runs(case, "cuda", case.steps, rounds)
    slow, _ = _runs(case, "cpp", case.on_cpu(), 1)
    here, there = [s * per / case.steps for s in seconds], slow[0] * per / case.on_cpu()
    median = float(np.median(here))
    speed = case.trials / float(np.median(seconds)) * case.steps / STEPS
    return (case.name, number(median), spread(here), number(there), number(there / median), number(speed), outcome)


def _runs(case: Recall, device: str, steps: int, rounds: int) -> tuple[list[float], str]:
    circuit, trials = case.made(steps)
    wanted, found = case.wanted(circuit, steps), []
    for _ in range(rounds):
        made: Any = simulate(circuit, trials, wanted, device, trials.count, say=lambda text: None)
        found.append(made.run_seconds)
    return found, _recalled(circuit, trials, made.recording)


def _recalled(circuit: Circuit, trials: Trials, recording: Any) -> str:
    """How many trials end in the pattern that was cued; of spiking circuits nothing is said."""
    if not recording.traces:
        return f"{sum(spikes.step.size for spikes in recording.spikes.values())} spikes"
    ends = np.sign(recording.traces["features", "g"].values[:, -1])
    patterns = np.sign(np.asarray(circuit.matrices["xi"].weights.values, dtype=float)[trials.cued])
    return f"{int(((ends * patterns).mean(axis=1) > 0.9).sum())} of {trials.count}"
