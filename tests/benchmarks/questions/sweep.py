"""How long do many runs of one compiled circuit take?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

import neuroam
from tests.benchmarks.compare import OURS, Bound, Case, Competitor, compare
from tests.benchmarks.machine import seconds_of_children
from tests.benchmarks.ours import CIRCUITS
from tests.benchmarks.report import Effort, Section, comparison, number

MANY = 100
CIRCUIT = {"populations.exc.size": 160, "populations.inh.size": 40, "epochs.run.duration": "100 ms"}
NOTES = (
    "elapsed time; 200 integrate-and-fire cells, 100 ms at dt = 0.1 ms; one process; the program is in the cache before",
    "trials: one `neuroam.run` of 100 trials with another noise seed; everything counts, also measuring",
    "values: one `neuroam.run` per value of the external drive, 1 trial each",
)


def sweep(effort: Effort, _: Path) -> Section:
    """One section: trials, and values of a parameter."""
    values = 10 if effort.quick else MANY
    trials = _competitor(lambda turn, _: {"trials": MANY, "seeds.noise": 100 + turn}, 1, 1)
    drives = _competitor(lambda _, n: {"populations.exc.params.bias": f"{22 + 4 * n / MANY} mV"}, values, MANY / values)
    cases = [
        Case(f"{MANY} further trials", "s", [trials], [Bound(5.0)], pinned=False),
        Case(f"{MANY} values of one parameter", "s", [drives], [Bound(5.0)], pinned=False),
    ]
    measured = [one for case in cases for one in compare(case, effort.rounds)]
    return comparison("Many runs of one circuit", measured, NOTES, [])


def _run(settings: dict[str, Any]) -> bool:
    """Whether the program was in the cache."""
    return neuroam.run(CIRCUITS / "noise_driven.yaml", settings={**CIRCUIT, **settings}, device="cpp").run.cache_hit


def _competitor(settings: Callable[[int, int], dict[str, Any]], runs: int, scale: float) -> Competitor:
    """Elapsed seconds of ``runs`` runs times ``scale``; ``settings`` of a turn and a number of the run."""
    hits: list[bool] = []
    used: list[float] = []

    def measure(turn: int) -> float:
        before, started = _processor_seconds(), perf_counter()
        hits.extend(_run(settings(turn, number)) for number in range(runs))
        used.append((_processor_seconds() - before) * scale)
        return (perf_counter() - started) * scale

    def remark() -> str:
        scaled = "" if scale == 1 else f"{runs} runs, times {scale:g}; "
        again = f"{hits.count(False)} of {len(hits)} runs compiled again"
        return f"{scaled}processor time {number(float(np.median(used)))} s; {again}"

    _run(settings(-1, 0))
    return Competitor(OURS, measure, remark)


def _processor_seconds() -> float:
    return process_time() + seconds_of_children()
