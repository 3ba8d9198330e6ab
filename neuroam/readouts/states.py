"""Levels, bits and visits read from a recording; shared by the readouts of error rates and of sequences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.readouts.activity import Window, binned, bins_of, span
from neuroam.recording import Recording
from neuroam.units import Quantity

INTERVALS = {"wilson": "wilson", "t": "share"}  # of error rates: the attribute of what was asked for

BIN = 0.01  # seconds in which it is asked which pattern leads, in continuous time


class Visit(NamedTuple):
    """One stay of a trial in one pattern; ``onset`` and ``end`` in seconds."""

    row: int
    onset: float
    end: float


def last_values(recording: Recording, population: str, variable: str) -> Array:
    """A variable after the last step (the last sample), (trials, cells).

    Raises
    ------
    FunctionError
        If it was not recorded.
    """
    if (population, variable) not in recording.traces:
        raise FunctionError(
            f"'{population}.{variable}' was not recorded", f"add 'record: {{{population}: [{variable}]}}'"
        )
    return recording.traces[population, variable].values[:, -1]


def last_levels(recording: Recording, circuit: Circuit, port: str) -> Array:
    """The first state of a port's cells after the last step, rounded to whole numbers, (trials, cells).

    Raises
    ------
    FunctionError
        If the cells have no state.
    """
    population = circuit.populations[circuit.ports[port].population]
    if not population.cell.states:
        raise FunctionError(f"the cells of '{population.name}' have no state to read a level from")
    return np.rint(last_values(recording, population.name, population.cell.states[0]))


def wrong_levels(recording: Recording, circuit: Circuit, trials: Trials, port: str) -> NDArray[np.bool_]:
    """Where the level at the end is not that of the cued pattern, (trials, units).

    Raises
    ------
    FunctionError
        If cells and units do not correspond.
    """
    levels, target = last_levels(recording, circuit, port), circuit.patterns[port].values[trials.cued]
    if levels.shape != target.shape:
        raise FunctionError(f"the port '{port}' has {levels.shape[1]} cells for {target.shape[1]} units")
    return np.asarray(levels != np.rint(target))


def bits(recording: Recording, circuit: Circuit, trials: Trials, port: str, window: Window, epoch: str | None) -> Array:
    """Bits of a port in a window, (trials, units) in {0, 1}.

    Spiking cells: 1 above half of the largest rate in the trial.  Graded cells: 1 above one half.
    """
    start, stop = span(window, trials, recording.dt, epoch)
    activity = binned(recording, circuit, port, np.array([start, stop]))[:, 0]
    spiking = circuit.ports[port].population in recording.spikes
    half = 0.5 * activity.max(axis=1, keepdims=True, initial=0.0) if spiking else 0.5
    return (activity > half).astype(float)


def bin_width(circuit: Circuit, width: Quantity | None) -> float:
    """The width of a bin in seconds; unless given, one step in discrete time and 10 ms in continuous time."""
    if width is not None:
        return width.value
    return circuit.dt if circuit.update != "continuous" else BIN


def shares(
    recording: Recording, circuit: Circuit, trials: Trials, port: str, window: Window, epoch: str | None
) -> Array:
    """How much of a window every unit was active, (trials, units) from 0 to 1.

    Spiking cells: their rate over the largest one of the trial.  Graded cells: their mean, cut at 0 and 1.
    """
    start, stop = span(window, trials, recording.dt, epoch)
    activity = binned(recording, circuit, port, np.array([start, stop]))[:, 0]
    if circuit.ports[port].population in recording.spikes:
        largest = activity.max(axis=1, keepdims=True, initial=0.0)
        activity = activity / np.where(largest > 0, largest, 1.0)
    return np.clip(activity, 0.0, 1.0)


def visits(
    recording: Recording, circuit: Circuit, trials: Trials, port: str, epoch: str | None, width: Quantity | None,
    share: float,
) -> list[list[Visit]]:  # fmt: skip
    """For every trial, the patterns that it dwelt in during an epoch, in order.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    port : str
        Its population has one place per pattern.
    epoch : str, optional
        Name of the epoch; the whole run unless given.
    width : Quantity, optional
        Width of a bin, a time; see `bin_width`.
    share : float
        A place leads a bin if it is the most active one and has at least this share of the summed activity; bins that
        nobody leads belong to the stay before.

    Returns
    -------
    list of list of Visit
        Stays that begin inside the epoch; one that was under way at its start has ``onset`` NaN.
    """
    start, stop = span(Window(), trials, recording.dt, epoch)
    edges = bins_of(trials, recording.dt, bin_width(circuit, width))
    activity = np.maximum(binned(recording, circuit, port, edges), 0.0)
    total = activity.sum(axis=2)
    leads = (total > 0) & (activity.max(axis=2, initial=0.0) >= share * total)
    leader = np.where(leads, activity.argmax(axis=2), -1)
    return [_stays(row, edges, start, stop, recording.dt) for row in leader]


def _stays(leader: NDArray[np.int64], edges: NDArray[np.int64], start: int, stop: int, dt: float) -> list[Visit]:
    led = [(int(row), int(edge)) for row, edge in zip(leader, edges[:-1], strict=True) if row >= 0]
    changes = [k for k in range(len(led)) if k == 0 or led[k][0] != led[k - 1][0]]
    found = []
    for k, following in zip(changes, [*changes[1:], len(led)][: len(changes)], strict=True):
        row, onset = led[k]
        end = led[following][1] if following < len(led) else int(edges[-1])
        if end > start and onset < stop:
            found.append(Visit(row, onset * dt if onset >= start else np.nan, end * dt if end < stop else np.nan))
    return found
