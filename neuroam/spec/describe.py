"""What the files say of a population or a projection, in a few words; numbers that only patterns give are not known."""

from __future__ import annotations

from typing import Literal

from neuroam.leaves import Call
from neuroam.spec.model import ConstantSpec, SizeSpec, ViewSpec
from neuroam.spec.nouns import Model
from neuroam.spec.rings import ring_length
from neuroam.units import Quantity

Sign = Literal["+", "-", "±"]
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
    """The sign of a projection, as far as the YAML tells: a matrix of +1 and -1 is mixed."""
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
    """The one delay of a projection; empty without one, and where every edge has its own."""
    found = model.spec.projections[projection]
    if found.kernel is not None and found.kernel.name == "delay":
        return str(ring_length(found.kernel))
    return str(found.delay) if isinstance(found.delay, Quantity) else ""


def time_of(model: Model) -> str:
    """How time passes."""
    time = model.spec.time
    if time.discrete:
        return f"discrete, {time.discrete}" + (f", a step stands for {time.dt}" if time.dt else "")
    return f"continuous, {time.method}, dt {time.dt or '0.1 ms (default)'}"
