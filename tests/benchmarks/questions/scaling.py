"""How does the cost grow with sizes, trials and stored patterns?"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tests.benchmarks.machine import one_core
from tests.benchmarks.ours import Ours, prepare
from tests.benchmarks.questions.dense import steps_for
from tests.benchmarks.report import Effort, Section, number, spread

MICROSECONDS = 1e6
FIXED = 500
SETS = {
    "N": ("inputs of a dense projection, K = 500, B = 1", [250, 500, 1000, 2000, 4000]),
    "K": ("outputs of a dense projection, N = 500, B = 1", [250, 500, 1000, 2000, 4000]),
    "B": ("trials of a dense projection, N = K = 500", [1, 4, 16, 64]),
    "P": ("stored patterns of `two_body_power`, 500 features, B = 1", [50, 100, 200, 400, 800]),
}
NOTES = (
    "microseconds of processor time per step of all trials together; slope: of log(cost) on log(size) over all sizes, median over rounds",
    "1 is expected; below it, a part of the cost does not grow; above it, the weights leave a cache",
    "N, K, P: 8 bytes x 500 x size of weights: 1 MB at 250, 16 MB at 4000",
)


def scaling(effort: Effort, _: Path) -> Section:
    """One section: a line per quantity that grows."""
    rows, samples = [], []
    for name, (meaning, sizes) in SETS.items():
        chosen = sizes[:3] if effort.quick else sizes
        seconds = 0.05 if effort.quick else 0.3
        costs = _costs(name, [_prepared(name, size, seconds) for size in chosen], effort.rounds)
        slopes = [float(np.polyfit(np.log(chosen), np.log(turn), 1)[0]) for turn in costs]
        medians = np.median(costs, axis=0)
        shown = ", ".join(f"{size}: {number(cost)}" for size, cost in zip(chosen, medians, strict=True))
        rows.append((name, meaning, shown, number(float(np.median(slopes))), spread(slopes)))
        samples.append({"quantity": name, "sizes": chosen, "costs": costs, "slopes": slopes})
    columns = ("", "grows", "µs per step", "slope", "from – to")
    return Section("Growth of the cost", columns, rows, NOTES, (), samples)


def _prepared(name: str, size: int, seconds: float) -> Ours:
    n, k, b = (size if name == axis else default for axis, default in (("N", FIXED), ("K", FIXED), ("B", 1)))
    if name == "P":
        settings = {"patterns.memory.bernoulli": {"size": FIXED, "count": size}, "trials": 1}
        return prepare("recall", settings, steps_for(FIXED, 2 * size, 1, seconds))
    settings = {"patterns.x.bernoulli": {"size": n, "count": k}, "trials": b}
    return prepare("one_projection", settings, steps_for(n, k, b, seconds))


def _costs(name: str, circuits: list[Ours], rounds: int) -> list[list[float]]:
    """Microseconds per step: a list per round, in the order of the circuits."""
    found = []
    for turn in range(rounds):
        sys.stderr.write(f"\r  {name}: round {turn + 1} of {rounds}   ")
        sys.stderr.flush()
        with one_core(turn):
            found.append([ours.seconds_per_step(turn) * MICROSECONDS for ours in circuits])
    sys.stderr.write("\n")
    return found
