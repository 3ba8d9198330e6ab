"""What does a noisy network of 1000 spiking cells cost?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from neuroam.circuit import Circuit, Dense, Matrix, Ones, Projection
from tests.benchmarks.compare import OURS, Bound, Case, Competitor, Measured, compare
from tests.benchmarks.machine import lacks
from tests.benchmarks.ours import Ours, compiled, prepare
from tests.benchmarks.peers import ask, brian, job
from tests.benchmarks.report import Effort, Section, comparison

EXCITATORY, CELLS = 800, 1000
STEPS_PER_SECOND = 10_000
PROJECTIONS = ("exc_to_exc", "exc_to_inh", "inh_to_exc", "inh_to_inh")
RATES_AGREE = 0.05  # about three times the spread of one second between networks
NOTES = (
    "processor seconds per simulated second, one thread, at dt = 0.1 ms; rates in the last column must agree within 5 %",
    "the same contacts and weights in all simulators (100 %: weights a tenth as large); each draws its own noise",
    "'own weights': every synapse has another weight. Where all are equal, ours counts spikes and multiplies once",
    "Brian2: `xi`, two Synapses, C++ standalone, default flags; the time of its run, without start and wiring",
    "NEST: iaf_psc_delta with a noise_generator of the same variance at every step, one thread, after 100 ms",
)


@dataclass
class Rates:
    """Firing rates of every competitor, one per round."""

    found: dict[str, list[float]] = field(default_factory=dict)

    def add(self, who: str, hertz: float) -> None:
        self.found.setdefault(who, []).append(hertz)

    def remark(self, who: str) -> Callable[[], str]:
        """The mean rate, and whether it is that of the others."""

        def text() -> str:
            own, ours = float(np.mean(self.found[who])), float(np.mean(self.found[OURS]))
            agrees = abs(own / ours - 1) <= RATES_AGREE
            return f"{own:.1f} Hz" + ("" if agrees else f": DIFFERS from {ours:.1f} Hz")

        return text


def spiking(effort: Effort, folder: Path) -> Section:
    """One section: sparse, and all-to-all."""
    seconds = 0.2 if effort.quick else 1.0
    measured: list[Measured] = []
    for name, settings, own_weights in (
        ("10 % connected", {}, False),
        ("100 % connected", _all_to_all(), False),
        ("100 %, own weights", _all_to_all(), True),
    ):
        made = _case(name, settings, own_weights, seconds, folder / name.replace(" ", "_"))
        measured += compare(made, effort.rounds)
    skipped = [f"NEST: {lacks('nest')}"] if lacks("nest") else []
    return comparison("1000 noisy integrate-and-fire cells", measured, NOTES, skipped)


def _all_to_all() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in PROJECTIONS:
        found[f"projections.{name}.connect"] = "all"
        found[f"projections.{name}.weights"] = "0.02 mV" if name.startswith("exc") else "-0.1 mV"
    return found


def _case(name: str, settings: dict[str, Any], own_weights: bool, seconds: float, folder: Path) -> Case:
    steps = round(1.1 * seconds * STEPS_PER_SECOND)
    ours = prepare("noise_driven", settings, steps)
    if own_weights:
        ours = compiled(replace(ours, circuit=_with_own_weights(ours.circuit)))
    arrays = _arrays(ours)
    rates = Rates()
    competitors = [_ours(ours, rates), _brian(arrays, own_weights, seconds, rates, folder)]
    if not lacks("nest"):
        competitors.append(_nest(arrays, seconds, rates, folder))
    return Case(name, "s", competitors, [Bound(1.05, "Brian2"), Bound(0.5, "NEST")])


def _ours(ours: Ours, rates: Rates) -> Competitor:
    def measure(turn: int) -> float:
        seconds, recording = ours.measure(turn)
        spikes = sum(int(found.step.size) for found in recording.spikes.values())
        rates.add(OURS, spikes / CELLS / (recording.n_steps * recording.dt))
        return seconds * STEPS_PER_SECOND

    return Competitor(OURS, measure, rates.remark(OURS))


def _brian(arrays: dict[str, np.ndarray], own_weights: bool, seconds: float, rates: Rates, folder: Path) -> Competitor:
    steps = round(seconds * STEPS_PER_SECOND)
    case = {"steps": steps, "excitatory": EXCITATORY, "own_weights": own_weights}
    program = brian.build("spiking", folder / "brian", arrays, **case)

    def measure(_: int) -> float:
        per_step = program.seconds_per_step()
        rates.add("Brian2", program.result("spikes", "int32").size / CELLS / seconds)
        return per_step * STEPS_PER_SECOND

    return Competitor("Brian2", measure, rates.remark("Brian2"))


def _nest(arrays: dict[str, np.ndarray], seconds: float, rates: Rates, folder: Path) -> Competitor:
    asked = job("nest_network", folder / "nest", {"kind": "spiking", "milliseconds": seconds * 1e3}, arrays)

    def measure(_: int) -> float:
        answer = ask(asked)
        rates.add("NEST", answer["rate"])
        return float(answer["seconds"])

    return Competitor("NEST", measure, rates.remark("NEST"))


def _with_own_weights(circuit: Circuit) -> Circuit:
    """The same circuit with a factor between 0.5 and 1.5 at every synapse."""
    rng = np.random.default_rng(1)
    matrices = {}
    for name, matrix in circuit.matrices.items():
        assert isinstance(matrix.weights, Ones)
        matrices[name] = Matrix(name, Dense(rng.uniform(0.5, 1.5, matrix.shape)))
    return replace(circuit, matrices=matrices)


def _arrays(ours: Ours) -> dict[str, np.ndarray]:
    """Contacts, weights in volts and initial potentials, with the excitatory cells first."""
    parts = [_edges(projection, ours.circuit) for projection in ours.circuit.projections.values()]
    pre, post, w = (np.concatenate(column) for column in zip(*parts, strict=True))
    v = np.concatenate([ours.long.initial[name, "v"][0] for name in ("exc", "inh")])
    return {"pre": pre, "post": post, "w": w, "v": v}


def _edges(projection: Projection, circuit: Circuit) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first = {"exc": 0, "inh": EXCITATORY}
    weights = circuit.matrices[projection.matrix].weights
    if isinstance(weights, Dense):
        post, pre = np.indices(weights.values.shape).reshape(2, -1)
        factor = weights.values.ravel()
    elif isinstance(weights, Ones):
        post, pre = np.indices(weights.shape).reshape(2, -1)
        factor = np.ones(post.size)
    else:
        post, pre = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr)), weights.indices
        factor = weights.data
    return pre + first[projection.pre], post + first[projection.post], factor * projection.gain
