"""A model without numbers as nodes and edges, for drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuroam.spec.describe import delay_of, sign_of, slowness_of
from neuroam.spec.nouns import Model

if TYPE_CHECKING:
    from neuroam.plots.wiring import Kind


def sketch(model: Model) -> tuple[list[Any], list[Any]]:
    """Nodes and edges of the circuit graph."""
    from neuroam.plots.wiring import GraphEdge, GraphNode

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
        kind: Kind = "spikes" if pre.variable == "spike" else "graded"
        edges.append(
            GraphEdge(
                name,
                pre.population,
                post.population,
                pre.variable,
                post.variable,
                sign_of(model, name),
                kind,
                delay_of(model, name),
                projection.plastic is not None,
                filter_text=slowness_of(model, name),
            )
        )
    return nodes, edges
