"""Parameters of populations with all their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.arithmetic import MAX_EXPONENT
from neuroam.formula import evaluate, names, powers_in
from neuroam.leaves import Call
from neuroam.resolve.context import Context, apply, sources_of
from neuroam.units import Dimension, Quantity, in_words, unit_fix
from neuroam.values import value


def parameters(context: Context, name: str) -> dict[str, float | NDArray[np.float64]]:
    """All parameters of one population: defaults of its cell, values of the model, and controls at their start."""
    spec = context.spec.model.spec.populations[name]
    found: dict[str, float | NDArray[np.float64]] = {
        key: quantity.value for key, quantity in context.spec.model.defaults[name].items()
    }
    for key, leaf in spec.params.items():
        path: tuple[str | int, ...] = ("populations", name, "params", key)
        dimension = context.spec.model.cells[name].dimensions[key]
        found[key] = parameter(context, leaf, path, dimension, context.sizes[name], f"{name}.{key}")
    for key in set(found) & set(context.spec.model.spec.controls):
        found[key] = context.spec.model.spec.controls[key].value
    _positive_times(context, name, found)
    _whole_powers(context, name, found)
    return found


def _positive_times(context: Context, name: str, params: dict[str, Any]) -> None:
    """A time constant of zero would divide by zero."""
    cell = context.spec.model.cells[name]
    divisors = {key for ode in cell.odes for key in params if ode.rate.rpartition("/")[2].strip("()") == key}
    for key in sorted(divisors):
        if np.any(np.asarray(params[key]) <= 0):
            path = ("populations", name, "params", key)
            what = f"'{key}' divides a rate, so it must be above zero"
            context.refuse(context.model, path, what, "write for instance 20 ms")


def _whole_powers(context: Context, name: str, params: dict[str, Any]) -> None:
    """``int_power(x, n)`` multiplies x by itself n times: n is a whole number, and not endless."""
    cell, size = context.spec.model.cells[name], context.sizes[name]
    texts = [*(text for _, text in (*cell.outputs, *cell.updates)), *(ode.rate for ode in cell.odes)]
    told: set[frozenset[str]] = set()
    for text in [*texts, *(r.argument for r in cell.reductions), cell.lagrangian]:
        for exponent in powers_in(text):
            read = names(exponent)
            if frozenset(read) in told or not read <= set(params) | {"size"}:
                continue
            value = np.asarray(evaluate(exponent, {"size": float(size), **params}))
            key = next(iter(sorted(read & set(params))), "")
            path = ("populations", name, "params", key) if key else ("populations", name, "cell")
            if not np.all((value >= 0) & (value <= MAX_EXPONENT) & (value == np.floor(value))):
                what = f"the power {exponent} in '{cell.name}' must be a whole number from 0 to {MAX_EXPONENT}"
                context.refuse(context.model, path, what, f"choose another value of {', '.join(sorted(read))}")
                told.add(frozenset(read))
            elif value.size > 1 and np.ptp(value) > 0:
                what = f"the power {exponent} in '{cell.name}' must be the same for all cells"
                context.refuse(context.model, path, what, "give one number")


def parameter(
    context: Context, leaf: Quantity | Call, path: tuple[str | int, ...], dimension: Dimension, size: int, label: str
) -> float | NDArray[np.float64]:
    """One parameter: a number, or what a value function makes of patterns or draws for every cell."""
    if isinstance(leaf, Quantity):
        return leaf.value
    sources = sources_of(context)
    rng = context.seeds.stream("structure", f"value:{label}")
    made = apply(
        context, value, leaf, context.model, (*path, leaf.name), {"sources": sources, "size": size, "rng": rng}
    )
    if made is None:
        return float("nan")  # so that no further check finds fault with it
    number, found = (made.value, made.dimension) if isinstance(made, Quantity) else made
    if found != dimension:
        what = f"'{leaf.name}' gives what is {in_words(found)}, not {in_words(dimension)}"
        context.refuse(context.model, (*path, leaf.name), what, unit_fix(dimension))
        return float("nan")
    return number if isinstance(number, float) else np.asarray(number, dtype=float)
