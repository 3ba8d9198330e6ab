"""What does a whole rate circuit of two dense projections cost?"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from neuroam.circuit import Circuit, Trials
from tests.benchmarks.compare import OURS, Case, Competitor, Measured, compare
from tests.benchmarks.machine import lacks
from tests.benchmarks.ours import prepare, weights
from tests.benchmarks.peers import ask, brian, job, numpy_loops
from tests.benchmarks.report import Effort, Section, comparison

STEPS_PER_SECOND = 10_000
MILLISECONDS = 1e3
TRIALS_OF_BRIAN = 4
NOTES = (
    "`two_body_power` with N features and N hidden cells at dt = 0.1 ms, processor time per trial and simulated second",
    "Brian2: summed variables, C++ standalone; outputs once per cell and step (`constant over dt`), not per synapse",
    "numpy and JAX: the same exponential Euler steps; all start from the same cue, and end where numpy ends",
)


def rate(effort: Effort, folder: Path) -> Section:
    """One section: alone, and in a batch."""
    measured: list[Measured] = []
    size = 100 if effort.quick else 500
    for trials, steps in ((1, 8000), (16, 1500)):
        made = _case(size, trials, steps // 4 if effort.quick else steps, folder / str(trials))
        measured += compare(made, effort.rounds)
    skipped = [f"JAX: {lacks('jax')}"] if lacks("jax") else []
    return comparison("Rate circuit of two dense projections", measured, NOTES, skipped)


def _case(size: int, trials: int, steps: int, folder: Path) -> Case:
    settings = {"patterns.memory.bernoulli": {"size": size, "count": size}, "trials": trials}
    ours = prepare("recall", settings, steps)
    unit = STEPS_PER_SECOND * MILLISECONDS
    arrays, scale = _start(ours.circuit, ours.long), float(size)
    ends: dict[str, np.ndarray] = {}

    def loop(_: int) -> float:
        ends["numpy"], seconds = numpy_loops.recall(**arrays, steps=steps, scale=scale)
        return seconds / trials * unit

    def off() -> str:
        expected, _ = numpy_loops.recall(**arrays, steps=ours.short.n_steps, scale=scale)
        return _off(ours.end("features", "x"), expected)

    competitors = [
        Competitor(OURS, lambda turn: ours.seconds_per_step(turn) / trials * unit, off),
        Competitor("numpy", loop),
        _brian(arrays, scale, max(100, steps // 4), min(trials, TRIALS_OF_BRIAN), folder, unit),
    ]
    if not lacks("jax"):
        case = {"kind": "recall", "steps": steps, "precision": "float64", "scale": scale}
        asked = job("jax_loops", folder / "jax", case, arrays)

        def scan(_: int) -> float:
            answer = ask(asked)
            ends["jax"] = np.array(answer["final"])
            return answer["seconds"] / trials * unit

        competitors.append(Competitor("JAX", scan, lambda: _off(ends["jax"], ends["numpy"])))
    return Case(f"N={size} B={trials}", "ms", competitors)


def _start(circuit: Circuit, trials: Trials) -> dict[str, np.ndarray]:
    """Patterns and initial states; hidden cells start at their own input."""
    xi, x = weights(circuit, "xi"), trials.initial["features", "x"]
    return {"xi": xi, "x": x, "h": np.tanh(numpy_loops.BETA * x) @ xi.T}


def _brian(
    arrays: dict[str, np.ndarray], scale: float, steps: int, trials: int, folder: Path, unit: float
) -> Competitor:
    program = brian.build("recall", folder / "brian", arrays, steps=steps, trials=trials, scale=scale)

    def remark() -> str:
        few = {"xi": arrays["xi"], "x": arrays["x"][:trials], "h": arrays["h"][:trials]}
        expected, _ = numpy_loops.recall(**few, steps=steps, scale=scale)
        return f"B={trials}, {_off(program.result('final', 'float64'), expected)}"

    return Competitor("Brian2", lambda _: program.seconds_per_step() / trials * unit, remark)


def _off(found: np.ndarray, expected: np.ndarray) -> str:
    return f"x off by {np.abs(found.ravel() - expected.ravel()).max():.0e}"
