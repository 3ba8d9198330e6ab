"""What is a GPU worth for each family of circuits?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import neuroam
from neuroam.pipeline import wanted
from neuroam.resolve import resolve
from neuroam.sim import cuda_tools
from neuroam.sim.trial import compile_program, prepare, simulate
from tests.benchmarks.report import Effort, Section, number, spread

NOTES = (
    "whole runs of compiled programs: start, steps, files; float64; all trials in one program",
    "CPU: the same program in C++ on one core, one run of the same length",
)
MEMORIES = "patterns.memory.bernoulli"


@dataclass(frozen=True)
class Case:
    """A shipped circuit and protocol with some values."""

    protocol: str
    model: str
    trials: int
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def made(self) -> tuple[Any, ...]:
        """Circuit, trials, and what is recorded."""
        settings = {"trials": self.trials, "networks": 1, "measure": {}} | self.settings
        spec = neuroam.load(self.protocol, self.model, settings)
        circuit, trials = resolve(spec)
        return circuit, trials, wanted(spec, circuit, trials)


CASES = (
    Case("replay_sequence", "sequence_lif", 64),
    Case("recall_movie", "sequence_exponential", 1),
    Case("recall_correlated", "correlation_aware", 64),
    Case("recall_correlated", "correlation_aware", 64, {f"{MEMORIES}.size": 1000, f"{MEMORIES}.count": 50}),
    Case("recall_correlated", "correlation_whiten_rate", 64, {f"{MEMORIES}.size": 1000, f"{MEMORIES}.count": 300}),
    Case("recall_noisy", "noisy_clusters", 64),
    Case("noise_benefit", "noisy_clusters_discrete", 64, {"epochs.recall.duration": "20000 steps"}),
    Case("odour_panel", "mushroom_body_lif", 110, {"patterns.odour.odours.count": 110}),
)


def gpu_circuits(effort: Effort, _: Path) -> Section:
    """One row for every case, or why there is none."""
    card = cuda_tools.gpu()
    title = f"Shipped circuits on a GPU ({card.name if isinstance(card, cuda_tools.Gpu) else 'none'}), seconds per run"
    columns = ("protocol", "model", "cells", "trials", "steps", "GPU", "from – to", "CPU", "CPU ÷ GPU")
    lacking = cuda_tools.lacking("run")
    if lacking:
        return Section(title, columns, (), NOTES, lacking)
    cases = CASES[2:3] if effort.quick else CASES
    with ProcessPoolExecutor(max(1, 3 * (os.cpu_count() or 1) // 4)) as pool:
        list(pool.map(_compile, cases))
    rows = []
    for case in cases:
        rows.append(_row(case, effort.rounds))
        sys.stderr.write(f"  {' | '.join(rows[-1])}\n")
    return Section(title, columns, rows, NOTES)


def _compile(case: Case) -> None:
    circuit, trials, recorded = case.made()
    for device in ("cuda", "cpp"):
        compile_program(prepare(circuit, trials, recorded, trials.count), device)


def _row(case: Case, rounds: int) -> tuple[str, ...]:
    circuit, trials, recorded = case.made()
    seconds: dict[str, list[float]] = {"cuda": [], "cpp": []}
    for device, times in (("cpp", 1), ("cuda", rounds)):
        for _ in range(times):
            made: Any = simulate(circuit, trials, recorded, device, trials.count, say=lambda text: None)
            seconds[device].append(made.run_seconds)
    median, slow = float(np.median(seconds["cuda"])), seconds["cpp"][0]
    cells = sum(population.size for population in circuit.populations.values())
    counts = (str(cells), str(trials.count), str(trials.n_steps))
    return (case.protocol, case.model, *counts, number(median), spread(seconds["cuda"]), number(slow), number(slow / median))  # fmt: skip
