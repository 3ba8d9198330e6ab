"""Where the populations of a graph, the arrows between them and the words beside them go; lengths in points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx
import numpy as np

from neuroam.circuit import Array
from neuroam.plots.wiring import GraphEdge, GraphNode

BEND, MOST = 0.32, 80.0  # of the first arrow between two populations: in shares of their distance, and in points
FAR = 320.0  # between neighbours
ROOM = 118.0  # kept free around the centres of the outermost populations
ROW = 5  # populations of a chain that fit in one row
ROUNDS = 200  # of moving populations apart
SAMPLES = 60  # points by which an arrow is kept free of words

Places = Mapping[str, tuple[float, float]]


def layout(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> dict[str, tuple[float, float]]:
    """Places of the populations, the longer side of the whole from 0 to 1 and level; the same for the same graph."""
    plain: nx.Graph = nx.Graph()
    plain.add_nodes_from(node.name for node in nodes)
    plain.add_edges_from((edge.pre, edge.post) for edge in edges if edge.pre != edge.post)
    names = list(plain)
    if len(names) < 2:
        return dict.fromkeys(names, (0.5, 0.0))
    places = np.zeros((len(names), 2))
    shift = 0.0
    for part in nx.connected_components(plain):
        members = [name for name in names if name in part]
        inside = _arranged(plain.subgraph(members), members)
        places[[names.index(name) for name in members]] = inside + np.array([shift - inside[:, 0].min(), 0.0])
        shift += float(np.ptp(inside[:, 0])) + 1.0
    places = (places - places.min(axis=0)) / max(float(np.ptp(places, axis=0).max()), 1e-9)
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}


def _arranged(part: nx.Graph, members: Sequence[str]) -> Array:
    """One connected part, about one unit between neighbours: a chain in rows, anything else by its distances."""
    ends = [name for name in members if part.degree(name) <= 1]
    if len(ends) == 2 and max(dict(part.degree).values()) <= 2:
        chain = list(nx.shortest_path(part, *ends))
        return _rows([chain.index(name) for name in members])
    if len(members) == 1:
        return np.zeros((1, 2))
    lengths = dict(nx.all_pairs_shortest_path_length(part))
    distances = np.array([[float(lengths[a][b]) for b in members] for a in members])
    return _level(_spaced(distances))


def _rows(numbers: Sequence[int]) -> Array:
    """A chain in one row, or to and fro in several."""
    wide = len(numbers) if len(numbers) <= ROW + 1 else min(ROW, -(-len(numbers) // 2))
    row, place = np.divmod(np.asarray(numbers), wide)
    return np.column_stack([np.where(row % 2, wide - 1 - place, place), -row]).astype(float)


def _spaced(distances: Array) -> Array:
    """Places as far apart as ``distances`` say, or nearly: stress majorisation from the classical solution.

    References
    ----------
    Gansner, Koren & North (2004) Graph Drawing by Stress Majorization, LNCS 3383:239, eq. 8.
    """
    count = len(distances)
    centring = np.eye(count) - 1.0 / count
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances**2 @ centring)
    places = vectors[:, [-1, -2]] * np.sqrt(np.maximum(values[[-1, -2]], 0.01))
    # off the line, where the forces across it would vanish
    places[:, 1] += 0.01 * np.cos(np.arange(count))
    weights = np.where(distances > 0, 1.0 / np.where(distances > 0, distances, 1.0) ** 2, 0.0)
    inverse = np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights)
    for _ in range(ROUNDS):
        apart = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
        pull = -weights * distances / np.maximum(apart, 1e-6)
        np.fill_diagonal(pull, 0.0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        places = inverse @ pull @ places
    return np.asarray(places)


def _level(places: Array) -> Array:
    """Turned so that the longer side lies flat, the first population to the left and above."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    turned[:, 0] *= -1 if turned[0, 0] > 0 else 1
    turned[:, 1] *= -1 if turned[0, 1] < 0 else 1
    return np.asarray(np.where(np.abs(turned) < 1e-6, 0.0, turned))


def fitted(places: Places, width: float, height: float) -> dict[str, Array]:
    """Places in points, spread over the paper, stretched but not out of shape."""
    if not places:
        return {}
    raw = np.array(list(places.values()))
    span = np.ptp(raw, axis=0)
    free = np.array([width, height]) - 2 * np.minimum(ROOM, 0.17 * np.array([width, height]))
    scale = np.where(span > 0.02, free / np.where(span > 0.02, span, 1.0), 0.0)
    scale = np.minimum(scale, 1.8 * min((s for s in scale if s > 0), default=0.0))
    if len(raw) > 1:
        apart = np.hypot(*((raw[:, None] - raw[None, :]) * scale).transpose(2, 0, 1)) + 1e9 * np.eye(len(raw))
        scale = scale * min(1.0, FAR / max(float(apart.min()), 1e-9))
    spread = (raw - raw.min(axis=0) - span / 2) * scale + np.array([width, height]) / 2
    return dict(zip(places, spread, strict=True))


@dataclass(frozen=True)
class Curve:
    """An arrow as a Bézier curve of two or three handles."""

    corners: Array

    def at(self, share: Array) -> Array:
        """Points at shares of the way, (..., 2)."""
        points = np.repeat(self.corners[:, None, :], np.size(share), axis=1)
        s = np.reshape(share, (1, -1, 1))
        while len(points) > 1:
            points = (1 - s) * points[:-1] + s * points[1:]
        return np.asarray(points[0])

    def out(self, share: float, away: Array) -> Array:
        """The direction across the curve that leads away from ``away``."""
        before, after = self.at(np.array([share - 0.01, share + 0.01]))
        across = unit(np.array([after[1] - before[1], before[0] - after[0]]))
        here = self.at(np.array([share]))[0]
        return np.asarray(across if across @ (here - away) >= 0 else -across)


def bow(start: Array, stop: Array, near: float, far: float, lane: float) -> Curve:
    """A curve from rim to rim that leaves to the right of its way, the further out the higher its lane."""
    along = stop - start
    out = unit(np.array([along[1], -along[0]]))
    height = min(BEND * float(np.hypot(*along)), MOST) * (1 + 1.1 * lane)
    control = 0.5 * (start + stop) + height * out
    return Curve(np.array([start + near * unit(control - start), control, stop + far * unit(control - stop)]))


def loop(at: Array, size: float, others: Sequence[Array], number: int) -> Curve:
    """A loop at the side of a population where there is most room."""
    angles = np.sort([np.arctan2(*(other - at)[::-1]) for other in others])
    middle = np.pi / 2
    if angles.size:
        gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
        # of equal gaps, the upper one
        middles = angles + gaps / 2
        middle = float(middles[np.lexsort((-np.sin(middles), -np.round(gaps, 2)))[0]])
    middle += 0.95 * number
    first, last = (np.array([np.cos(middle + turn), np.sin(middle + turn)]) for turn in (0.4, -0.4))
    reach = size + 58.0
    return Curve(np.array([at + size * first, at + reach * first, at + reach * last, at + (size + 3.0) * last]))


def unit(vector: Array) -> Array:
    """The same direction, of length one."""
    return np.asarray(vector / max(float(np.hypot(*vector)), 1e-9))


Box = tuple[float, float, float, float]


@dataclass
class Paper:
    """What is already on the paper, so that words find a place beside it."""

    width: float
    height: float
    boxes: list[Box] = field(default_factory=list)
    points: list[Array] = field(default_factory=list)

    def place(self, spots: Sequence[tuple[Array, Array]], wide: float, high: float, own: int | None = None) -> Array:
        """The centre of the spot with the most room for a word ``wide`` and ``high``, which is then taken.

        ``spots`` are points and the directions in which the word is moved off them, the best ones first; ``own`` is the
        number of the arrow that it belongs to, which it should be closer to than to any other.
        """
        best, chosen, centre = np.inf, (0.0, 0.0, 0.0, 0.0), np.zeros(2)
        for number, (point, out) in enumerate(spots):
            here = point + out * (6.0 + 0.5 * (abs(out[0]) * wide + abs(out[1]) * high))
            box = (here[0] - wide / 2, here[1] - high / 2, here[0] + wide / 2, here[1] + high / 2)
            cost = self._cost(box) + 1.5 * number + (300.0 if self._astray(here, own) else 0.0)
            if cost < best:
                best, chosen, centre = cost, box, here
        self.boxes.append(chosen)
        return centre

    def _astray(self, here: Array, own: int | None) -> bool:
        if own is None:
            return False
        distances = [float(np.hypot(*(points - here).T).min()) for points in self.points]
        return min(distances) < distances[own] - 1.0

    def _cost(self, box: Box) -> float:
        left, low, right, high = box
        cost = 20.0 * sum(max(0.0, x) for x in (-left, right - self.width, -low, high - self.height))
        for a, b, c, d in self.boxes:
            cost += 5.0 * max(0.0, min(right, c) - max(left, a) + 2) * max(0.0, min(high, d) - max(low, b) + 1)
        for points in self.points:
            inside = (points[:, 0] > left - 1) & (points[:, 0] < right + 1) & (points[:, 1] > low - 1)
            cost += 30.0 * float((inside & (points[:, 1] < high + 1)).sum())
        return cost
