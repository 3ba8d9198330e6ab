"""One gain or delay per pattern row: the timing of a sequence.

Value mu belongs to the cells that stand for pattern mu: to what they send if they are the pre cells, else to what they
get.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Dense, Matrix, Population, Sparse, Weights
from neuroam.evaluate import as_array
from neuroam.leaves import Call
from neuroam.resolve.context import Context
from neuroam.resolve.parameters import parameter
from neuroam.spec.model import ProjectionSpec
from neuroam.units import ONE, SECOND, Dimension, Quantity, in_words

Gain = float | NDArray[np.float64]


def with_gain(
    context: Context, name: str, item: ProjectionSpec, pre: Population, post: Population, view: tuple[str, bool],
    gain: Gain, matrices: dict[str, Matrix],
) -> tuple[str, Gain]:  # fmt: skip
    """The matrix and the gain of a projection once its ``gain`` is in them; a matrix that is scaled is a new one."""
    path = ("projections", name, "gain")
    matrix, transpose = view
    if item.gain is None:
        return matrix, gain
    if isinstance(item.gain, Quantity):
        if item.gain.dimension != ONE:
            what = f"'gain' multiplies the weights, so it is a plain number, not {in_words(item.gain.dimension)}"
            context.refuse(context.model, path, what, "put the unit into 'weights'")
        return matrix, gain * item.gain.value
    found = _values(context, name, item.gain, (*path, "each_row"), ONE, pre, post)
    if found is None:
        return matrix, gain
    values, side = found
    values = values * context.adjusted.get(f"projections.{name}.gain", 1.0)
    if side is not pre:
        return matrix, gain * values[post.labels["row"]]
    if item.plastic is not None:
        what = "a gain per row of the pre cells cannot go with weights that learn"
        context.refuse(context.model, path, what, "let a relay with a cell per pattern carry it")
        return matrix, gain
    scaled = f"{matrix}_by_{name}"
    matrices[scaled] = Matrix(scaled, _scaled(matrices[matrix].weights, values, rows=transpose))
    return scaled, gain


def delays(
    context: Context, name: str, item: ProjectionSpec, post: Population, dt: float
) -> NDArray[np.float64] | None:
    """One delay per post cell, in whole steps, as seconds; None if the projection has a single one."""
    if not isinstance(item.delay, Call):
        return None
    path = ("projections", name, "delay", "each_row")
    found = _values(context, name, item.delay, path, SECOND, None, post)
    if found is None:
        return None
    if (found[0] < 0).any():
        context.refuse(context.model, path, "a delay cannot be negative", "choose times above zero")
        return None
    return np.asarray(np.rint(found[0] / dt) * dt)[post.labels["row"]]


def _values(
    context: Context, name: str, leaf: Call, path: tuple[str | int, ...], dimension: Dimension,
    pre: Population | None, post: Population,
) -> tuple[NDArray[np.float64], Population] | None:  # fmt: skip
    """One value per row, and the cells that it belongs to; None after a problem."""
    side = next((cells for cells in (pre, post) if cells is not None and "row" in cells.labels), None)
    if side is None:
        what = (
            f"neither end of '{name}' has a cell per pattern"
            if pre is not None
            else f"'{post.name}' has no cell per pattern"
        )
        fix = "give it to a projection of cells with 'size: {count: PORT}'"
        context.refuse(context.model, path[:-1], what, fix if pre is not None else f"{fix}, such as a relay before it")
        return None
    count = int(side.labels["row"].max(initial=-1)) + 1
    if isinstance(leaf.args, str):
        port, _, attribute = leaf.args.partition(".")
        known = context.patterns[port].attributes if port in context.patterns else {}
        if attribute not in known:
            fix = f"add '{attribute}: {{uniform: {{low: ..., high: ...}}}}' beside the pattern function in the protocol"
            context.refuse(context.model, path, f"the patterns of '{port}' have no '{attribute}'", fix)
            return None
        unit = context.attribute_units.get((port, attribute), dimension)
        if unit != dimension:
            what = f"'{leaf.args}' is {in_words(unit)}, and {in_words(dimension)} is needed"
            context.refuse(context.model, path, what, f"give '{attribute}' another unit in the protocol")
            return None
        values: Gain = known[attribute]
    else:
        assert isinstance(leaf.args, dict)
        call = Call(*next(iter(leaf.args.items())))
        values = parameter(context, call, path, dimension, count, f"{name}.{path[-2]}")
    found = np.broadcast_to(np.asarray(values, dtype=float), (count,)) if np.ndim(values) == 0 else np.asarray(values)
    if found.shape != (count,):
        what = f"{found.size} values for the {count} rows of '{side.name}'"
        context.refuse(context.model, path, what, "use an attribute of the patterns that those cells stand for")
        return None
    return found, side


def _scaled(weights: Weights, values: NDArray[np.float64], rows: bool) -> Weights:
    """Rows, or columns, times a value each."""
    if isinstance(weights, Sparse):
        row = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
        return replace(weights, data=weights.data * values[row if rows else weights.indices])
    full = as_array(weights)
    return Dense(full * (values[:, None] if rows else values[None, :]))
