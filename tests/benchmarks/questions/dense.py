"""What does one dense projection y = W x cost per step and trial?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.benchmarks.compare import OURS, Bound, Case, Competitor, Measured, compare
from tests.benchmarks.machine import lacks
from tests.benchmarks.ours import Ours, prepare, weights
from tests.benchmarks.peers import ask, brian, job, numpy_loops
from tests.benchmarks.report import Effort, Section, comparison

GAIN = 0.001  # of circuits/dense.yaml
MICROSECONDS = 1e6
SINGLE = "float32"
SIZES = [(64, 20, 1), (1000, 1000, 1), (1000, 1000, 32), (4000, 4000, 1), (4000, 4000, 32)]
QUICK_SIZES = [(64, 20, 1), (500, 500, 1), (500, 500, 8)]
LARGEST_OF_BRIAN = 1000  # its synapses of 4000 x 4000 take gigabytes
TRIALS_OF_BRIAN = 4
NOTES = (
    "processor time per step and trial, one thread; ours is the difference between all of the steps and 10 % of them",
    "Brian2: a summed variable, C++ standalone with its default flags; the time of its run, without start and wiring",
    "numpy: the bare product `x @ W`; JAX: the same two populations as a scan, on one core",
    "Brian2 in batches: alone and with 4 trials side by side, whatever number we have; more need gigabytes",
)


def steps_for(n: int, k: int, trials: int, seconds: float) -> int:
    """About as many steps as fit a time, in two digits."""
    wanted = seconds / (2e-7 + 1.5e-10 * n * k * trials)
    return max(20, int(float(f"{wanted:.1e}")))


def dense(effort: Effort, folder: Path) -> Section:
    """One section: every size in every precision that there is."""
    sizes = QUICK_SIZES if effort.quick else SIZES
    measured: list[Measured] = []
    skipped = [f"JAX: {lacks('jax')}"] if lacks("jax") else []
    for n, k, trials in sizes:
        for precision in ("float64", SINGLE):
            name = f"N={n} K={k} B={trials} {precision}"
            made = _case(name, n, k, trials, precision, effort, folder / name.replace(" ", "_"))
            measured += compare(made, effort.rounds)
    if any(n > LARGEST_OF_BRIAN for n, _, _ in sizes):
        skipped.append(f"Brian2 above N=K={LARGEST_OF_BRIAN}: 16 million synapses of 16 bytes and more per trial")
    return comparison("Dense projection y = W x", measured, list(NOTES), skipped)


def _prepared(n: int, k: int, trials: int, precision: str, effort: Effort) -> Ours:
    steps = steps_for(n, k, trials, 0.1 if effort.quick else 0.6)
    settings = {"patterns.x.bernoulli": {"size": n, "count": k}, "trials": trials}
    return prepare("one_projection", settings, steps, precision="single" if precision == SINGLE else "double")


def _case(name: str, n: int, k: int, trials: int, precision: str, effort: Effort, folder: Path) -> Case:
    ours = _prepared(n, k, trials, precision, effort)
    steps = ours.long.n_steps
    w = np.ascontiguousarray(weights(ours.circuit, "w").T) * GAIN
    x = ours.long.initial["x", "x"]
    competitors = [Competitor(OURS, lambda turn: ours.seconds_per_step(turn) / trials * MICROSECONDS)]
    w_, x_ = (array.astype(precision, copy=False) for array in (w, x))
    competitors.append(Competitor("numpy", lambda _: numpy_loops.dense(w_, x_, steps) / trials * MICROSECONDS))
    if precision == "float64":
        competitors[0] = Competitor(OURS, competitors[0].measure, lambda: _deviation(ours, w, x))
    if n <= LARGEST_OF_BRIAN:
        competitors += [_brian(w, x, steps, b, folder) for b in sorted({1, min(trials, TRIALS_OF_BRIAN)})]
    if not lacks("jax"):
        case = {"kind": "dense", "steps": max(20, steps // 4), "precision": precision}
        asked = job("jax_loops", folder / "jax", case, {"w": w, "x": x})
        competitors.append(Competitor("JAX", lambda _: ask(asked)["seconds"] / trials * MICROSECONDS))
    return Case(name, "µs", competitors, _bounds(n, trials, precision))


def _brian(w: np.ndarray, x: np.ndarray, steps: int, trials: int, folder: Path) -> Competitor:
    steps = max(20, steps // 4)
    program = brian.build("dense", folder / f"brian_{trials}", {"w": w, "x": x}, steps=steps, trials=trials)

    def remark() -> str:
        expected = numpy_loops.follow(w, x[:trials], steps).ravel()
        return f"y off by {np.abs(program.result('final', 'float64') - expected).max():.0e}"

    return Competitor(f"Brian2, B={trials}", lambda _: program.seconds_per_step() / trials * MICROSECONDS, remark)


def _deviation(ours: Ours, w: np.ndarray, x: np.ndarray) -> str:
    expected = numpy_loops.follow(w, x, ours.short.n_steps)
    return f"y off by {np.abs(ours.end('y', 'y') - expected).max():.0e}"


def _bounds(n: int, trials: int, precision: str) -> list[Bound]:
    if n < 500:
        return [Bound(1.0, "Brian2, B=1")]
    against_brian = 1 / 4 if trials == 1 else 1 / 16 if precision == SINGLE else 1 / 8
    against = [Bound(against_brian, f"Brian2, B={b}") for b in (1, TRIALS_OF_BRIAN)]
    return [Bound(1.25, "numpy"), *against]
