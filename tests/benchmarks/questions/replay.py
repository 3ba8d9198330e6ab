"""How much faster than real time is the spiking sequence memory?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from neuroam.circuit import Circuit, Projection, Trials
from neuroam.evaluate import as_array
from neuroam.readouts.order import order
from neuroam.recording import Recording, Spikes
from tests.benchmarks.compare import OURS, Bound, Case, Competitor, Measured, compare
from tests.benchmarks.ours import Ours, prepare_epoch
from tests.benchmarks.peers.numpy_replay import Network, run
from tests.benchmarks.report import Effort, Section, comparison, number

STEPS_PER_SECOND = 5000
STEPS, QUICK_STEPS = 12_500, 2500  # after those of the cue
SHOWN = ("features", "motifs")
NOTES = (
    "`replay_sequence`: 500 feature cells, 12 patterns of 20 motif cells, 50 inhibitory cells; 50 ms of cue and 2.5 s of"
    " replay at dt = 0.2 ms; processor seconds per second of biological time, all trials together, one thread",
    "ours is the difference between the whole replay and 10 % of it; spikes are recorded, and nothing else",
    "numpy: the same cells and weights, all trials at once and a loop over the few spikes of a step; other noise",
    "faster than real time: biological time of all trials over processor time; order: share of transitions to the successor",
)


@dataclass
class Watched:
    """What a competitor took and what it did, over all turns."""

    circuit: Circuit
    trials: Trials
    seconds: list[float] = field(default_factory=list)
    orders: list[float] = field(default_factory=list)
    hertz: list[list[float]] = field(default_factory=list)

    def add(self, per_step: float, recording: Recording) -> float:
        """Seconds per second of biological time."""
        self.seconds.append(per_step * STEPS_PER_SECOND)
        found = order(recording, self.circuit, self.trials, port="motifs", epoch="replay")
        self.orders.append(float(found.mean()))
        cell_seconds = {name: self.circuit.populations[name].size * self._biological for name in SHOWN}
        self.hertz.append([recording.spikes[name].step.size / cell_seconds[name] for name in SHOWN])
        return self.seconds[-1]

    @property
    def _biological(self) -> float:
        return self.trials.count * self.trials.n_steps / STEPS_PER_SECOND

    def remark(self) -> str:
        """How fast, and whether it is the same thing."""
        factor = number(self.trials.count / float(np.median(self.seconds)))
        rates = ", ".join(
            f"{name} {hertz:.1f} Hz" for name, hertz in zip(SHOWN, np.mean(self.hertz, axis=0), strict=True)
        )
        return f"{factor} x faster than real time; order {np.mean(self.orders):.2f}; {rates}"


def replay(effort: Effort, _: Path) -> Section:
    """One section: alone, and four trials in a batch."""
    measured: list[Measured] = []
    for trials in (1, 4):
        measured += compare(_case(trials, QUICK_STEPS if effort.quick else STEPS), effort.rounds)
    return comparison("Spiking sequence memory", measured, NOTES, [])


def _case(trials: int, steps: int) -> Case:
    ours = prepare_epoch("replay_sequence", "replay", {"trials": trials}, steps)
    network, cue = _network(ours.circuit), _cue(ours)
    mine, theirs = Watched(ours.circuit, ours.long), Watched(ours.circuit, ours.long)
    example = ours.run(ours.long)[1]

    def compiled_program(turn: int) -> float:
        return mine.add(*ours.measure(turn))

    def loop(turn: int) -> float:
        spikes, per_step = run(network, cue, ours.long.n_steps, turn)
        return theirs.add(per_step, replace(example, spikes=_by_population(spikes, ours.circuit)))

    competitors = [Competitor(OURS, compiled_program, mine.remark), Competitor("numpy", loop, theirs.remark)]
    return Case(f"{trials} trial{'s' * (trials > 1)}", "s", competitors, [Bound(1.0)])


def _spans(circuit: Circuit) -> dict[str, slice]:
    """Which cells of the whole network are those of a population."""
    sizes = [population.size for population in circuit.populations.values()]
    ends = np.cumsum(sizes).tolist()
    return {name: slice(end - size, end) for name, size, end in zip(circuit.populations, sizes, ends, strict=True)}


def _network(circuit: Circuit) -> Network:
    """The numbers of ``sequence_lif``."""
    spans, cells = _spans(circuit), circuit.populations.values()
    projections = circuit.projections.values()
    widths = [circuit.populations[projection.post].size for projection in projections]
    weights, tau, felt = np.zeros((spans["inhibitory"].stop, sum(widths))), np.empty(sum(widths)), []
    for projection, width, end in zip(projections, widths, np.cumsum(widths).tolist(), strict=True):
        traces = slice(end - width, end)
        weights[spans[projection.pre], traces] = _weights(circuit, projection).T
        assert projection.filter is not None
        tau[traces] = projection.filter.params["tau"] / circuit.dt
        felt.append((traces, spans[projection.post]))

    def each(name: str, unit: float = 1.0) -> np.ndarray:
        return np.concatenate([np.full(population.size, population.params[name] / unit) for population in cells])

    refractory = np.rint(each("refractory", circuit.dt)).astype(int)
    return Network(each("tau_m", circuit.dt), each("bias"), each("noise"), refractory, weights, tau, tuple(felt))


def _weights(circuit: Circuit, projection: Projection) -> np.ndarray:
    """(post, pre); cells of one place have the same row."""
    matrix = as_array(circuit.matrices[projection.matrix].weights)
    matrix = matrix.T if projection.transpose else matrix
    ends = [circuit.populations[name] for name in (projection.post, projection.pre)]
    rows, columns = (
        end.labels["row"] if size != end.size else np.arange(size) for end, size in zip(ends, matrix.shape, strict=True)
    )
    return matrix[np.ix_(rows, columns)] * np.reshape(projection.gain, (-1, 1))


def _cue(ours: Ours) -> np.ndarray:
    """The current of the cue, (steps, trials, cells)."""
    signal, spans = ours.long.drives["features", "drive"], _spans(ours.circuit)
    steps = np.flatnonzero(signal.row >= 0).max() + 1
    found = np.zeros((steps, ours.long.count, spans["inhibitory"].stop))
    found[:, :, spans["features"]] = signal.table[signal.row[:steps]]
    return found


def _by_population(spikes: np.ndarray, circuit: Circuit) -> dict[str, Spikes]:
    """Sorted by trial, then step, then cell."""
    step, trial, cell = spikes[np.lexsort((spikes[:, 2], spikes[:, 0], spikes[:, 1]))].T
    found = {}
    for name, span in _spans(circuit).items():
        own = (cell >= span.start) & (cell < span.stop)
        parts = (trial[own], step[own], cell[own] - span.start)
        found[name] = Spikes(*(part.astype(np.int32) for part in parts))
    return found
