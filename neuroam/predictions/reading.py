"""Numbers of a circuit that predictions start from."""

from __future__ import annotations

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError


def last_control(trials: Trials, name: str, default: float = 0.0) -> float:
    """A control in the last step of the first trial; ``default`` if nothing sets it."""
    if name not in trials.controls:
        return default
    signal = trials.controls[name]
    return float(signal.table[signal.row[-1], 0, 0])


def number_of(circuit: Circuit, population: str, name: str) -> float:
    """A parameter that all cells of a population share.

    Raises
    ------
    FunctionError
        If there is no single number of that name.
    """
    params = circuit.populations[population].params
    if not isinstance(params.get(name), float):
        raise FunctionError(f"cells of '{population}' have no single number '{name}'")
    return float(params[name])
