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
from neuroam.readouts import readout
from neuroam.readouts.activity import Window
from neuroam.readouts.overlap import overlap
from neuroam.readouts.winner import WINNER_OVERLAP, winner

RECALL = {"overlap": overlap, "winner": winner}


@dataclass(frozen=True)
class Column:
    """Values, one per row, and what they are."""

    values: NDArray[Any]
    about: str


Table = Mapping[str, Column]


def trials_table(source: Source, number: int) -> dict[str, Column]:
    """One row per trial of a network: what was shown, what came back, and every measure that is a number per trial.

    ``corruption`` is how much of the pattern was not shown as it is stored, whatever corrupted it.  What came back
    follows from the protocol's readouts ``winner`` and ``overlap`` of the cued port where it has them, else from those
    of the last epoch.  ``recalled_pattern`` is the winner where its overlap is above the bound of the protocol's
    ``success`` of that port (0.9 if it has none), else -1: no pattern.
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
        found |= _recalled(source, network, measures)
        used = {_measured(source, trials.cue_port, name, measures) for name in RECALL}
    for name, array in measures.items():
        if array.dims == ("trial",) and name not in used and name not in found:
            found[name] = _measure(array)
    return found


def _measure(array: Any) -> Column:
    """A measure of one number per trial; true or false where its readout says that it is one of two."""
    values = array.to_numpy()
    if array.attrs.get("interval") == "wilson" and np.isin(values, (0, 1)).all():
        return Column(values == 1, "measure of the protocol: whether it is so")
    return Column(values, f"measure of the protocol, in {array.attrs.get('units', '1')}")


def _recalled(source: Source, network: Network, measures: Mapping[str, Any]) -> dict[str, Column]:
    """What came back; without what the recording does not tell."""
    port, found = network.trials.cue_port, {}
    told = {name: measures.get(_measured(source, port, name, measures)) for name in RECALL}
    winner = told["winner"]
    if winner is None or WINNER_OVERLAP not in winner.coords:
        winner = _of_last_epoch(network, "winner")
    overlap = told["overlap"] if told["overlap"] is not None else _of_last_epoch(network, "overlap")
    if winner is not None:
        above = _bound(source, port)
        closest, reached = (
            np.nan_to_num(winner.to_numpy(), nan=-1).astype(np.int64),
            winner.coords[WINNER_OVERLAP].to_numpy(),
        )
        found["recalled_pattern"] = Column(
            np.where(reached > above, closest, -1),
            f"stored pattern that was recalled: the closest one, if its overlap is above {above:g}; -1 if none was",
        )
        found["closest_pattern"] = Column(closest, "stored pattern that is most like the state at the end")
        found["closest_overlap"] = Column(
            reached, "overlap of the state at the end with the closest pattern, from -1 to 1"
        )
    if overlap is not None:
        found["overlap"] = Column(
            overlap.to_numpy(), "overlap of the state at the end with the cued pattern, from -1 to 1"
        )
    return found


def _bound(source: Source, port: str) -> float:
    """The overlap above which a memory counts as recalled: that of the first ``success`` of a port, or its default."""
    entry = readout["success"]
    of_port = (
        {key: item for key, item in settings.items() if key != "readout"}
        for name, settings in source.spec.protocol.spec.measure.items()
        if settings.get("readout", name) == "success" and settings.get("port") == port
    )
    return float(entry.schema.model_validate(next(of_port, {"port": port})).above)  # type: ignore[attr-defined]


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


def _of_last_epoch(network: Network, name: str) -> Any:
    """A readout of the last epoch; None where the recording does not allow it."""
    port = network.trials.cue_port
    if network.circuit.ports[port].population in network.recording.selected:  # not everything was kept
        return None
    window = Window(epoch=network.trials.epochs[-1].name)
    try:
        return RECALL[name](network.recording, network.circuit, network.trials, port=port, window=window)
    except (FunctionError, KeyError, ValueError):  # cells that are not one per unit, or were not recorded
        return None


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
