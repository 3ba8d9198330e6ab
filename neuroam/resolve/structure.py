"""Patterns, matrices, populations and projections with all their numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neuroam import codes
from neuroam.circuit import (
    Array,
    Circuit,
    PatternSet,
    Population,
    Port,
)
from neuroam.leaves import Call
from neuroam.patterns import pattern
from neuroam.resolve.context import Context, apply, folder, is_too_large, sources_of, step_of
from neuroam.resolve.matrices import make_matrices
from neuroam.resolve.parameters import parameters
from neuroam.resolve.pattern_order import in_order
from neuroam.resolve.projections import make_projections
from neuroam.spec.model import MAX_CELLS
from neuroam.units import Dimension, Quantity, quantity
from neuroam.values import value


def draw_patterns(context: Context) -> None:
    """The stored patterns of every port, from the role seed ``patterns``."""
    for name, spec in context.spec.protocol.spec.patterns.items():
        rng = context.seeds.stream("patterns", name)
        path = ("patterns", name, spec.make.name)
        document = context.protocol
        given = spec.make.settings(pattern[spec.make.name].shorthand)
        if is_too_large(context, document, path, given.get("count", 1), given.get("size", 1)):
            continue
        found = apply(context, pattern, spec.make, document, path, {"rng": rng, "folder": folder(document)})
        if isinstance(found, PatternSet) and spec.order is not None:
            found = in_order(context, name, found, spec.order)
        if isinstance(found, PatternSet):
            context.patterns[name] = found
    _draw_attributes(context)
    for name, port in context.spec.model.spec.ports.items():
        event = context.spec.model.cells[port.population].event
        context.codes[name] = port.code or ("bits" if event else "bipolar")
        if context.codes[name] == "on_off" and name in context.patterns and not context.patterns[name].binary:
            what, fix = "an on/off code needs binary patterns", "use patterns of zeros and ones, or 'code: levels'"
            context.refuse(context.model, ("ports", name, "code"), what, fix)


def _draw_attributes(context: Context) -> None:
    """Values of pattern rows that the protocol gives, such as wanted dwell times; from the role seed ``patterns``."""
    for name, spec in context.spec.protocol.spec.patterns.items():
        for key, raw in spec.attributes.items():
            path = ("patterns", name, key)
            made = _attribute(context, name, key, raw) if name in context.patterns else None
            if made is None:
                continue
            values, unit = made
            found = context.patterns[name]
            if np.size(values) not in (1, found.count):
                what = f"'{key}' has {np.size(values)} values for {found.count} patterns"
                context.refuse(context.protocol, path, what, "give one value for each, or one for all")
                continue
            attributes = {**found.attributes, key: np.broadcast_to(values, found.count).astype(float)}
            context.patterns[name] = replace(found, attributes=attributes, per_row=(*found.per_row, key))
            context.attribute_units[name, key] = unit


def _attribute(context: Context, port: str, key: str, raw: object) -> tuple[Array | float, Dimension] | None:
    """The values of an attribute and their unit: one for all rows, a list, or what a function makes."""
    if isinstance(raw, dict):
        call = Call(*next(iter(raw.items())))
        offers = {
            "sources": sources_of(context),
            "size": context.patterns[port].count,
            "rng": context.seeds.stream("patterns", f"{port}.{key}"),
        }
        made = apply(context, value, call, context.protocol, ("patterns", port, key, call.name), offers)
        return (made.value, made.dimension) if isinstance(made, Quantity) else made
    if isinstance(raw, list):
        given = [quantity(item) for item in raw]
        return np.array([item.value for item in given]), given[0].dimension
    one = quantity(raw)
    return one.value, one.dimension


def size_populations(context: Context) -> None:
    """Cells per population, as far as they do not follow from a matrix."""
    for name, spec in context.spec.model.spec.populations.items():
        size = spec.size
        if size.number is not None:
            context.sizes[name] = size.number * size.copies
        elif size.units is not None and size.units in context.patterns:
            per_unit = codes.CELLS_PER_UNIT[_code(context, name)]
            context.sizes[name] = context.patterns[size.units].size * per_unit * size.copies
        elif size.count is not None and size.count in context.patterns:
            context.sizes[name] = context.patterns[size.count].count * size.copies


def _code(context: Context, population: str) -> str:
    size = context.spec.model.spec.populations[population].size
    if size.code is not None:
        return size.code
    port = context.spec.model.spec.ports[size.units or ""]
    return context.codes[size.units or ""] if port.population == population else "bits"


def make_populations(context: Context) -> dict[str, Population]:
    """Every population with its parameters and labels."""
    found = {}
    for name, spec in context.spec.model.spec.populations.items():
        if name not in context.sizes:
            what, fix = "the size does not follow from anything", "give the number of cells"
            context.refuse(context.model, ("populations", name, "size"), what, fix)
            continue
        if context.sizes[name] > MAX_CELLS:
            what = f"{context.sizes[name]} cells in one population are more than {MAX_CELLS}"
            context.refuse(context.model, ("populations", name, "size"), what, "make it smaller")
            continue
        cell = context.spec.model.cells[name]
        labels = _labels(context, name)
        params = parameters(context, name)
        code = _code(context, name) if spec.size.units else "one_hot" if spec.size.count else "bits"
        where = context.model.where(("populations", name), key=True)
        elastic = spec.size.count is not None or spec.size.rows is not None
        found[name] = Population(name, context.sizes[name], cell, params, labels, code, where, elastic, spec.only or "")
    return found


def _labels(context: Context, name: str) -> dict[str, NDArray[np.int64]]:
    size = context.spec.model.spec.populations[name].size
    index = np.arange(context.sizes[name])
    place = index // size.copies
    labels = {"place": place, "copy": index % size.copies}
    if size.units is not None:
        labels["unit"] = place % max(context.patterns[size.units].size, 1)
    if size.count is not None or size.rows is not None:
        labels["row"] = place
    return labels


def make_circuit(context: Context) -> Circuit:
    """The whole structure."""
    draw_patterns(context)
    context.stop_if_wrong()
    size_populations(context)
    make_matrices(context)
    context.stop_if_wrong()
    populations = make_populations(context)
    context.stop_if_wrong()
    projections, matrices = make_projections(context, populations)
    context.stop_if_wrong()
    model = context.spec.model
    time = model.spec.time
    ports = {
        name: Port(name, port.population, context.codes[name], _cue(port.cue), model.document.where(("ports", name)))
        for name, port in model.spec.ports.items()
    }
    return Circuit(
        model.name, populations, projections, matrices, ports, context.patterns, tuple(model.spec.controls),
        step_of(context), time.method, time.discrete or "continuous",
        model.document.where(()),
    )  # fmt: skip


def _cue(call: Call | None) -> dict[str, object]:
    return {} if call is None else {call.name: call.args}
