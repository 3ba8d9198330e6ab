"""The network of populations as a graph: what a model is wired like, with or without numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import networkx as nx
import numpy as np

from neuroam.circuit import Circuit, Dense, Ones, Projection
from neuroam.effect import Sign, effect, signed
from neuroam.units import SECOND, si_text

Kind = Literal["spikes", "graded"]


@dataclass(frozen=True)
class GraphNode:
    """A population.  ``size_text`` is for people (``128 cells``, ``units of memory``); ``cells`` is 0 if not known."""

    name: str
    cell: str
    size_text: str
    ports: tuple[str, ...] = ()
    cells: int = 0


@dataclass(frozen=True)
class GraphEdge:
    """A projection: ``source`` of ``pre`` enters ``slot`` of ``post``.  ``edges`` is 0 if not known.

    ``sign`` is what it does to the cells of ``post``: ``~`` if only rules of plasticity read it, ``?`` if their
    equations do not tell.  ``filter_text`` says how slow a filter is.
    """

    name: str
    pre: str
    post: str
    source: str
    slot: str
    sign: Sign = "±"
    kind: Kind = "spikes"
    delay_text: str = ""
    plastic: bool = False
    edges: int = 0
    filter_text: str = ""


def cells_text(count: int) -> str:
    """How many cells, in words."""
    return f"{count} cell{'s' * (count != 1)}"


def wiring(circuit: Circuit) -> tuple[list[GraphNode], list[GraphEdge]]:
    """The graph of a circuit with all its numbers."""
    nodes = []
    for name, population in circuit.populations.items():
        ports = tuple(port.name for port in circuit.ports.values() if port.population == name)
        cells = cells_text(population.size)
        nodes.append(GraphNode(name, population.cell.name, cells, ports, population.size))
    return nodes, [_edge(circuit, projection) for projection in circuit.projections.values()]


def _edge(circuit: Circuit, projection: Projection) -> GraphEdge:
    sign, edges = _sign_and_edges(circuit, projection)
    post = circuit.populations[projection.post]
    # what a control sets is no number of the circuit
    params = {name: float(np.mean(value)) for name, value in post.params.items() if name not in circuit.controls}
    return GraphEdge(
        projection.name,
        projection.pre,
        projection.post,
        projection.source,
        projection.slot,
        signed(sign, effect(post.cell, projection.slot, params)),
        "spikes" if projection.source == "spike" else "graded",
        _delay(projection),
        plastic=projection.plastic is not None,
        edges=edges,
        filter_text=_slowness(projection),
    )


def _slowness(projection: Projection) -> str:
    """How long the filter of a projection remembers."""
    if projection.box:
        return f"mean of {si_text(projection.box, SECOND)}"
    found = projection.filter
    return f"tau {si_text(found.params['tau'], SECOND)}" if found is not None and "tau" in found.params else ""


def _delay(projection: Projection) -> str:
    if not projection.longest_delay:
        return ""
    longest = si_text(projection.longest_delay, SECOND)
    return longest if isinstance(projection.delay, float) else f"up to {longest}"


def _sign_and_edges(circuit: Circuit, projection: Projection) -> tuple[Sign, int]:
    """Do the weights excite, inhibit, or both, and between how many pairs of cells?"""
    weights = circuit.matrices[projection.matrix].weights
    pairs = circuit.populations[projection.pre].size * circuit.populations[projection.post].size
    if isinstance(weights, Ones):
        values, edges = np.ones(1), pairs
    else:
        values = weights.values if isinstance(weights, Dense) else weights.data
        # cells that share a place share its row or column
        entries = int(np.prod(circuit.matrices[projection.matrix].shape))
        edges = round(np.count_nonzero(values) * pairs / max(entries, 1))
    gains = np.atleast_1d(np.asarray(projection.gain, dtype=float))
    ends = [
        gain * value for gain in (gains.min(), gains.max()) for value in (values.min(initial=0), values.max(initial=0))
    ]
    up, down = max(ends) > 0, min(ends) < 0
    return ("±" if up == down else "+" if up else "-"), edges


def to_networkx(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], name: str = "") -> nx.MultiDiGraph:
    """The graph with plain text and numbers as attributes: fit for ``networkx.write_graphml``.

    Parameters
    ----------
    nodes, edges : sequence
        From `wiring`, or made of a model without numbers.
    name : str
        Of the model.

    Returns
    -------
    MultiDiGraph
        Nodes by population with ``cell``, ``size``, ``cells``, ``ports``; edges keyed by projection with ``source``,
        ``slot``, ``sign``, ``kind``, ``delay``, ``filter``, ``plastic``, ``edges``.
    """
    result = nx.MultiDiGraph(name=name)
    for node in nodes:
        ports = ", ".join(node.ports)
        result.add_node(node.name, cell=node.cell, size=node.size_text, cells=float(node.cells), ports=ports)
    for edge in edges:
        result.add_edge(
            edge.pre,
            edge.post,
            key=edge.name,
            name=edge.name,
            source=edge.source,
            slot=edge.slot,
            sign=edge.sign,
            kind=edge.kind,
            delay=edge.delay_text,
            filter=edge.filter_text,
            plastic="yes" if edge.plastic else "no",
            edges=float(edge.edges),
        )
    return result


def to_dot(network: nx.MultiDiGraph) -> str:
    """A graph of `to_networkx` in the language of Graphviz: all its attributes, and how excitation looks."""
    heads = {"+": "normal", "-": "tee", "±": "diamond", "~": "odot", "?": "open"}
    lines = [f"digraph {_quoted(network.graph.get('name', ''))} {{", "  node [shape=ellipse];"]
    for name, data in network.nodes(data=True):
        label = "\n".join(part for part in (name, data["size"], data["cell"]) if part)
        lines.append(f"  {_quoted(name)} [{_attributes({'label': label, **data})}];")
    for pre, post, key, data in network.edges(keys=True, data=True):
        dashes = "dashed" if data["kind"] == "graded" else "solid"
        look = {"label": key, "arrowhead": heads[data["sign"]], "style": dashes}
        lines.append(f"  {_quoted(pre)} -> {_quoted(post)} [{_attributes({**look, **data})}];")
    return "\n".join([*lines, "}", ""])


def _attributes(data: dict[str, object]) -> str:
    return ", ".join(f"{key}={_quoted(str(value))}" for key, value in data.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
