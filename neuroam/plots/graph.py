"""The network of populations: nodes, and the projections between them as curved arrows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import ArrowStyle, Circle, FancyArrowPatch
from matplotlib.path import Path

from neuroam.circuit import Array
from neuroam.plots.style import (
    BLUE,
    INK,
    PALE,
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
from neuroam.plots.wiring import GraphEdge, GraphNode, Wiring, to_networkx

SIGNS = {"+": (VERMILLION, "excitatory"), "-": (BLUE, "inhibitory"), "±": ("#6F6F6F", "both signs")}
WIDE, FLAT, TALL = 11.0, 4.6, 7.0  # inches
CROWDED = 14  # projections from which only names are written
BEND = 0.32  # of the first of several arrows between two populations
ROOM = 118.0  # points kept free around the centres of nodes


def graph(wiring: Wiring, axes: Axes | None = None) -> Axes:
    """Populations as circles, projections as arrows.

    Parameters
    ----------
    wiring : Wiring
        Populations and projections; from `neuroam.plots.wiring.wiring`, or made of a model without numbers.
    axes : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        One unit is one point.  Circles grow with the logarithm of the number of cells, arrows with that of the number
        of edges; a thick rim marks a population behind a port.  Excitation ends in an arrow, inhibition in a bar,
        solid for spikes and dashed for graded signals.
    """
    places = layout(wiring)
    with style():
        if axes is None:
            # a row of populations needs no height
            flat = bool(np.ptp([y for _, y in places.values()] or [0.0]) < 0.25)
            figure = new_figure((WIDE, FLAT if flat else TALL))
            axes = figure.add_axes((0.01, 0.09, 0.98, 0.8))
            heading(figure, wiring.name, left=0.02)
        width, height = _paper(axes)
        radii = {node.name: radius(node) for node in wiring.nodes}
        at = fitted(places, width, height)
        _draw_edges(axes, wiring, at, radii)
        for node in wiring.nodes:
            _draw_node(axes, node, at[node.name], radii[node.name])
        _key(axes, wiring.edges)
    return axes


def radius(node: GraphNode) -> float:
    """Of the circle of a population, in points."""
    return 30.0 + 4.5 * float(np.log10(node.cells)) if node.cells > 0 else 38.0


def layout(wiring: Wiring) -> dict[str, tuple[float, float]]:
    """Places of the populations, the longer side of the whole from 0 to 1 and level; the same for the same graph."""
    plain = nx.Graph()
    plain.add_nodes_from(node.name for node in wiring.nodes)
    plain.add_edges_from((edge.pre, edge.post) for edge in wiring.edges if edge.pre != edge.post)
    names = list(plain)
    if len(names) < 2:
        return dict.fromkeys(names, (0.5, 0.0))
    places = np.zeros((len(names), 2))
    shift = 0.0
    for part in nx.connected_components(plain):
        members = [name for name in names if name in part]
        found = nx.kamada_kawai_layout(plain.subgraph(members)) if len(members) > 2 else _row(members)
        inside = _level(np.array([found[name] for name in members]))
        inside = inside * max(len(members) - 1, 0) / max(np.ptp(inside[:, 0]), 1e-9)
        places[[names.index(name) for name in members]] = inside + (shift - inside[:, 0].min(), 0.0)
        shift += np.ptp(inside[:, 0]) + 1.0
    places = (places - places.min(axis=0)) / max(float(np.ptp(places, axis=0).max()), 1e-9)
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}


def _row(names: Sequence[str]) -> dict[str, tuple[float, float]]:
    return {name: (float(k), 0.0) for k, name in enumerate(names)}


def _level(places: Array) -> Array:
    """Turned so that the longer side lies flat, the first population to the left and above."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    if turned[0, 0] > 0:
        turned[:, 0] *= -1
    if turned[0, 1] < 0:
        turned[:, 1] *= -1
    turned[np.abs(turned) < 1e-6] = 0.0
    return np.asarray(turned)


def _paper(axes: Axes) -> tuple[float, float]:
    """Make one unit of the axes one point; their size in points."""
    box = axes.get_window_extent()
    scale = 72.0 / figure_of(axes).dpi
    width, height = float(box.width * scale), float(box.height * scale)
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return width, height


def fitted(places: Mapping[str, tuple[float, float]], width: float, height: float) -> dict[str, Array]:
    """Places in points, spread over the paper."""
    if not places:
        return {}
    raw = np.array(list(places.values()))
    span = np.ptp(raw, axis=0)
    room = np.minimum(ROOM, 0.25 * np.array([width, height]))
    free = np.array([width, height]) - 2 * room
    scale = np.where(span > 0.02, free / np.where(span > 0.02, span, 1.0), 0.0)
    # stretched, but not out of shape
    scale = np.minimum(scale, 1.8 * min((s for s in scale if s > 0), default=0.0))
    spread = (raw - raw.min(axis=0) - span / 2) * scale + np.array([width, height]) / 2
    return dict(zip(places, spread, strict=True))


def _draw_node(axes: Axes, node: GraphNode, at: Array, size: float) -> None:
    rim = 2.6 if node.ports else 1.0
    axes.add_patch(Circle(tuple(at), size, facecolor=tint(PALE, 0.55), edgecolor=INK, linewidth=rim, zorder=3))
    fits = 1.75 * size / (0.62 * max(len(node.name), 1))
    lines = [(node.name, min(TEXT + 1.5, fits), "bold", INK)]
    lines += [(node.size_text, min(SMALL, 3.2 * size / max(len(node.size_text), 1)), "normal", INK)] if node.size_text else []
    lines += [(node.cell, min(SMALL, 2.7 * size / max(len(node.cell), 1)), "normal", QUIET)] if node.cell else []
    step = 11.5
    for number, (text, points, weight, colour) in enumerate(lines):
        y = at[1] + step * (0.5 * (len(lines) - 1) - number)
        axes.text(at[0], y, text, ha="center", va="center", fontsize=points, fontweight=weight, color=colour, zorder=4)
    if node.ports:
        word = "port " if len(node.ports) == 1 else "ports "
        axes.text(
            at[0], at[1] - size - 5, word + ", ".join(node.ports), ha="center", va="top", fontsize=SMALL, color=INK,
            zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip


def _draw_edges(axes: Axes, wiring: Wiring, at: Mapping[str, Array], radii: Mapping[str, float]) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    centre = np.mean(list(at.values()), axis=0) if at else np.zeros(2)
    brief = len(wiring.edges) > CROWDED
    for edge in wiring.edges:
        number = seen[edge.pre, edge.post]
        seen[edge.pre, edge.post] += 1
        if edge.pre == edge.post:
            path, label, out = _loop(at[edge.pre], radii[edge.pre], centre, number)
        else:
            path, label, out = _bow(at[edge.pre], at[edge.post], radii[edge.pre], radii[edge.post], BEND * (1 + number))
        _arrow(axes, edge, path)
        _name(axes, edge, label, out, brief)


def _bow(start: Array, stop: Array, near: float, far: float, bend: float) -> tuple[Path, Array, Array]:
    """A curve from rim to rim that leaves to the left of its way; the place of its label, and which way is out."""
    along = stop - start
    out = np.array([along[1], -along[0]]) / max(float(np.hypot(*along)), 1e-9)
    control = 0.5 * (start + stop) + bend * float(np.hypot(*along)) * out
    begin = start + near * _unit(control - start)
    end = stop + (far + 3.0) * _unit(control - stop)
    path = Path([tuple(begin), tuple(control), tuple(end)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    return path, 0.25 * begin + 0.5 * control + 0.25 * end, out


def _loop(at: Array, size: float, centre: Array, number: int) -> tuple[Path, Array, Array]:
    """A loop at the side of a node that looks away from the others."""
    away = at - centre
    angle = np.arctan2(away[1], away[0]) if np.hypot(*away) > 1e-6 else np.pi / 2
    # ports are named below: loops keep to the upper half
    angle = np.clip(angle if angle >= 0 else np.pi / 2, 0.3 * np.pi, 0.7 * np.pi) + 0.9 * number
    reach = size + 58.0
    first, last = (np.array([np.cos(angle + turn), np.sin(angle + turn)]) for turn in (0.42, -0.42))
    begin, end = at + size * first, at + (size + 3.0) * last
    path = Path(
        [tuple(begin), tuple(at + reach * first), tuple(at + reach * last), tuple(end)],
        [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
    )
    out = np.array([np.cos(angle), np.sin(angle)])
    return path, 0.125 * (begin + end) + 0.375 * (2 * at + reach * (first + last)), out


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.hypot(*vector)), 1e-9))


def _arrow(axes: Axes, edge: GraphEdge, path: Path) -> None:
    colour, _ = SIGNS[edge.sign]
    width = float(np.clip(0.9 + 0.42 * np.log10(edge.edges), 1.0, 3.6)) if edge.edges > 0 else 1.6
    head = ArrowStyle("-[", widthB=6.0, lengthB=0.0) if edge.sign == "-" else ArrowStyle("-|>", head_length=7, head_width=4)
    axes.add_patch(
        FancyArrowPatch(
            path=path,
            arrowstyle=head,
            mutation_scale=1.0,
            color=colour,
            linewidth=width,
            linestyle=(0, (4, 2)) if edge.kind == "graded" else "solid",
            capstyle="butt",
            joinstyle="miter",
            zorder=2,
            label=edge.name,
        )
    )


def _name(axes: Axes, edge: GraphEdge, at: Array, out: Array, brief: bool) -> None:
    """The name of a projection, and what it carries, outside of its bow."""
    colour, _ = SIGNS[edge.sign]
    way = f"{edge.source} → {edge.slot}" if edge.kind == "graded" else f"spikes → {edge.slot}"
    notes = [way, edge.delay_text and f"delay {edge.delay_text}", "plastic" if edge.plastic else ""]
    note = "" if brief else "\n" + ", ".join(part for part in notes if part)
    x, y = at + 7.0 * out
    side = "center" if abs(out[0]) < 0.5 else "left" if out[0] > 0 else "right"
    up = "center" if abs(out[1]) < 0.5 else "bottom" if out[1] > 0 else "top"
    for text, ink, weight in ((f"{edge.name}{chr(10) * bool(note)}", colour, "bold"), (note, QUIET, "normal")):
        if text.strip():
            axes.text(x, y, text, ha=side, va=up, fontsize=SMALL, color=ink, fontweight=weight, linespacing=1.25, zorder=5)


def _key(axes: Axes, edges: Sequence[GraphEdge]) -> None:
    """What colours and lines mean, as far as they occur."""
    handles = [
        Line2D([], [], color=colour, linewidth=2.2, label=name)
        for sign, (colour, name) in SIGNS.items()
        if any(edge.sign == sign for edge in edges)
    ]
    for kind, dashes in (("spikes", "solid"), ("graded", (0, (4, 2)))):
        if any(edge.kind == kind for edge in edges):
            handles.append(Line2D([], [], color=QUIET, linewidth=1.4, linestyle=dashes, label=kind))
    if handles:
        axes.legend(
            handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(handles), handlelength=2.4,
            borderaxespad=0.2, columnspacing=2.2,
        )  # fmt: skip


__all__ = ["fitted", "graph", "layout", "radius", "to_networkx"]
