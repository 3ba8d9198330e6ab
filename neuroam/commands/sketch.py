"""A model without numbers as nodes and edges, for drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuroam.leaves import Call
from neuroam.spec.model import ConstantSpec, ViewSpec
from neuroam.spec.nouns import Model
from neuroam.spec.rings import ring_length
from neuroam.units import Quantity

if TYPE_CHECKING:
    from neuroam.plots.wiring import Kind, Sign


def sketch(model: Model) -> tuple[list[Any], list[Any]]:
    """Nodes and edges of the circuit graph."""
    from neuroam.plots.effect import effect
    from neuroam.plots.wiring import GraphEdge, GraphNode, signed

    nodes = []
    for name, population in model.spec.populations.items():
        size = population.size
        number = (
            str(size.number)
            if size.number is not None
            else f"per {'unit' if size.units else 'pattern' if size.count else 'row'}"
        )
        text = f"{number} x {size.copies}" if size.copies > 1 else number
        ports = tuple(key for key, port in model.spec.ports.items() if port.population == name)
        cells = size.number * size.copies if size.number is not None else 0
        nodes.append(GraphNode(name, population.cell, text, ports, cells))
    edges = []
    for name, (pre, post) in model.ends.items():
        projection = model.spec.projections[name]
        params = {key: float(value.value) for key, value in model.defaults[post.population].items()}
        kind: Kind = "spikes" if pre.variable == "spike" else "graded"
        delay = str(projection.delay) if isinstance(projection.delay, Quantity) else ""
        if projection.kernel is not None and projection.kernel.name == "delay":
            delay = str(ring_length(projection.kernel))
        edges.append(
            GraphEdge(
                name,
                pre.population,
                post.population,
                pre.variable,
                post.variable,
                signed(_sign(model, name), effect(model.cells[post.population], post.variable, params)),
                kind,
                delay,
                projection.plastic is not None,
            )
        )
    return nodes, edges


def _sign(model: Model, name: str) -> Sign:
    """The sign of a projection, as far as the YAML tells: a matrix of +1 and -1 is mixed."""
    weights = model.spec.projections[name].weights
    if isinstance(weights, Quantity):
        return "+" if weights.value >= 0 else "-"
    if isinstance(weights, ConstantSpec):
        return "+" if weights.constant.gain.value >= 0 else "-"
    call = model.spec.matrices.get(weights.of) if isinstance(weights, ViewSpec) else weights
    positive = isinstance(call, Call) and call.name in ("coded_rows", "random_claws", "constant", "table")
    if not positive:
        return "±"
    return "-" if isinstance(weights, ViewSpec) and weights.gain.value < 0 else "+"
