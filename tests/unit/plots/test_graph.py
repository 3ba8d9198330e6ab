"""The network of populations: drawn, and as GraphML and DOT."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from matplotlib.patches import Circle, PathPatch, Polygon

from neuroam.circuit import Filter, Plasticity
from neuroam.plots.graph import GraphEdge, GraphNode, figure, graph, radius, to_dot, to_networkx
from neuroam.plots.layout import layout
from neuroam.plots.wiring import wiring
from neuroam.units import SECOND


def chain(count):
    nodes = [GraphNode(f"P{k}", "lif", f"{10**k} cells", cells=10**k) for k in range(count)]
    edges = [GraphEdge(f"to_{k}", f"P{k - 1}", f"P{k}", "spike", "drive", "+") for k in range(1, count)]
    return nodes, edges


def test_wiring_knows_which_projection_is_plastic(make):
    circuit = make().circuit
    learns = replace(circuit.projections["up"], plastic=Plasticity("rule"))
    _, edges = wiring(replace(circuit, projections=circuit.projections | {"up": learns}))
    assert [edge.name for edge in edges if edge.plastic] == ["up"]


def test_wiring_of_a_circuit(make):
    nodes, edges = wiring(make().circuit)
    assert [(n.name, n.cell, n.size_text, n.ports) for n in nodes] == [
        ("pool", "lif", "4 cells", ()),
        ("features", "lif", "12 cells", ("memory",)),
        ("hidden", "lif", "6 cells", ("hidden",)),
    ]
    assert [(e.name, e.sign, e.kind, e.delay_text) for e in edges] == [
        ("up", "+", "spikes", "2 ms"),
        ("down", "+", "spikes", ""),
        ("pool", "-", "spikes", ""),
        ("self", "±", "spikes", ""),
    ]
    # each hidden cell has an edge from the on or off cell of every unit: 6 of 12, in 2 copies of 3
    assert [e.edges for e in edges] == [36, 36, 48, 4]


def test_everything_is_drawn(make, axes, words):
    nodes, edges = wiring(make().circuit)
    assert graph(nodes, edges, axes) is axes
    assert sum(isinstance(p, Circle) for p in axes.patches) == 3
    lines = [p for p in axes.patches if isinstance(p, PathPatch)]
    assert [p.get_label() for p in lines] == ["up", "down", "pool", "self"]
    assert sum(isinstance(p, Polygon) for p in axes.patches) == 4
    for text in ("features", "12 cells", "lif", "port memory", "up", "spikes → drive", "delay 2 ms"):
        assert text in words(axes)
    key = ["excitatory", "inhibitory", "both signs", "spikes", "with a port", "size: cells (log)"]
    assert [t.get_text() for t in axes.get_legend().get_texts()] == key


def test_slow_synapses_and_unknown_signs_say_so(make, axes, words):
    circuit = make().circuit
    slow = Filter("exponential", "(-s)/(tau)", {"tau": 0.1}, {"tau": SECOND})
    changed = {
        "up": replace(circuit.projections["up"], filter=slow, delay=np.array([1e-3, 4e-3])),
        "down": replace(circuit.projections["down"], box=5e-3),
    }
    nodes, edges = wiring(replace(circuit, projections=circuit.projections | changed))
    assert [e.filter_text for e in edges] == ["tau 100 ms", "mean of 5 ms", "", ""]
    graph(nodes, [*edges[:3], replace(edges[3], sign="?")], axes)
    assert "delay up to 4 ms, tau 100 ms" in words(axes)
    assert "sign not known" in [t.get_text() for t in axes.get_legend().get_texts()]


def test_circles_grow_with_cells_and_what_learns_has_a_diamond(axes):
    nodes, edges = chain(3)
    graph(nodes, [replace(edges[0], plastic=True), edges[1]], axes)
    sizes = [p.radius for p in axes.patches if isinstance(p, Circle)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]
    (diamond,) = (line for line in axes.lines if line.get_marker() == "D")
    assert diamond.get_label() == "_to_1"
    assert "plastic" in [t.get_text() for t in axes.get_legend().get_texts()]


@pytest.mark.parametrize("more", [[], [("P1", "P2"), ("P2", "P0")]], ids=["in a row", "around"])
@pytest.mark.parametrize("lanes", [3, 8])
def test_arrows_beside_each_other_stay_on_the_paper(drawn, lanes, more):
    nodes, _ = chain(3 if more else 2)
    edges = [GraphEdge(f"e{k}", "P0", "P1", "spike", "drive", "+", plastic=True) for k in range(lanes)]
    made = figure(nodes, edges + [GraphEdge(pre, pre, post, "spike", "drive", "+") for pre, post in more])
    drawn(made)
    axes = made.axes[0]
    low, high = axes.get_ylim()
    for line in (p for p in axes.patches if isinstance(p, PathPatch)):
        heights = line.get_path().to_polygons(closed_only=False)[0][:, 1]
        assert low <= heights.min()
        assert heights.max() <= high


def test_graded_signals_are_dashed(make, axes):
    nodes, edges = wiring(make(graded=True).circuit)
    graph(nodes, edges, axes)
    assert all(p.get_linestyle() != "-" for p in axes.patches if isinstance(p, PathPatch))
    assert "graded signals" in [t.get_text() for t in axes.get_legend().get_texts()]


def test_a_model_without_numbers(drawn):
    nodes = [GraphNode("E", "lif", "units of memory", ("memory",)), GraphNode("I", "lif", "")]
    edges = [
        GraphEdge("E_to_I", "E", "I", "spike", "drive", "+", plastic=True),
        GraphEdge("E_to_E", "E", "E", "spike", "drive"),
        GraphEdge("E_to_E_slow", "E", "E", "v", "drive", kind="graded"),
    ]
    drawn(figure(nodes, edges, "A model"))
    assert radius(nodes[0]) > 0


@pytest.mark.parametrize(
    ("nodes", "edges"), [([], []), chain(1), chain(2), chain(5), chain(9)], ids=["0", "1", "2", "5", "9"]
)
def test_any_number_of_populations(drawn, nodes, edges):
    drawn(figure(nodes, edges))


def test_a_graph_goes_into_axes_of_the_caller(axes):
    assert figure(*chain(2), "Two cells", ax=axes) is axes
    assert axes.get_title(loc="left") == "Two cells"
    assert sum(isinstance(p, Circle) for p in axes.patches) == 2


def test_a_chain_lies_in_a_row_and_in_order():
    places = layout(*chain(4))
    x, y = np.array(list(places.values())).T
    assert np.ptp(y) == 0
    assert (np.diff(x) > 0).all() or (np.diff(x) < 0).all()


def test_circles_and_words_do_not_cover_each_other(axes, drawn):
    nodes, edges = chain(3)
    edges += [
        GraphEdge("back", "P1", "P0", "spike", "drive", "-"),
        GraphEdge("far", "P2", "P0", "spike", "drive", "-"),
        GraphEdge("fast", "P0", "P1", "spike", "drive", "-", delay_text="1 ms", plastic=True),
        GraphEdge("self", "P1", "P1", "spike", "drive", "-"),
    ]
    graph(nodes, edges, axes)
    drawn(axes.figure)
    boxes = [text.get_window_extent() for text in axes.texts]
    for a, b in itertools.combinations(boxes, 2):
        shared = max(0, min(a.x1, b.x1) - max(a.x0, b.x0)) * max(0, min(a.y1, b.y1) - max(a.y0, b.y0))
        assert shared < 0.2 * min(a.width * a.height, b.width * b.height)


def test_a_layout_is_the_same_every_time():
    nodes, edges = chain(8)
    edges.append(GraphEdge("back", "P7", "P0", "spike", "drive", "-"))
    assert layout(nodes, edges) == layout(nodes, edges)


def test_layout_needs_no_unconnected_populations_on_top_of_each_other():
    nodes, _ = chain(4)
    places = np.array(list(layout(nodes, []).values()))
    assert min(np.hypot(*(a - b)) for a, b in itertools.combinations(places, 2)) > 0.2


def test_networkx_has_plain_attributes_and_becomes_graphml(make):
    network = to_networkx(*wiring(make().circuit), name="tiny")
    assert set(network) == {"pool", "features", "hidden"}
    assert network.nodes["features"] == {"cell": "lif", "size": "12 cells", "cells": 12.0, "ports": "memory"}
    assert network.edges["features", "hidden", "up"]["delay"] == "2 ms"
    for *_, data in [*network.nodes(data=True), *network.edges(data=True)]:
        assert all(type(value) in (str, float) for value in data.values())
    back = nx.parse_graphml("\n".join(nx.generate_graphml(network)), force_multigraph=True)
    assert dict(back.nodes(data=True)) == dict(network.nodes(data=True))
    assert back.number_of_edges() == 4


def test_dot(make):
    text = to_dot(to_networkx(*wiring(make().circuit), name='a "quoted" name'))
    assert text.startswith('digraph "a \\"quoted\\" name" {')
    assert '"pool" -> "features" [label="pool", arrowhead="tee", style="solid"' in text
    assert 'label="features\\n12 cells\\nlif"' in text
    assert text.endswith("}\n")


def test_many_projections_keep_their_names_only(axes, words):
    nodes, edges = chain(2)
    edges = [GraphEdge(f"e{k}", "P0", "P1", "spike", "drive", "+") for k in range(20)]
    graph(nodes, edges, axes)
    assert "e19" in words(axes)
    assert "spikes → drive" not in words(axes)


def test_the_room_is_not_imported_with_the_package():
    code = "import sys, neuroam.circuit, neuroam.recording; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
