"""Projections whose edges do something of their own: messages, and weights that change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from neuroam.circuit import Ones, Projection, Sparse, Statement
from neuroam.linear import NotLinear, split_linear
from neuroam.reference.cells import Cells, advanced
from neuroam.reference.links import matrix_of
from neuroam.reference.text import Place, Text
from neuroam.reference.world import World

Array = NDArray[Any]
Chosen = tuple[Array, Array]  # trials and edges


class Edges:
    """The edges of one projection, by pre and then post cell: variables are arrays of (trials, edges)."""

    def __init__(self, world: World, projection: Projection, pre: Cells, post: Cells) -> None:
        self.world, self.projection, self.plastic = world, projection, projection.plastic
        self.pre_cells, self.post_cells = pre, post
        self.pre, self.post, weight = _joined(world, projection)
        count = world.trials.count
        self.values: dict[str, Any] = {"w": np.tile(weight, (count, 1)), "dt": world.circuit.dt}
        owner, streams = f"edges of {projection.name}", world.streams
        self.message = Text(projection.message, owner, streams) if projection.message else None
        self.statements: dict[str, list[tuple[str, Text]]] = {}
        if self.plastic is None:
            return
        for name, value in self.plastic.params.items():
            ends = self.pre if self.plastic.sides.get(name) == "pre" else self.post
            self.values[name] = value if isinstance(value, float) else np.asarray(value)[ends]
        self.values |= {name: np.zeros((count, self.pre.size)) for name in self.plastic.variables}
        self.is_there = np.ones((count, self.pre.size), dtype=bool)
        self.moves = [(ode.variable, ode.rate, Text(ode.rate, owner, streams)) for ode in self.plastic.equations]
        for label in ("step", "epoch_end"):
            self.statements[label] = _texts(getattr(self.plastic, label), owner, world)
        self.prunes = Text(self.plastic.prune, owner, streams) if self.plastic.prune else None
        for label in ("pre", "post"):
            self.statements[label] = _texts(getattr(self.plastic, label), owner, world)

    # ---- signals ---------------------------------------------------------------------------------------------------

    def carried(self) -> Array:
        """The sum of the messages at every post cell."""
        assert self.message is not None
        return self._gathered(np.broadcast_to(self._evaluate(self.message, None), self._all), self._every())

    def product(self, signal: Array, *, turned: bool = False) -> Array:
        """Weights times signal; ``turned`` reads the weights from post to pre."""
        source, target = (self.post, self.pre) if turned else (self.pre, self.post)
        size = (self.pre_cells if turned else self.post_cells).size
        found = np.zeros((len(signal), size))
        for trial, (row, weight) in enumerate(zip(signal, self.values["w"], strict=True)):
            found[trial] = np.bincount(target, weight * row[source], minlength=size)
        return found

    # ---- learning --------------------------------------------------------------------------------------------------

    def move(self) -> None:
        """Variables that have equations: exact where these are linear in the variable, else by Euler."""
        dt = self.world.circuit.dt
        for name, rate, text in self.moves:

            def slope(value: Any, name: str = name, text: Text = text) -> Array:
                return self._evaluate(text, None, {name: value})

            old = self.values[name]
            try:
                split_linear(rate, name)
                new = advanced(slope, old, dt)
            except NotLinear:
                new = old + dt * slope(old)
            self.values[name] = np.where(self.world.ended, old, new)

    def learn(self) -> None:
        """What happens in every step that learns, and in the last one of an epoch."""
        if self.plastic is None:
            return
        if self.world.learns(self.projection.name):
            running = np.broadcast_to(~self.world.ended, self._all)
            self._assign("step", tuple(np.nonzero(running & self.is_there)))
        if self.world.has_learned(self.projection.name):
            self._assign("epoch_end", tuple(np.nonzero(self.is_there)))
            if self.prunes is not None:
                going = np.broadcast_to(self._evaluate(self.prunes, None), self._all)
                self.is_there = self.is_there & ~going.astype(bool)
                self.values["w"] = self.values["w"] * self.is_there

    def at_spikes(self, side: str) -> None:
        """Statements of the edges of the cells that fired on one side."""
        if self.plastic is None or not self.statements[side] or not self.world.learns(self.projection.name):
            return
        fired = self.pre_cells.fired[:, self.pre] if side == "pre" else self.post_cells.fired[:, self.post]
        if fired.any():
            self._assign(side, tuple(np.nonzero(fired & self.is_there)))

    def _assign(self, label: str, chosen: Sequence[Array]) -> None:
        """Statements one after the other for some edges; what they add to post cells is added at the end."""
        trial, edge = chosen
        added: list[tuple[str, Array]] = []
        for target, text in self.statements[label]:
            value = np.broadcast_to(self._evaluate(text, (trial, edge)), trial.shape)
            if target.endswith("_post"):
                added.append((target.removesuffix("_post"), self._gathered(value, (trial, edge))))
            else:
                self.values[target][trial, edge] = value
        for state, total in added:
            self.post_cells.values[state] = self.post_cells.values[state] + total

    # ---- what names stand for ----------------------------------------------------------------------------------------

    @property
    def _all(self) -> tuple[int, int]:
        return self.world.trials.count, self.pre.size

    def _every(self) -> Chosen:
        trial, edge = np.indices(self._all)
        return trial.ravel(), edge.ravel()

    def _gathered(self, values: Array, at: Chosen) -> Array:
        total = np.zeros(self.post_cells.shape)
        np.add.at(total, (at[0], self.post[at[1]]), values.ravel())
        return total

    def _evaluate(self, text: Text, chosen: Chosen | None, other: dict[str, Any] | None = None) -> Array:
        return text(_Seen(self, {place.name: place for place in text.places}, chosen, other or {}))


class _Seen:
    """What names stand for at some edges, all of them if none are chosen."""

    def __init__(self, edges: Edges, places: dict[str, Place], chosen: Chosen | None, other: dict[str, Any]) -> None:
        self.edges, self.places, self.chosen, self.other = edges, places, chosen, other

    def __getitem__(self, name: str) -> Any:
        edges = self.edges
        if name in self.other:
            return self.other[name]
        if name in self.places:
            return self._some(edges.world.draw(self.places[name], edges.pre.size))
        if name in edges.values:
            return self._some(edges.values[name])
        read, _, side = name.rpartition("_")
        cells, ends = (edges.pre_cells, edges.pre) if side == "pre" else (edges.post_cells, edges.post)
        value = cells[read]
        if np.ndim(value) == 0:
            return value
        return self._some(np.broadcast_to(value, cells.shape)[:, ends])

    def _some(self, value: Any) -> Any:
        if self.chosen is None or np.ndim(value) == 0:
            return value
        return np.asarray(value)[self.chosen] if np.ndim(value) == 2 else np.asarray(value)[self.chosen[1]]


def _texts(statements: Iterable[Statement], owner: str, world: World) -> list[tuple[str, Text]]:
    return [(target, Text(value, owner, world.streams)) for target, value in statements]


def _joined(world: World, projection: Projection) -> tuple[Array, Array, Array]:
    """Pre cell, post cell and weight of every edge; weights that change have an edge even where they are zero."""
    matrix = matrix_of(world.circuit, projection)
    weights = world.circuit.matrices[projection.matrix].weights
    if isinstance(weights, Sparse):
        stored: Any = sparse.coo_array(matrix)
        post, pre, values = stored.row, stored.col, stored.data
    else:
        full = np.asarray(matrix)
        kept = projection.plastic is not None or isinstance(weights, Ones)
        found: Any = np.nonzero(np.ones(full.shape) if kept else full)
        post, pre = found
        values = full[post, pre]
    order = np.lexsort((post, pre))
    return pre[order], post[order], values[order]
