"""In which order are cells drawn?  Sorted by the memory that was cued, with names for the parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, PatternSet, Population, Trials
from neuroam.codes import encode
from neuroam.recording import Recording, Spikes

DWELL = "dwell"  # attribute of patterns: how long each is to be held, in seconds
END = 0.2  # seconds at the end of a run from which its answer is read


@dataclass(frozen=True)
class Group:
    """Neighbours in a drawing: ``cells`` in drawn order; ``strong`` ones belong to the memory that is looked for."""

    label: str
    cells: NDArray[np.int64]
    strong: bool


def stored(circuit: Circuit, trials: Trials) -> PatternSet | None:
    """Patterns of the cued port, if anything was cued."""
    patterns = circuit.patterns.get(trials.cue_port)
    return patterns if patterns is not None and patterns.count else None


def noun(circuit: Circuit, port: str) -> str:
    """What the patterns of a port are: memories, unless it is that of an input layer, in which nothing is stored.

    Those go by the name of the port where it is a word of its own, as in odour 3, else they are patterns.
    """
    population = circuit.ports[port].population if port else ""
    if not port or any(projection.post == population for projection in circuit.projections.values()):
        return "memory"
    return "pattern" if port in (population, "memory") or port.endswith("s") else port


def plural(word: str) -> str:
    """Memories, odours."""
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def shown_text(circuit: Circuit, trials: Trials, trial: int, comma: str = "") -> str:
    """What one trial shows: a memory is cued, an odour is shown."""
    word = noun(circuit, trials.cue_port)
    return f"{word} {trials.cued[trial]}{comma} {'cued' if word == 'memory' else 'shown'}"


def in_sequence(circuit: Circuit, port: str) -> bool:
    """Are the patterns of a port a sequence: is a matrix made with a lag between them, or have they dwell times?

    A circuit with such a matrix moves on from the pattern that was cued.
    """
    patterns = circuit.patterns.get(port)
    lagged = any(matrix.sequence == port for matrix in circuit.matrices.values())
    return patterns is not None and (lagged or DWELL in patterns.attributes)


def active(values: Array, code: str, binary: bool) -> NDArray[np.bool_]:
    """Cells that a row of coded activity wants active: above the middle of its range."""
    if not binary and code in ("levels", "rates"):
        return np.asarray(values > 0.5 * (values.max(initial=0.0) + values.min(initial=0.0)))
    return np.asarray(values > (0.0 if code == "bipolar" else 0.5))


def codes_units(circuit: Circuit, trials: Trials, population: Population) -> bool:
    """Is this the population of the cued port?"""
    return bool(trials.cue_port) and circuit.ports[trials.cue_port].population == population.name


def counts_patterns(circuit: Circuit, trials: Trials, population: Population) -> bool:
    """Does every place of this population stand for one stored pattern of the cued port?"""
    patterns = stored(circuit, trials)
    if patterns is None or population.code != "one_hot" or "row" not in population.labels:
        return False
    return n_places(population) == patterns.count


def n_places(population: Population) -> int:
    """Cells, with copies counted once."""
    return int(population.labels["place"].max(initial=-1)) + 1


def groups(
    circuit: Circuit, trials: Trials, population: Population, trial: int, wins: int | None = None
) -> list[Group]:
    """Cells of a population in the order in which they are drawn, from the top.

    Parameters
    ----------
    circuit, trials
        Of the run.
    population : Population
        Of this circuit.
    trial : int
        Its cued memory decides the order.
    wins : int, optional
        Memory that the cells of this population voted for, to be named where it is not the cued one.

    Returns
    -------
    list of Group
        The cued port's population, if patterns are binary: on cells, then off cells, and within these those of the
        cued memory first.  A population of one place per pattern: in the order of the patterns, the cued one named.
        Any other: as it is.
    """
    patterns = stored(circuit, trials)
    everything = np.arange(population.size)
    if patterns is not None and codes_units(circuit, trials, population):
        code = circuit.ports[trials.cue_port].code
        row = encode(patterns.values[trials.cued[trial]], code, patterns.binary)
        # a graded pattern has no cells of its own: any limit between its levels would be ours
        if row.size == n_places(population) and patterns.binary:
            return _by_membership(population, row, code, noun(circuit, trials.cue_port))
    if counts_patterns(circuit, trials, population):
        cued = int(trials.cued[trial])
        marks = {cued: shown_text(circuit, trials, trial, ",")}
        if wins is not None and wins != cued:
            marks[wins] = f"{noun(circuit, trials.cue_port)} {wins}, wins"
        return _by_pattern(population, marks)
    return [Group("", everything, strong=True)]


def _by_membership(population: Population, row: Array, code: str, word: str) -> list[Group]:
    member = active(row, code, True)[population.labels["place"]]
    on = population.labels["place"] < row.size // 2
    if code == "on_off":
        parts = [
            (f"on, in {word}", on & member, True),
            ("on, other", on & ~member, False),
            (f"off, in {word}", ~on & member, True),
            ("off, other", ~on & ~member, False),
        ]
    elif code == "bipolar":
        parts = [(f"+1 in {word}", member, True), (f"\N{MINUS SIGN}1 in {word}", ~member, False)]
    else:
        parts = [(f"in {word}", member, True), ("other", ~member, False)]
    return [Group(label, np.flatnonzero(cells), strong) for label, cells, strong in parts if cells.any()]


def _by_pattern(population: Population, marks: Mapping[int, str]) -> list[Group]:
    place = population.labels["place"]
    found: list[Group] = []
    start = 0
    for mark in sorted(marks):
        found.append(Group("", np.flatnonzero((place >= start) & (place < mark)), strong=False))
        found.append(Group(marks[mark], np.flatnonzero(place == mark), strong=True))
        start = mark + 1
    found.append(Group("", np.flatnonzero(place >= start), strong=False))
    return [group for group in found if group.cells.size]


def trial_slice(spikes: Spikes, trial: int) -> slice:
    """Where the spikes of one trial lie; they are sorted by trial."""
    first, last = np.searchsorted(spikes.trial, [trial, trial + 1])
    return slice(int(first), int(last))


def end_steps(circuit: Circuit, trials: Trials) -> int:
    """Steps at the end from which the answer is read: 200 ms, not longer than the last epoch; 1 in discrete time."""
    if circuit.update != "continuous":
        return 1
    last = trials.epochs[-1].stop - trials.epochs[-1].start if trials.epochs else trials.n_steps
    return max(1, min(round(END / circuit.dt), last))


def signal_of(recording: Recording, circuit: Circuit, name: str) -> str | None:
    """The recorded variable that stands for the activity of graded cells: an output, else a state."""
    cell = circuit.populations[name].cell
    candidates = [*(output for output, _ in cell.outputs), *cell.states]
    return next((variable for variable in candidates if (name, variable) in recording.traces), None)


def end_activity(recording: Recording, circuit: Circuit, trials: Trials, name: str, trial: int) -> Array | None:
    """Mean activity of every place at the end of one trial, copies averaged; None if it was not recorded."""
    population = circuit.populations[name]
    steps = end_steps(circuit, trials)
    variable = signal_of(recording, circuit, name)
    if name in recording.spikes:
        spikes = recording.spikes[name]
        part = trial_slice(spikes, trial)
        late = spikes.step[part] >= trials.n_steps - steps
        activity = np.bincount(spikes.cell[part][late], minlength=population.size) / (steps * circuit.dt)
    elif variable is not None:
        trace = recording.traces[name, variable]
        first = min(int(np.searchsorted(trace.step, trials.n_steps - steps)), len(trace.step) - 1)
        activity = trace.values[trial, first if circuit.update == "continuous" else -1 :].mean(axis=0)
    else:
        return None
    total = np.bincount(population.labels["place"], weights=activity, minlength=n_places(population))
    return total / np.maximum(np.bincount(population.labels["place"], minlength=n_places(population)), 1)


def winner(recording: Recording, circuit: Circuit, trials: Trials, name: str, trial: int) -> int | None:
    """The place that is most active at the end; None if none is, or it was not recorded."""
    activity = end_activity(recording, circuit, trials, name, trial)
    if activity is None or activity.size == 0 or np.ptp(activity) == 0:
        return None
    return int(activity.argmax())
