"""The network of populations: circles, and the projections between them as curved arrows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, overload

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon
from matplotlib.path import Path

from neuroam.circuit import Array
from neuroam.plots.layout import SAMPLES, Curve, Paper, Places, bow, fitted, layout, loop, unit
from neuroam.plots.run import RunData, chosen
from neuroam.plots.style import (
    BLUE,
    INK,
    PALE,
    PURPLE,
    QUIET,
    SMALL,
    TEXT,
    VERMILLION,
    figure_of,
    heading,
    new_figure,
    style,
    tint,
)
from neuroam.plots.wiring import GraphEdge, GraphNode, to_dot, to_networkx, wiring

__all__ = ["GraphEdge", "GraphNode", "figure", "graph", "radius", "to_dot", "to_networkx"]

SIGNS = {
    "+": (VERMILLION, "excitatory"),
    "-": (BLUE, "inhibitory"),
    "±": ("#6F6F6F", "both signs"),
    "~": (PURPLE, "modulates"),
    "?": ("#A3A3A3", "sign not known"),
}
WIDE, FLAT, TALL, LANE = 11.0, 4.6, 7.0, 1.5  # inches; the last one for every further arrow beside two others
OUTERMOST = 2.0  # how far out the last of many arrows between two populations lies, in lanes
CROWDED = 14  # projections from which only names are written
PLASTIC: dict[str, Any] = {"marker": "D", "markersize": 7.5, "markerfacecolor": "white", "markeredgewidth": 1.8}
DASHES = (0.0, (4.0, 2.0))
HEAD = 12.0  # length of an arrow's head
LEAST = 0.62  # share of their size that populations keep at least
LEGIBLE = 6.0  # points, of words in a circle
LINE = 11.0  # from one line of words to the next


@overload
def figure(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], title: str = "") -> Figure: ...
@overload
def figure(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], title: str = "", *, ax: Axes) -> Axes: ...
def figure(
    nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], title: str = "", *, ax: Axes | None = None
) -> Figure | Axes:
    """A figure with the graph in it, as high as the graph needs; or ``ax``, if it is given, with the graph in it."""
    if ax is not None:
        ax.set_title(title, loc="left")
        return graph(nodes, edges, ax)
    # a row of populations needs no height
    places = layout(nodes, edges)
    flat = float(np.ptp([y for _, y in places.values()] or [0.0])) < 0.1
    lanes = Counter((edge.pre, edge.post) for edge in edges)
    flat_height = min(FLAT + LANE * max(0, max(lanes.values(), default=0) - 2), TALL)
    made = new_figure((WIDE, flat_height if flat else TALL))
    with style():
        _draw(nodes, edges, places, made.add_axes((0.01, 0.09, 0.98, 0.81)))
        heading(made, title, left=0.02)
    return made


def graph(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], axes: Axes) -> Axes:
    """Populations as circles, projections as arrows.

    Parameters
    ----------
    nodes, edges : sequence
        Populations and projections: of a circuit (`neuroam.plots.wiring.wiring`), or of a model without numbers.
    axes : Axes
        Where to draw.

    Returns
    -------
    Axes
        The same; one unit is one point.  Circles grow with the logarithm of the number of cells, arrows with that of
        the number of edges; a thick rim marks a population behind a port.  Excitation ends in an arrow, inhibition in
        a bar; solid for spikes, dashed for graded signals; a diamond marks what learns.  Delays, and the time
        constants of filters, stand beside the arrows.
    """
    with style():
        _draw(nodes, edges, layout(nodes, edges), axes)
    return axes


def _draw(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], places: Places, axes: Axes) -> None:
    paper = _paper(axes)
    at = fitted(places, paper.width, paper.height)
    shrunk = _shrunk(nodes, at)
    radii = {node.name: shrunk * radius(node) for node in nodes}
    for node in nodes:
        _draw_node(axes, node, at[node.name], radii[node.name], shrunk)
        (x, y), r = at[node.name], radii[node.name]
        paper.boxes.append((x - r, y - r, x + r, y + r))
    curves = _curves(edges, at, radii)
    paper.points = [curve.at(np.linspace(0, 1, SAMPLES)) for curve in curves]
    for edge, curve in zip(edges, curves, strict=True):
        _draw_arrow(axes, edge, curve)
    _name_ports(axes, nodes, at, radii, paper)
    _name_edges(axes, edges, curves, at, paper)
    _key(axes, nodes, edges)


def radius(node: GraphNode) -> float:
    """Of the circle of a population, in points."""
    return min(33.0 + 5.0 * float(np.log10(node.cells)), 58.0) if node.cells > 0 else 40.0


def _shrunk(nodes: Sequence[GraphNode], at: Mapping[str, Array]) -> float:
    """Share of their size that populations keep where many have to fit."""
    apart = [float(np.hypot(*(at[a.name] - at[b.name]))) for a, b in combinations(nodes, 2)]
    return max(LEAST, min([1.0, *(0.36 * length / max(radius(node) for node in nodes) for length in apart)]))


def _paper(axes: Axes) -> Paper:
    """Make one unit of the axes one point."""
    box = axes.get_window_extent()
    scale = 72.0 / figure_of(axes).dpi
    paper = Paper(float(box.width * scale), float(box.height * scale))
    axes.set_xlim(0, paper.width)
    axes.set_ylim(0, paper.height)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return paper


def _draw_node(axes: Axes, node: GraphNode, at: Array, size: float, shrunk: float) -> None:
    rim = 2.6 if node.ports else 1.0
    centre = (float(at[0]), float(at[1]))
    axes.add_patch(Circle(centre, size, facecolor=tint(PALE, 0.55), edgecolor=INK, linewidth=rim, zorder=3))
    words = (
        (node.name, TEXT + 1.5, "bold", INK),
        (node.size_text, SMALL, "normal", INK),
        (node.cell, SMALL, "normal", QUIET),
    )
    lines = [word for word in words if word[0]]
    for number, (text, points, weight, colour) in enumerate(lines):
        fits = max(1.8 * size / (0.62 * len(text)), LEGIBLE)
        axes.text(
            centre[0], centre[1] + shrunk * 11.5 * (0.5 * (len(lines) - 1) - number), text, ha="center", va="center",
            fontsize=min(shrunk * points, fits), fontweight=weight, color=colour, zorder=4,
        )  # fmt: skip


def _curves(edges: Sequence[GraphEdge], at: Mapping[str, Array], radii: Mapping[str, float]) -> list[Curve]:
    """An arrow for every projection; those between the same two populations lie apart."""
    seen: Counter[tuple[str, str]] = Counter()
    lanes = Counter((edge.pre, edge.post) for edge in edges)
    joined = {frozenset((edge.pre, edge.post)) for edge in edges}
    found = []
    for edge in edges:
        number = seen[edge.pre, edge.post]
        seen[edge.pre, edge.post] += 1
        if edge.pre == edge.post:
            others = [at[name] for name in at if name != edge.pre and frozenset((name, edge.pre)) in joined]
            found.append(loop(at[edge.pre], radii[edge.pre], others, number))
        else:
            lane = number * min(1.0, OUTERMOST / max(lanes[edge.pre, edge.post] - 1, 1))
            found.append(bow(at[edge.pre], at[edge.post], radii[edge.pre] + 1, radii[edge.post] + 3, lane))
    return found


def _draw_arrow(axes: Axes, edge: GraphEdge, curve: Curve) -> None:
    """The line, and a head of its own: dashes do not reach into it."""
    colour, _ = SIGNS[edge.sign]
    width = float(np.clip(0.9 + 0.42 * np.log10(edge.edges), 1.0, 3.6)) if edge.edges > 0 else 1.6
    tip = curve.corners[-1]
    along = unit(tip - curve.corners[-2])
    across = np.array([-along[1], along[0]])
    if edge.sign == "-":
        stop, head = tip, [tip - 7.0 * across, tip + 7.0 * across]
    else:
        base = tip - HEAD * along
        stop, head = base + 0.1 * HEAD * along, [tip, base + 0.42 * HEAD * across, base - 0.42 * HEAD * across]
    corners = [*map(tuple, curve.corners[:-1]), (float(stop[0]), float(stop[1]))]
    code = Path.CURVE3 if len(corners) == 3 else Path.CURVE4
    line = PathPatch(
        Path(corners, [Path.MOVETO, *[code] * (len(corners) - 1)]), fill=False, edgecolor=colour, linewidth=width,
        linestyle=DASHES if edge.kind == "graded" else "solid", capstyle="butt", zorder=2, label=edge.name,
    )  # fmt: skip
    axes.add_patch(line)
    thick = max(width, 2.0) if edge.sign == "-" else 0.0
    axes.add_patch(Polygon(head, closed=True, facecolor=colour, edgecolor=colour, linewidth=thick, zorder=2.5))
    if edge.plastic:
        x, y = curve.at(np.array([0.5]))[0]
        axes.plot([x], [y], markeredgecolor=colour, zorder=2.6, label=f"_{edge.name}", **PLASTIC)


def _name_ports(
    axes: Axes, nodes: Sequence[GraphNode], at: Mapping[str, Array], radii: Mapping[str, float], paper: Paper
) -> None:
    """The ports of a population, below it or wherever else there is room."""
    around = [np.array([np.cos(a), np.sin(a)]) for a in np.pi * np.array([-0.5, 0.5, -0.3, -0.7, 0.3, 0.7, 1.0, 0.0])]
    for node in nodes:
        if node.ports:
            text = ("port " if len(node.ports) == 1 else "ports ") + ", ".join(node.ports)
            spots = [(at[node.name] + radii[node.name] * out, out) for out in around]
            x, y = paper.place(spots, _width(text), 11.0)
            axes.text(x, y, text, ha="center", va="center", fontsize=SMALL, color=INK, zorder=5)


def _name_edges(
    axes: Axes, edges: Sequence[GraphEdge], curves: Sequence[Curve], at: Mapping[str, Array], paper: Paper
) -> None:
    """The names of projections and what they carry, beside their arrows."""
    brief = len(edges) > CROWDED
    for place, (edge, curve) in enumerate(zip(edges, curves, strict=True)):
        notes = [] if brief else _notes(edge)
        name = ", ".join([edge.name, *(_slow(edge) if brief else ())])
        wide = max(1.1 * _width(name), *(_width(note) for note in notes), 0.0)
        spots = _spots(curve, 0.5 * (at[edge.pre] + at[edge.post]))
        x, y = paper.place(spots, wide, LINE * (1 + len(notes)), own=place)
        top = y + 0.5 * LINE * len(notes)
        colour, _ = SIGNS[edge.sign]
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL, "zorder": 5}
        axes.text(x, top, name, color=colour, fontweight="bold", **look)
        for number, note in enumerate(notes):
            axes.text(x, top - LINE * (number + 1), note, color=QUIET, **look)


def _spots(curve: Curve, inner: Array) -> list[tuple[Array, Array]]:
    """Where words may stand beside an arrow, the best places first: outside of its middle."""
    found = []
    for more in (0.0, 10.0, 20.0, 32.0):
        for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82):
            out = curve.out(share, inner)
            here = curve.at(np.array([share]))[0]
            found += [(here + more * side, side) for side in (out, -out)]
    return found


def _notes(edge: GraphEdge) -> list[str]:
    way = f"{'spikes' if edge.kind == 'spikes' else edge.source} → {edge.slot}"
    more = ", ".join([*_slow(edge), *(["plastic"] if edge.plastic else [])])
    return [note for note in (way, more) if note]


def _slow(edge: GraphEdge) -> list[str]:
    """How much later a projection arrives, and for how long."""
    return [text for text in (f"delay {edge.delay_text}" if edge.delay_text else "", edge.filter_text) if text]


def _width(text: str) -> float:
    """Of small text, in points, near enough."""
    return 0.6 * SMALL * len(text)


def _key(axes: Axes, nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> None:
    """What colours, lines and circles mean, as far as they occur."""
    handles = [
        Line2D([], [], color=colour, linewidth=2.2, label=name)
        for sign, (colour, name) in SIGNS.items()
        if any(edge.sign == sign for edge in edges)
    ]
    if any(edge.kind == "spikes" for edge in edges):
        handles.append(Line2D([], [], color=QUIET, linewidth=1.4, label="spikes"))
    if any(edge.kind == "graded" for edge in edges):
        handles.append(Line2D([], [], color=QUIET, linewidth=1.4, linestyle=DASHES, label="graded signals"))
    if any(edge.plastic for edge in edges):
        handles.append(Line2D([], [], color=QUIET, linestyle="none", markeredgecolor=QUIET, label="plastic", **PLASTIC))
    circle: dict[str, Any] = {
        "marker": "o",
        "markersize": 9.0,
        "markerfacecolor": tint(PALE, 0.55),
        "linestyle": "none",
    }
    if any(node.ports for node in nodes):
        handles.append(Line2D([], [], markeredgecolor=INK, markeredgewidth=2.2, label="with a port", **circle))
    if any(node.cells for node in nodes):
        grows = "size: cells (log)" if all(node.cells for node in nodes) else "size: cells (log), where known"
        handles.append(Line2D([], [], markeredgecolor=INK, markeredgewidth=0.8, label=grows, **circle))
    if handles:
        axes.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(handles), handlelength=2.2,
            borderaxespad=0.2, columnspacing=1.5,
        )  # fmt: skip


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes."""
    if trial is not None:
        chosen(run.trials, trial)  # the circuit is the same in all trials, but not in those that are not there
    return graph(*wiring(run.circuit), axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Populations and projections of the circuit with all its numbers: sizes, signs, delays, plasticity."""
    with style():
        into(run, figure.add_axes((0.01, 0.09, 0.98, 0.81)), trial=trial)
        heading(figure, "Circuit", run.circuit.name, left=0.02)
