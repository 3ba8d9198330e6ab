"""When did a sequence come to its patterns, and when should it have?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Port, Trials
from neuroam.errors import FunctionError
from neuroam.plots.cells import counts_patterns, stored, trial_slice
from neuroam.plots.run import RunData
from neuroam.plots.style import INK, ORDERED, PALE, tidy
from neuroam.readouts.activity import output_of
from neuroam.readouts.states import Visit, visits
from neuroam.recording import Recording, Spikes

SHARE = 0.5  # of the activity, from which a pattern leads
MOST = 10_000  # target onsets


def alone(run: RunData, trial: int) -> tuple[Recording, Trials]:
    """One trial as a run of its own: what the readouts of a figure of one trial look at."""
    spikes = {}
    for name, found in run.recording.spikes.items():
        part = trial_slice(found, trial)
        spikes[name] = Spikes(np.zeros_like(found.trial[part]), found.step[part], found.cell[part])
    traces = {
        key: replace(trace, values=trace.values[trial : trial + 1]) for key, trace in run.recording.traces.items()
    }
    trials = replace(run.trials, index=run.trials.index[[trial]], cued=run.trials.cued[[trial]])
    return replace(run.recording, n_trials=1, spikes=spikes, traces=traces, weights={}), trials


def motif_port(run: RunData, kind: str) -> str:
    """The first port whose cells stand for the patterns that are cued, one place for each, and that was recorded.

    Raises
    ------
    FunctionError
        If nothing was cued, or there is no such port, or its cells were not recorded.
    """
    circuit = run.circuit
    if stored(circuit, run.trials) is None:
        raise FunctionError(f"the figure '{kind}' is of stored patterns of which one is cued", "show one in an epoch")
    ports = [
        port
        for port in circuit.ports.values()
        if counts_patterns(circuit, run.trials, circuit.populations[port.population])
    ]
    if not ports:
        what = f"the figure '{kind}' needs a port whose cells stand for the patterns of '{run.trials.cue_port}'"
        raise FunctionError(what, "add one with the code one_hot to the model, as 'sequence_lif' does")
    recorded = [port for port in ports if not _lacks(run, port.population)]
    need_recorded(run, (recorded or ports)[0])
    return (recorded or ports)[0].name


def need_recorded(run: RunData, port: Port) -> None:
    """A figure shows the activity of the cells of a port.

    Raises
    ------
    FunctionError
        If it was not recorded: what to write into the protocol.
    """
    lacking = _lacks(run, port.population)
    if lacking:
        fix = f"add it to the protocol and run again: record: {{{port.name}: [{lacking}]}}"
        raise FunctionError(f"'{port.population}.{lacking}' was not recorded", fix)


def _lacks(run: RunData, population: str) -> str:
    """What would have to be recorded to know the activity of a population; nothing if it is there."""
    if run.circuit.populations[population].cell.event is not None:
        return "" if population in run.recording.spikes else "spikes"
    variable = output_of(run.circuit, population)
    return "" if (population, variable) in run.recording.traces else variable


def stays_of(recording: Recording, circuit: Circuit, trials: Trials, port: str) -> list[Visit]:
    """The patterns that the first trial dwelt in during the run, in order."""
    return visits(recording, circuit, trials, port, None, None, SHARE)[0]


def steps_in_order(stays: Sequence[Visit], count: int) -> tuple[int, int]:
    """How many steps from one pattern to another lead to the successor (the first one follows the last), and of all."""
    steps = [(after.row - before.row) % count for before, after in pairwise(stays)]
    return sum(step == 1 for step in steps), len(steps)


def targets(stays: Sequence[Visit], wanted: Array, stop: float) -> tuple[NDArray[np.int64], Array]:
    """Rows and onsets as they should be: patterns as long as wanted, from the second stay on if it is the right one.

    The first stay is that of the cue, which holds it as long as it lasts.

    Parameters
    ----------
    stays : sequence of Visit
        The measured ones.  The last pattern is followed by the first one if it ever was.
    wanted : ndarray
        (patterns,), seconds.
    stop : float
        Onsets are before this time, seconds.
    """
    if not stays or not (wanted > 0).all():
        return np.empty(0, dtype=np.int64), np.empty(0)
    last = len(wanted) - 1
    again = any((before.row, after.row) == (last, 0) for before, after in pairwise(stays))
    follows = len(stays) > 1 and (stays[1].row - stays[0].row) % len(wanted) == 1
    first = stays[int(follows)]
    rows = first.row + np.arange(MOST if again else last + 1 - first.row)
    rows = rows % len(wanted)
    onsets = first.onset + np.concatenate([[0.0], np.cumsum(wanted[rows])[:-1]])
    return rows[onsets < stop], onsets[onsets < stop]


def staircase(stays: Sequence[Visit], axes: Axes, *, count: int, stop: float, wanted: Array | None = None) -> Axes:
    """One line per stay at the height of its pattern, from its onset to the next one; diamonds where it should begin.

    Parameters
    ----------
    stays : sequence of Visit
        Of one trial, in order.
    axes : Axes
        Time in ms; the first pattern is on top.
    count : int
        Number of patterns.
    stop : float
        End of the run, seconds.
    wanted : ndarray, optional
        (patterns,): dwell times in seconds, for the target onsets.
    """
    begin = 1e3 * np.array([stay.onset for stay in stays])
    end = np.append(begin[1:], 1e3 * stop)
    rows = np.array([stay.row for stay in stays], dtype=float)
    lines = [[(a, row), (b, row)] for a, b, row in zip(begin, end, rows, strict=False)]
    jumps = [[(b, row), (b, after)] for b, row, after in zip(end, rows, rows[1:], strict=False)]
    axes.add_collection(LineCollection(jumps, colors=PALE, linewidths=0.8, zorder=1, label="_jumps"))
    axes.add_collection(
        LineCollection(
            lines, array=rows, cmap=ORDERED, clim=(0, max(count - 1, 1)), linewidths=3.0, zorder=2, label="visited"
        )
    )
    if wanted is not None:
        due, onsets = targets(stays, wanted, stop)
        axes.plot(
            1e3 * onsets, due, linestyle="none", marker="D", markersize=4.5, markerfacecolor="white",
            markeredgecolor=INK, markeredgewidth=0.9, zorder=3, clip_on=False, label="onset as wanted",
        )  # fmt: skip
    axes.set_xlim(0.0, 1e3 * stop)
    axes.set_ylim(count - 0.4, -0.6)
    tidy(axes)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylabel("pattern")
    return axes
