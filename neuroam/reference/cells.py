"""Populations: what a name in their text stands for, and how their states move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Population
from neuroam.reference.links import Link
from neuroam.reference.text import Place, Text
from neuroam.reference.world import World

Array = NDArray[Any]


class Cells:
    """One population of a run: its variables are arrays of (trials, cells), or (trials, 1) for reductions.

    ``cells[NAME]`` is what NAME stands for in its text at this moment: a variable, a parameter, a control, the sum of
    an input, or a random number.
    """

    def __init__(self, world: World, population: Population, feeds: list[Link]) -> None:
        self.world, self.population, self.feeds = world, population, feeds
        self.name, self.cell, self.size = population.name, population.cell, population.size
        self.shape = (world.trials.count, population.size)
        self.values: dict[str, Any] = dict(population.params)
        names = [*self.cell.states, *(name for name, _ in self.cell.outputs)]
        self.values |= {name: np.zeros(self.shape) for name in names}
        self.values |= {reduction.name: np.zeros((self.shape[0], 1)) for reduction in self.cell.reductions}
        for state in self.cell.states:
            if (self.name, state) in world.trials.initial:
                self.values[state] = np.array(world.trials.initial[self.name, state], dtype=float)
        self.values |= {"size": float(self.size), "dt": world.circuit.dt}
        self.refractory = np.zeros(self.shape)
        self.fired = np.zeros(self.shape, dtype=bool)
        self.texts: dict[tuple[str, str], Text] = {}
        self.places: dict[str, Place] = {}

    # ---- what names stand for ------------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        if name in self.places:
            return self.world.draw(self.places[name], self.size)
        if name in self.cell.inputs and name not in self.cell.pulses:
            return self.inflow(name)
        if name in self.world.circuit.controls and name in self.cell.params:
            return self.world.control(name)
        if name == "t":
            return self.world.step * self.world.circuit.dt
        return self.values[name]

    def inflow(self, slot: str) -> Array:
        """All that feeds an input."""
        total = np.zeros(self.shape)
        for link in self.feeds:
            if link.projection.slot == slot:
                total = total + (link.now if link.projection.filter is None else link.state)
        if (self.name, slot) in self.world.trials.drives:
            drive = self.world.look_up(self.world.trials.drives[self.name, slot])
            total = total if drive is None else total + drive
        if (self.name, slot) in self.world.trials.lists:
            total = total + self.world.listed(self.world.trials.lists[self.name, slot], self.size)
        return total

    def text(self, use: str, text: str) -> Text:
        """A text of this population; places that draw are numbered in the order in which texts are first met."""
        if (use, text) not in self.texts:
            self.texts[use, text] = Text(text, self.name, self.world.streams)
        return self.texts[use, text]

    def evaluate(self, use: str, text: str, other: Mapping[str, Any] | None = None) -> Array:
        """The value of a text, with ``other`` values of some names."""
        made = self.text(use, text)
        self.places = {place.name: place for place in made.places}
        return made(_Overlaid(self, other) if other else self)

    # ---- the beginning of a step -----------------------------------------------------------------------------------

    def hold(self) -> None:
        """States that the protocol overwrites."""
        filters = {f"s_{link.projection.name}": link for link in self.feeds}
        for (name, state), signal in self.world.trials.holds.items():
            held = self.world.look_up(signal) if name == self.name else None
            if held is not None and state in filters:
                filters[state].state = np.where(np.isnan(held), filters[state].state, held)
            elif held is not None:
                self.values[state] = np.where(np.isnan(held), self.values[state], held)

    def awake(self) -> Array:
        """True for the cells that do not stand still."""
        return self[self.population.only] != 0 if self.population.only else np.ones(self.shape, dtype=bool)

    def silenced(self) -> bool:
        return self.name in self.world.trials.silenced and bool(self.world.trials.silenced[self.name][self.world.now])

    def put_out(self, name: str) -> None:
        """One output."""
        found = self.evaluate("output", dict(self.cell.outputs)[name])
        found = np.where(self.awake() & ~np.array(self.silenced()), found, 0.0)
        self._move(name, found, ~self.world.ended)

    def reduce(self, name: str) -> None:
        """One number per trial."""
        reduction = next(r for r in self.cell.reductions if r.name == name)
        argument = np.broadcast_to(self.evaluate("reduce", reduction.argument), self.shape)
        self._move(name, _REDUCE[reduction.kind.rstrip("0123456789")](argument, reduction.kind), ~self.world.ended)

    def _move(self, name: str, new: Array, where: Array) -> None:
        self.values[name] = np.where(where, new, self.values[name])

    # ---- time passes -----------------------------------------------------------------------------------------------

    def step(self, turn: Array) -> None:
        """All states and filters move by one step; ``turn`` says which cells it is the turn of."""
        event = self.cell.event
        if event is not None and event.refractory:
            self.refractory = self.refractory - ((self.refractory > 0) & ~self.world.ended)
        held = event.hold if event is not None and event.refractory else ()
        goes = self.awake() & ~self.world.ended
        moved = {ode.variable: self._moved(ode.variable, ode.rate) for ode in self.cell.odes}
        moved |= {name: self.evaluate("update", text) for name, text in self.cell.updates}
        for name, new in moved.items():
            self._move(name, new, goes & turn & (self.refractory <= 0) if name in held else goes & turn)
        for link in self.filters():
            link.state = np.where(goes, self.through(link), link.state)

    def filters(self) -> list[Link]:
        """The filters that move with the states: in discrete time, those of graded signals have moved already."""
        continuous = self.world.circuit.update == "continuous"
        return [link for link in self.feeds if link.rate is not None and (continuous or link.spikes)]

    def through(self, link: Link) -> Array:
        """The state of a filter after one step."""
        dt = self.world.circuit.dt
        if self.world.circuit.method == "euler" and self.world.circuit.update == "continuous":
            return np.asarray(link.state + dt * link.filtered(link.state))
        return advanced(link.filtered, link.state, dt)

    def _moved(self, name: str, rate: str) -> Array:
        """A state after one step; in discrete time it jumps to where its equation leads."""

        def slope(value: Any) -> Array:
            return self.evaluate("ode", rate, {name: value})

        dt, jumps = self.world.circuit.dt, self.world.circuit.update != "continuous"
        if self.world.circuit.method == "euler" and not jumps:
            return np.asarray(self.values[name] + dt * slope(self.values[name]))
        return advanced(slope, self.values[name], dt, jumps=jumps)


def advanced(rate: Callable[[Any], Array], x: Array, dt: float, *, jumps: bool = False) -> Array:
    """The exact solution after ``dt`` of ``dx/dt = a + b x``, with a and b held: `rate` at 0 gives a, at 1 gives a + b.

    One that ``jumps`` goes to where it would come to rest.
    """
    a = rate(0.0)
    b = rate(1.0) - a
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = -a / b if jumps else x * np.exp(b * dt) + a * np.expm1(b * dt) / b
    return np.where(b == 0, x + dt * a, moved)


class _Overlaid:
    """Names of a population, some of which stand for something else."""

    def __init__(self, cells: Cells, other: Mapping[str, Any]) -> None:
        self.cells, self.other = cells, other

    def __getitem__(self, name: str) -> Any:
        return self.other[name] if name in self.other else self.cells[name]


_REDUCE: Mapping[str, Callable[[Array, str], Array]] = {
    "sum": lambda x, _: x.sum(axis=-1, keepdims=True),
    "mean": lambda x, _: x.mean(axis=-1, keepdims=True),
    "max": lambda x, _: x.max(axis=-1, keepdims=True),
    "min": lambda x, _: x.min(axis=-1, keepdims=True),
    "argmax": lambda x, _: x.argmax(axis=-1, keepdims=True).astype(float),
    "kth": lambda x, kind: np.sort(x, axis=-1)[:, [-min(int(kind.removeprefix("kth")), x.shape[-1])]],
}
