"""A network as an NWB file: units, trials with ground truth, epochs, cues and stored patterns, recorded variables.

The trials lie one after another on one axis of time, as in ``recording.h5``.  Intervals end half a step before the next
one begins, as there are tools that join intervals that touch.

Nothing is invented that a simulation does not have: no electrodes, no experimenter, no institution.  The format and its
archives want a subject, and it says that it is none.  There are no keywords, as Neo 0.14 cannot read a file with them.
Where a variable was sampled less often than there are cells, nwbinspector takes it to lie the wrong way round.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array
from neuroam.export.source import LABELS, Source, cells_of, joined, spans_of, steps_of, traces_of, uniform
from neuroam.export.target import needs, one_each
from neuroam.export.truth import trials_table
from neuroam.network import Network
from neuroam.store import version_of, versions

DOI = ("doi:", "https://doi.org/")  # the form of publications that tools can follow
MADE = "http://purl.obolibrary.org/obo/NCBITaxon_32630"  # "synthetic construct": what is not of any species


def write(source: Source, path: Path) -> None:
    """An NWB file; of several networks, a folder with one for each."""
    one_each(source, path, "nwb", _write_file)


def _write_file(source: Source, number: int, path: Path) -> None:
    file = nwb_file(source, number)
    from pynwb import NWBHDF5IO

    with NWBHDF5IO(path, "w") as stream:
        stream.write(file)


def nwb_file(source: Source, number: int = 0) -> Any:
    """One network as a ``pynwb.NWBFile``.

    Raises
    ------
    EnvironmentLacks
        If PyNWB is not installed.
    """
    with needs("an NWB file", "pynwb", "nwb"):
        from pynwb import NWBFile

    network, references = source.networks[number], source.spec.model.spec.references
    linked = [reference for reference in references if reference.startswith(DOI)]
    notes = {
        "seed": source.spec.protocol.spec.seed, "device": source.device, "network": number, "packages": versions(),
        "references": [reference for reference in references if reference not in linked],
    }  # fmt: skip
    file = NWBFile(
        session_description=f"Simulation, no recording of an animal: {source.title}",
        identifier=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{source.sha256}/{number}")),
        session_start_time=source.started,
        experiment_description=source.spec.model.spec.title,
        related_publications=linked or None,
        source_script=source.spec.protocol.document.text or "protocol made in Python",
        source_script_file_name=f"{source.spec.protocol.name}.yaml",
        notes=json.dumps(notes),
        subject=_subject(source),
    )
    _units(file, network)
    _trials(file, source, number)
    _stored(file, network)
    _traces(file, network)
    return file


def _subject(source: Source) -> Any:
    """What stands for the animal."""
    from pynwb.file import Subject

    about = f"No animal: a simulated circuit, the model {source.spec.model.name} of neuroam {version_of('neuroam')}."
    return Subject(
        subject_id="simulated", description=f"{about} Age and sex stand for nothing.", species=MADE, age="P0D/", sex="U"
    )


def _units(file: Any, network: Network) -> None:
    recording = network.recording
    if not recording.spikes:
        return
    columns = {"population": "population of the cell", "cell": "number of the cell in its population, from 0"}
    columns |= {name: f"what the cell stands for: its {label}; -1 if it has none" for label, name in LABELS.items()}
    for name, about in columns.items():
        file.add_unit_column(name, about)
    length = recording.n_steps
    for population in recording.spikes:
        labels = network.circuit.populations[population].labels
        fired = steps_of(recording, population)
        starts = (np.arange(recording.n_trials) * length).tolist()
        seen = [(a + start, b + start) for start in starts for a, b in spans_of(recording, population)]
        whole = seen[0] == (0, length)
        seen = [(0, recording.n_trials * length)] if whole else seen
        for cell in cells_of(network, population).tolist():
            steps = [trial.get(cell, np.empty(0, np.int32)) + start for trial, start in zip(fired, starts, strict=True)]
            file.add_unit(
                spike_times=np.concatenate(steps) * recording.dt,
                obs_intervals=np.array(seen) * recording.dt,
                population=population,
                cell=cell,
                **{name: int(labels[label][cell]) if label in labels else -1 for label, name in LABELS.items()},
            )

    file.units.resolution = recording.dt


def _trials(file: Any, source: Source, number: int) -> None:
    network, truth = source.networks[number], trials_table(source, number)
    dt, length = network.recording.dt, network.recording.n_steps * network.recording.dt
    names = [name for name in truth if name != "trial"]
    about = {"cue_onset": "time of the session at which the first cue begins, in seconds"}
    for name in names:
        file.add_trial_column(name, about.get(name, truth[name].about))
    for trial in range(network.recording.n_trials):
        start = trial * length
        row = {name: truth[name].values[trial] for name in names}
        row = {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}
        row |= {"cue_onset": start + row["cue_onset"]} if "cue_onset" in row else {}
        file.add_trial(start_time=start, stop_time=start + length - dt / 2, **row)
        for epoch in network.trials.epochs:
            times = {"start_time": start + epoch.start * dt, "stop_time": start + epoch.stop * dt - dt / 2}
            file.add_epoch(**times, tags=[epoch.name])
    if "cue_onset" in truth:
        starts = np.arange(network.recording.n_trials) * length
        _cues(file, network, starts + truth["cue_onset"].values)


def _cues(file: Any, network: Network, times: NDArray[np.float64]) -> None:
    """Which pattern began to be shown when; what of it was shown is a table beside the stored patterns."""
    from pynwb import TimeSeries

    port = network.trials.cue_port
    shown = np.isfinite(times)
    if shown.any():
        about = f"number of the pattern of the port '{port}' that is cued from this time on; see processing/misc"
        even = np.diff(times[shown])
        if even.size and np.ptp(even) < network.recording.dt / 2:
            clock: dict[str, Any] = {"starting_time": float(times[0]), "rate": float(1 / even.mean())}
        else:
            clock = {"timestamps": times[shown]}
        cued = network.trials.cued[shown]
        file.add_stimulus(TimeSeries(name=f"cue_{port}", data=cued, unit="n.a.", description=about, **clock))


def _stored(file: Any, network: Network) -> None:
    """Stored patterns, by their number, and cues as they were shown, by the number of the trial."""
    from hdmf.common import DynamicTable, VectorData

    found = {}
    for name, patterns in network.circuit.patterns.items():
        if patterns.values.size:
            found[f"patterns_{name}"] = f"patterns of the port '{name}', by their number", [_units_in(patterns.values)]
    for name, cues in network.trials.cues.items():
        shown = {"name": "shown", "description": "whether the unit was shown", "data": np.isfinite(cues)}
        about = f"cues of the port '{name}' as they were shown, by trial"
        found[f"cues_{name}"] = about, [_units_in(cues), shown]
    if not found:
        return
    module = file.create_processing_module("misc", "what the circuit has stored, and what it was shown of it")
    for name, (about, columns) in found.items():
        module.add(DynamicTable(name=name, description=about, columns=[VectorData(**column) for column in columns]))


def _units_in(values: Array) -> dict[str, Any]:
    """The units of patterns: true or false where they are 0 or 1, or not shown (NaN)."""
    if np.isin(values[np.isfinite(values)], (0, 1)).all():
        return {"name": "units", "description": "whether the unit is active", "data": values == 1}
    return {"name": "units", "description": "the value of the unit", "data": values}


def _traces(file: Any, network: Network) -> None:
    """Recorded variables, (time, cells): trials joined where samples are even, else with the time of every sample."""
    from pynwb import TimeSeries

    recording = network.recording
    for (population, variable), trace in traces_of(network).items():
        every, cells = uniform(recording, trace), cells_of(network, population)
        whole = cells.size == network.circuit.populations[population].size
        about = f"variable '{variable}' of the cells of '{population}'" + ("" if whole else f": {cells.tolist()}")
        unit = str(network.circuit.populations[population].cell.dimensions[variable])
        if every:
            data: dict[str, Any] = {
                "data": joined(trace),
                "rate": 1 / (every * recording.dt),
                "starting_time": 0.0,
            }
        else:
            starts = np.arange(recording.n_trials)[:, None] * recording.n_steps
            times = ((trace.step[None, :] + starts) * recording.dt).ravel()
            data = {"data": trace.values.reshape(-1, cells.size), "timestamps": times}
        unit = {"1": "n.a.", "V": "volts", "A": "amperes"}.get(unit, unit)
        file.add_acquisition(TimeSeries(name=f"{population}_{variable}", unit=unit, description=about, **data))
