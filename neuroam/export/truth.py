"""The ground truth of every trial: what was shown and how it was degraded, what was recalled, and how well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import FunctionError
from neuroam.export.source import Source, measures_of
from neuroam.network import Network
from neuroam.readouts.activity import Window
from neuroam.readouts.overlap import overlap
from neuroam.readouts.winner import winner

RECALL = {"overlap": overlap, "winner": winner}


@dataclass(frozen=True)
class Column:
    """Values, one per row, and what they are."""

    values: NDArray[Any]
    about: str


Table = Mapping[str, Column]


def trials_table(source: Source, number: int) -> dict[str, Column]:
    """One row per trial of a network: what was shown, what came back, and every measure that is a number per trial.

    ``corruption`` is how much of the pattern was not shown as it is stored, whatever corrupted it; ``recalled_pattern``
    and ``overlap`` are those of the protocol's readouts ``winner`` and ``overlap`` of the cued port where it has them,
    else those of the last epoch.  -1 stands for no pattern.
    """
    network, measures = source.networks[number], measures_of(source, number)
    trials, found = network.trials, {}
    found["trial"] = Column(trials.index, "number of the trial, from 0")
    if trials.conditions:
        names = np.array([trials.conditions[k] for k in trials.condition], dtype=object)
        found["condition"] = Column(names, "condition in which the pattern was cued")
    used = set()
    if trials.cue_port and network.circuit.patterns[trials.cue_port].count:
        found |= _cue(source, network)
        for key, name in (("recalled_pattern", "winner"), ("overlap", "overlap")):
            measured = _measured(source, trials.cue_port, name, measures)
            used |= {measured} if measured else set()
            values = measures[measured].to_numpy() if measured else _of_last_epoch(network, name)
            whole = np.where(np.isfinite(values), values, -1).astype(np.int64) if name == "winner" else values
            found[key] = Column(whole, ABOUT[key])
    for name, array in measures.items():
        if array.dims == ("trial",) and name not in used and name not in found:
            found[name] = Column(array.to_numpy(), f"measure of the protocol, in {array.attrs.get('units', '1')}")
    return found


ABOUT = {
    "recalled_pattern": "stored pattern that is most like the state at the end; -1 if none",
    "overlap": "overlap of the state at the end with the cued pattern, from -1 to 1",
}


def _cue(source: Source, network: Network) -> dict[str, Column]:
    trials = network.trials
    stored = network.circuit.patterns[trials.cue_port]
    found = {"cued_pattern": Column(trials.cued, "number of the stored pattern that was cued, from 0")}
    if trials.cue_port in trials.cues and not stored.rows:
        changed = trials.cues[trials.cue_port] != stored.values[trials.cued]  # what is not shown is not equal either
        found["corruption"] = Column(
            changed.mean(axis=1), "share of the units that were wrong in the cue, or not shown"
        )
    found["cue_onset"] = Column(cue_onsets(source, network), "seconds from the start of the trial to the first cue")
    return found


def cue_onsets(source: Source, network: Network) -> NDArray[np.float64]:
    """When the first cue of every trial begins, in seconds from its start; NaN if there is none."""
    trials, shows = network.trials, [epoch for epoch in source.spec.protocol.spec.epochs if epoch.show is not None]
    start = next((epoch.start for epoch in trials.epochs if shows and epoch.name == shows[0].name), None)
    if start is None:
        return np.full(trials.count, np.nan)
    later = trials.onset if trials.onset.size else np.zeros(trials.count)
    return np.asarray(start * network.circuit.dt + later, dtype=float)


def _measured(source: Source, port: str, name: str, measures: Mapping[str, Any]) -> str:
    """The measure that is this readout of this port, a number per trial; "" if there is none."""
    for key, settings in source.spec.protocol.spec.measure.items():
        fits = settings.get("readout", key) == name and settings.get("port") == port
        if fits and key in measures and measures[key].dims == ("trial",):
            return key
    return ""


def _of_last_epoch(network: Network, name: str) -> NDArray[np.float64]:
    """A readout of the last epoch; NaN where the recording does not allow it."""
    port = network.trials.cue_port
    try:
        if network.circuit.ports[port].population in network.recording.selected:
            raise FunctionError("not everything was kept")
        window = Window(epoch=network.trials.epochs[-1].name)
        values = RECALL[name](network.recording, network.circuit, network.trials, port=port, window=window).to_numpy()
    except (FunctionError, KeyError, ValueError):  # cells that are not one per unit, or were not recorded
        values = np.full(network.trials.count, np.nan)
    return np.asarray(values, dtype=float)


def epochs_table(network: Network) -> dict[str, Column]:
    """One row per epoch of a trial; all trials have the same."""
    dt, epochs = network.circuit.dt, network.trials.epochs
    shown = [-1 if epoch.pattern is None else epoch.pattern for epoch in epochs]
    return {
        "epoch": Column(np.array([epoch.name for epoch in epochs], dtype=object), "name"),
        "start": Column(np.array([epoch.start * dt for epoch in epochs]), "seconds from the start of a trial"),
        "stop": Column(np.array([epoch.stop * dt for epoch in epochs]), "seconds from the start of a trial"),
        "pattern": Column(
            np.array(shown, dtype=np.int64), "pattern of this epoch, whatever the trial cues; -1 if none"
        ),
    }
