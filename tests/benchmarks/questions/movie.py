"""What does one replay of a long movie cost?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

import neuroam
from tests.benchmarks.compare import OURS, Bound, Case, Competitor, Measured, compare
from tests.benchmarks.machine import seconds_of_children
from tests.benchmarks.ours import Ours, prepare_epoch, weights
from tests.benchmarks.peers import numpy_loops
from tests.benchmarks.report import Effort, Section, comparison

FRAMES, QUICK_FRAMES = 2000, 300
STATE = ("features", "s")
DEGREE = 25
MODELS: dict[str, tuple[dict[str, Any], Callable[[int], numpy_loops.Function]]] = {
    "exp": ({"model": "sequence_exponential"}, lambda n: lambda m: np.exp((n - 1) * (m - 1))),
    f"d = {DEGREE}": ({"populations.motifs.params.d": DEGREE}, lambda _: lambda m: m**DEGREE),
}
NOTES = (
    "`recall_frames`, one trial from its first frame to its last: processor time of all steps, one thread, double"
    " precision, every state stored; ours is the difference between all of the steps and 10 % of them",
    "numpy: two matrix-vector products of OpenBLAS and the separation function; 'one matrix': shifts the hidden cells"
    " instead of reading the shifted copy of the weights",
    "the whole program: with its start, the weights that it reads and the states that it writes; the whole run:"
    " `neuroam.run` of the compiled circuit, with drawing the frames, learning, collecting and measuring",
)


def movie(effort: Effort, _: Path) -> Section:
    """One section: two separation functions."""
    frames = QUICK_FRAMES if effort.quick else FRAMES
    measured: list[Measured] = []
    for name, (settings, f) in MODELS.items():
        measured += compare(_case(f"{frames} frames of 784 pixels, {name}", settings, f, frames), effort.rounds)
    return comparison("A movie, replayed once", measured, NOTES, [])


def _case(name: str, settings: dict[str, Any], f: Callable[[int], numpy_loops.Function], frames: int) -> Case:
    steps = frames - 1
    world = {
        **settings,
        "patterns.memory.moving_digits.count": frames,
        "epochs.replay.show": {"pattern": 0},
        "trials": 1,
    }
    ours = prepare_epoch("recall_frames", "replay", world, steps, (STATE,))
    now, following = (np.ascontiguousarray(weights(ours.circuit, matrix)) for matrix in ("now", "next"))
    start = ours.long.initial[STATE][0]
    states: dict[str, np.ndarray] = {}

    def in_steps(turn: int) -> float:
        seconds, recording = ours.measure(turn)
        states[OURS] = recording.traces[STATE].values[0]
        return seconds * steps

    def loop(who: str, advance: numpy_loops.Function) -> Competitor:
        def measure(_: int) -> float:
            states[who], seconds = numpy_loops.replay(now, f(start.size), advance, start, steps)
            return seconds * steps

        return Competitor(who, measure, lambda: _same(states[who], states[OURS], "ours"))

    competitors = [
        Competitor(OURS, in_steps, lambda: _same(states[OURS], now, "the movie")),
        loop("numpy", lambda g: g @ following),
        loop("numpy, one matrix", lambda g: np.roll(g, 1) @ now),
        Competitor("the whole program", lambda turn: ours.run(ours.long, turn)[0]),
        _whole_run(world, ours),
    ]
    return Case(name, "s", competitors, [Bound(1.25, "numpy")])


def _whole_run(world: dict[str, Any], ours: Ours) -> Competitor:
    exact: list[float] = []
    settings = {**world, "epochs.replay.duration": f"{ours.long.n_steps} steps"}

    def measure(_: int) -> float:
        before = process_time() + seconds_of_children()
        found = neuroam.run("recall_frames", settings=settings, device="cpp")
        used = process_time() + seconds_of_children() - before
        exact.append(float(found.measures["frames_exact"].mean()))
        return used

    measure(0)  # compiles
    return Competitor("the whole run", measure, lambda: f"frames exact: {min(exact):g}")


def _same(found: np.ndarray, expected: np.ndarray, whose: str) -> str:
    return f"{int((found == expected).all(axis=1).sum())} of {len(expected)} frames as in {whose}"
