"""What a figure of a run is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import xarray as xr

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.recording import Recording


@dataclass(frozen=True)
class RunData:
    """One network of a run.

    ``measures`` are by name; where one has a dimension ``network``, entry ``network`` of it is drawn, unless a figure
    is of all networks.
    """

    recording: Recording
    circuit: Circuit
    trials: Trials
    measures: Mapping[str, xr.DataArray] = field(default_factory=dict)
    network: int = 0


def measured(run: RunData, name: str, dims: tuple[str, ...]) -> xr.DataArray | None:
    """A measure by its name, or else the first one whose name begins with it and that has these dimensions."""
    named = [
        run.measures[key] for key in sorted(run.measures, key=lambda key: (key != name, key)) if key.startswith(name)
    ]
    for found in named:
        one = found.isel(network=run.network) if "network" in found.dims else found
        if set(one.dims) == set(dims):
            return one.transpose(*dims)
    return None


def of_all(run: RunData, name: str, dims: tuple[str, ...]) -> dict[str, xr.DataArray]:
    """Measures whose names begin with this one, of all networks, (network, *dims); the shortest name first."""
    found = {}
    for key in sorted((key for key in run.measures if key.startswith(name)), key=lambda key: (len(key), key)):
        one = run.measures[key]
        every = one if "network" in one.dims else one.expand_dims("network")
        if set(every.dims) == {"network", *dims}:
            found[key] = every.transpose("network", *dims)
    return found


def needed(run: RunData, kind: str, name: str, dims: tuple[str, ...], example: str) -> xr.DataArray:
    """A measure that a figure cannot do without.

    Raises
    ------
    FunctionError
        If the run does not have it: which one, and what to write into the protocol.
    """
    found = measured(run, name, dims)
    if found is None:
        raise lacking(kind, name, example)
    return found


def lacking(kind: str, name: str, example: str) -> FunctionError:
    """What to say where a figure cannot be drawn without a measure."""
    return FunctionError(
        f"the figure '{kind}' needs the measure '{name}', which this run does not have",
        f"add it to the protocol and run again: measure: {{{name}: {example}}}",
    )


def chosen(trials: Trials, trial: int) -> int:
    """A trial by its place.

    Raises
    ------
    FunctionError
        If there is no such trial.
    """
    if not 0 <= trial < trials.count:
        raise FunctionError(f"there is no trial {trial}", f"use 0 to {trials.count - 1}" if trials.count else "")
    return trial
