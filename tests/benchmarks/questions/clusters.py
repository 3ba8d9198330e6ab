"""What does recall by clusters visited in turn cost, where most cells stand still at any time?"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np

import neuroam
from neuroam.circuit import Circuit, Sparse
from neuroam.evaluate import as_array
from neuroam.resolve import resolve
from neuroam.sim.batches import cores
from tests.benchmarks.compare import OURS, Bound, Case, Competitor, compare
from tests.benchmarks.peers.numpy_clusters import Cluster, Setting, recall
from tests.benchmarks.report import Effort, Section, comparison, number

LEVELS = tuple(round(0.1 * level, 1) for level in range(10))
NOTES = (
    "`noise_benefit`: 50 of 400 cells off by one level, elapsed time of a level of noise, everything included;"
    " both start from the same cues with the same weights",
    "numpy: the same two algorithms, all trials of a visit at once, closed and ended ones left out; one process",
)


def clusters(effort: Effort, _: Path) -> Section:
    """One section: a level at which recall fails, one at which it succeeds, and all ten."""
    trials = 20 if effort.quick else 300
    settings = {"patterns.memory.subspace.count": trials}
    circuit, world = resolve(neuroam.load("noise_benefit", settings=settings))
    cues, parts = world.initial["pattern", "x"], parts_of(circuit)
    stored = circuit.patterns["memory"].values[world.cued]
    errors: dict[str, list[float]] = {OURS: [], "numpy": []}

    def ours(levels: tuple[float, ...]) -> float:
        started = perf_counter()
        for level in levels:
            found = neuroam.run("noise_benefit", settings={**settings, "controls.upsilon": level}, device="cpp")
            errors[OURS].append(float(found.measures["symbol_error_rate"].mean()))
        return perf_counter() - started

    def numpy(levels: tuple[float, ...], seed: int) -> float:
        started = perf_counter()
        for level in levels:
            x, _ = recall(parts, cues, Setting(level), seed)
            errors["numpy"].append(float((x != stored).mean()))
        return perf_counter() - started

    measured = []
    cases = {"upsilon = 0.1": LEVELS[1:2], "upsilon = 0.4": LEVELS[4:5]}
    cases |= {} if effort.quick else {"all of 0, 0.1, ..., 0.9": LEVELS}
    for name, levels in cases.items():
        for kept in errors.values():
            kept.clear()
        competitors = [
            Competitor(OURS, lambda _, levels=levels: ours(levels), lambda: _shown(errors[OURS], cores("cpp"))),
            Competitor("numpy", lambda turn, levels=levels: numpy(levels, turn), lambda: _shown(errors["numpy"], 1)),
        ]
        bounds = [Bound(1.0, "numpy")] if len(levels) > 1 else []
        case = Case(f"{trials} trials, {name}", "s", competitors, bounds, pinned=False)
        measured += compare(case, 1 if len(levels) > 1 else effort.rounds)
    return comparison("Clusters visited in turn", measured, NOTES, [])


def parts_of(circuit: Circuit) -> list[Cluster]:
    """The clusters of ``noisy_clusters_discrete`` with their weights."""
    weights, groups = (circuit.matrices[name].weights for name in ("w", "groups"))
    assert isinstance(weights, Sparse)
    full, found = as_array(weights), []
    for row in as_array(groups):  # type: ignore[arg-type]
        own = full[np.flatnonzero(row)]
        units = np.flatnonzero(own.any(axis=0))
        found.append(Cluster(units, own[:, units]))
    return found


def _shown(errors: list[float], at_once: int) -> str:
    listed = ", ".join(number(error) for error in errors[-10:])
    return f"{at_once} core{'s' if at_once > 1 else ''}; symbol error rates {listed}"
