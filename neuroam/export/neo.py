"""A run as Neo blocks: one per network, with a segment per trial.

A segment has a spike train of every recorded spiking cell (``population``, ``cell`` and its labels are annotations),
recorded variables as signals (time by cell), the epochs of the protocol, the onset of the cue as an event, and the
ground truth of the trial as annotations.  Its time begins at 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from neuroam.export.source import LABELS, Source, cells_of, spans_of, steps_of, traces_of, uniform
from neuroam.export.target import needs, one_each
from neuroam.export.truth import Table, trials_table
from neuroam.network import Network
from neuroam.recording import Trace


def write(source: Source, path: Path) -> None:
    """A pickled block, as Neo's PickleIO reads it; of several networks, a folder with one for each.

    Neo writes a block of some thousand spike trains to NIX, its other lossless format, in minutes.
    """
    one_each(source, path, "neo", _write_file)


def _write_file(source: Source, number: int, path: Path) -> None:
    made = block(source, number)
    import neo

    neo.io.PickleIO(str(path)).write_block(made)


def block(source: Source, number: int = 0) -> Any:
    """One network as a ``neo.Block``.

    Raises
    ------
    EnvironmentLacks
        If Neo is not installed.
    """
    with needs("a Neo block", "neo", "neo"):
        import neo

    network, truth = source.networks[number], trials_table(source, number)
    made = neo.Block(
        name=f"{source.spec.protocol.name} network {number}", description=source.title, rec_datetime=source.started
    )
    made.annotate(
        protocol=source.spec.protocol.name, model=source.spec.model.name, network=number, sha256=source.sha256
    )
    steps = {name: steps_of(network.recording, name) for name in network.recording.spikes}
    for trial in range(network.recording.n_trials):
        segment = neo.Segment(name=f"trial {trial}", index=trial)
        segment.annotate(**{name: _plain(column.values[trial]) for name, column in truth.items()})
        for population in network.recording.spikes:
            segment.spiketrains.extend(_trains(network, population, steps[population][trial]))
        segment.analogsignals += _signals(network, trial, regular=True)
        segment.irregularlysampledsignals += _signals(network, trial, regular=False)
        segment.epochs.append(_epochs(network))
        segment.events += _onset(truth, trial)
        made.segments.append(segment)
    made.check_relationships()
    return made


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _trains(network: Network, population: str, fired: Any) -> list[Any]:
    import neo
    import quantities as pq

    recording, item = network.recording, network.circuit.populations[population]
    spans = spans_of(recording, population)
    start, stop = spans[0][0] * recording.dt, spans[-1][1] * recording.dt
    found = []
    for cell in cells_of(network, population).tolist():
        times = fired.get(cell, np.empty(0, np.int32)) * recording.dt
        labels = {LABELS[label]: int(values[cell]) for label, values in item.labels.items() if label in LABELS}
        found.append(
            neo.SpikeTrain(
                times, units=pq.s, t_start=start * pq.s, t_stop=stop * pq.s, name=f"{population} {cell}",
                population=population, cell=cell, **labels,
            )
        )  # fmt: skip
    return found


def _signals(network: Network, trial: int, *, regular: bool) -> list[Any]:
    """Recorded variables, those that are sampled evenly or the others."""
    import neo
    import quantities as pq

    found = []
    for (population, variable), trace in traces_of(network).items():
        every = uniform(network.recording, trace)
        if bool(every) != regular:
            continue
        dimension = network.circuit.populations[population].cell.dimensions[variable]
        unit = pq.dimensionless if str(dimension) == "1" else _unit(str(dimension))
        name = {"name": f"{population}.{variable}", "population": population, "variable": variable}
        values, dt = trace.values[trial], network.recording.dt
        cells = {"cell": cells_of(network, population)}
        if regular:
            found.append(
                neo.AnalogSignal(values, units=unit, sampling_period=every * dt * pq.s, array_annotations=cells, **name)
            )
        else:
            found.append(
                neo.IrregularlySampledSignal(_seconds(trace, dt), values, units=unit, array_annotations=cells, **name)
            )
    return found


def _unit(text: str) -> Any:
    """A unit of quantities; what it does not know by this name is left without one."""
    import quantities as pq

    try:
        return pq.unit_registry[text.replace("amp", "A")]
    except (LookupError, SyntaxError):
        return pq.dimensionless


def _seconds(trace: Trace, dt: float) -> Any:
    import quantities as pq

    return trace.step * dt * pq.s


def _epochs(network: Network) -> Any:
    import neo
    import quantities as pq

    epochs, dt = network.trials.epochs, network.circuit.dt
    times = np.array([epoch.start * dt for epoch in epochs]) * pq.s
    durations = np.array([(epoch.stop - epoch.start) * dt for epoch in epochs]) * pq.s
    return neo.Epoch(times, durations, np.array([epoch.name for epoch in epochs]), name="epochs")


def _onset(truth: Table, trial: int) -> list[Any]:
    import neo
    import quantities as pq

    if "cue_onset" not in truth or not np.isfinite(truth["cue_onset"].values[trial]):
        return []
    return [neo.Event(np.array([truth["cue_onset"].values[trial]]) * pq.s, np.array(["cue"]), name="cue onset")]
