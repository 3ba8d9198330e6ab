"""What the files say of a population or a projection, in a few words; numbers that only patterns give are not known."""

from __future__ import annotations

from typing import Any

from neuroam.circuit import Filter
from neuroam.effect import Sign, effect, signed
from neuroam.leaves import Call
from neuroam.spec.model import ConstantSpec, SizeSpec, ViewSpec
from neuroam.spec.nouns import Model
from neuroam.spec.rings import ring_length
from neuroam.units import SECOND, Quantity, si_text

POSITIVE = ("coded_rows", "random_claws", "constant", "table")  # rules whose entries are never below zero


def origin_of(size: SizeSpec) -> str:
    """What the number of cells follows from, if it is no number."""
    if size.units or size.count:
        return f"unit of '{size.units}'" if size.units else f"pattern of '{size.count}'"
    return f"row of '{size.rows}'"


def size_of(size: SizeSpec) -> str:
    """How many cells: ``20``, or ``one per unit of 'memory', 5 copies``."""
    number = str(size.number) if size.number is not None else f"one per {origin_of(size)}"
    return f"{number}, {size.copies} copies" if size.copies > 1 else number


def sign_of(model: Model, projection: str) -> Sign:
    """What a projection does to the cells behind it, as far as the YAML tells."""
    post = model.ends[projection][1]
    way = effect(model.cells[post.population], post.variable, _numbers(model, post.population))
    return signed(_sign_of_weights(model, projection), way)


def _numbers(model: Model, population: str) -> dict[str, float]:
    """Parameters of a population that are numbers: no function gives them, and no control."""
    given: dict[str, Any] = {**model.defaults[population], **model.spec.populations[population].params}
    return {
        key: float(leaf.value)
        for key, leaf in given.items()
        if isinstance(leaf, Quantity) and key not in model.spec.controls
    }


def _sign_of_weights(model: Model, projection: str) -> Sign:
    """A matrix of +1 and -1 is mixed."""
    weights = model.spec.projections[projection].weights
    if isinstance(weights, Quantity):
        return "+" if weights.value >= 0 else "-"
    if isinstance(weights, ConstantSpec):
        return "+" if weights.constant.gain.value >= 0 else "-"
    call = model.spec.matrices.get(weights.of) if isinstance(weights, ViewSpec) else weights
    if not isinstance(call, Call) or call.name not in POSITIVE:
        return "±"
    return "-" if isinstance(weights, ViewSpec) and weights.gain.value < 0 else "+"


def delay_of(model: Model, projection: str) -> str:
    """The one delay of a projection, or what gives every edge its own; empty without one."""
    found = model.spec.projections[projection]
    if found.kernel is not None and found.kernel.name == "delay":
        return str(ring_length(found.kernel))
    if isinstance(found.delay, Call):
        return found.delay.args if isinstance(found.delay.args, str) else "one per cell"
    return str(found.delay) if found.delay is not None else ""


def slowness_of(model: Model, projection: str) -> str:
    """How long the filter of a projection remembers; empty without one."""
    found = model.spec.projections[projection]
    if found.kernel is not None and found.kernel.name == "box":
        return f"mean of {ring_length(found.kernel)}"
    given = found.kernel or found.synapse
    if given is not None and isinstance(given.args, dict) and "tau" in given.args:
        return f"tau {given.args['tau']}"
    return _tau(model.filters.get(projection))


def _tau(found: Filter | None) -> str:
    """The time constant of a filter with its number; empty without one."""
    return f"tau {si_text(found.params['tau'], SECOND)}" if found is not None and "tau" in found.params else ""


def time_of(model: Model) -> str:
    """How time passes."""
    time = model.spec.time
    if time.discrete:
        return f"discrete, {time.discrete}" + (f", a step stands for {time.dt}" if time.dt else "")
    return f"continuous, {time.method}, dt {time.dt or '0.1 ms (default)'}"
