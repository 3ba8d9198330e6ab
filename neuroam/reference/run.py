"""Circuit and trials in, recording out: one step after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Trials
from neuroam.evaluate import order_of
from neuroam.recording import EdgeWeights, Recording, Spikes, Trace
from neuroam.reference.cells import Cells, advanced
from neuroam.reference.edges import Edges
from neuroam.reference.links import Link
from neuroam.reference.philox import PICK, uniform
from neuroam.reference.world import World

Array = NDArray[Any]
Key = tuple[str, str]


def integrate(circuit: Circuit, trials: Trials, every: Mapping[Key, int]) -> Recording:
    """What the circuit does in these trials: all spikes, and the variables that are asked for.

    A step is: what the protocol holds, what arrives, then outputs, reductions and graded projections, each after what
    it reads; samples are taken; edges that learn in every step do so; all states move from the old values of all;
    cells fire whose condition holds; spikes are delivered; edges learn from spikes; cells that fired are reset.

    Parameters
    ----------
    circuit, trials
        With all their numbers.
    every : mapping
        Of variables, (population, name), the number of steps between samples.

    Returns
    -------
    Recording
        Spikes of every population that fires, traces, and the final weights of plastic projections.
    """
    return _Network(circuit, trials, every).run()


class _Network:
    def __init__(self, circuit: Circuit, trials: Trials, every: Mapping[Key, int]) -> None:
        self.circuit, self.trials, self.every = circuit, trials, every
        self.world = World(circuit, trials)
        there = {name: population for name, population in circuit.populations.items() if population.size}
        used = [p for p in circuit.projections.values() if p.pre in there and p.post in there]
        self.moving = [name for name, population in there.items() if population.cell.states]
        if circuit.update == "one_cell":
            for name in self.moving:
                self.world.streams.skip(name)  # the number that says which cell moves
        self.links = {p.name: Link(self.world, p) for p in used}
        self.cells = {
            name: Cells(self.world, population, [link for link in self.links.values() if link.projection.post == name])
            for name, population in there.items()
        }
        self.edges = {
            p.name: Edges(self.world, p, self.cells[p.pre], self.cells[p.post]) for p in used if p.plastic or p.message
        }
        self.order = [step for step in order_of(circuit) if step.owner in self.cells or step.owner in self.links]
        self.samples: dict[Key, list[Array]] = {key: [] for key in every}
        self.spikes: dict[str, list[tuple[int, Array, Array]]] = {
            name: [] for name, cells in self.cells.items() if cells.cell.event is not None
        }

    def run(self) -> Recording:
        for step in range(self.trials.n_steps + 1):
            self.world.begin(step)
            self._open()
            self._evaluate(again=False)
            self._watch()
            self._sample(step)
            if step == self.trials.n_steps:
                break
            self._move()
            self._fire(step)
        return self._recording()

    # ---- the beginning of a step -------------------------------------------------------------------------------------

    def _open(self) -> None:
        if not self._running():
            self.world.ended = np.zeros_like(self.world.ended)  # the epoch that may end early is over
        for cells in self.cells.values():
            cells.hold()
        for link in self.links.values():
            if link.delayed:
                link.arrive()
                self._filter(link)

    def _running(self) -> list[Any]:
        """What may end a trial in this step."""
        return [u for u in self.trials.until if u.start <= self.world.now < u.stop and u.population in self.cells]

    def _filter(self, link: Link) -> None:
        """In discrete time, what arrives goes through the filter before anything reads it."""
        if link.rate is not None and not link.spikes and self.circuit.update != "continuous":
            new = advanced(link.filtered, link.state, self.circuit.dt)
            link.state = np.where(self.world.ended, link.state, new)

    def _evaluate(self, *, again: bool) -> None:
        for step in self.order:
            if step.kind == "output":
                self.cells[step.owner].put_out(step.name)
            elif step.kind == "reduce":
                self.cells[step.owner].reduce(step.name)
            elif not (again and self.links[step.owner].remembers):
                self._project(self.links[step.owner])

    def _project(self, link: Link) -> None:
        """One graded projection."""
        link.send(self._sum(link), self._flag(link))
        if not link.delayed:
            self._filter(link)

    def _flag(self, link: Link) -> Array | None:
        only = link.projection.only
        return self.cells[link.projection.post][only] != 0 if only else None

    def _sum(self, link: Link) -> Array:
        """Weights times what the pre cells send in this step."""
        projection = link.projection
        pre = self.cells[projection.pre]
        signal = pre.fired if link.spikes else pre[projection.source]
        signal = np.broadcast_to(np.asarray(signal, dtype=float), pre.shape)
        if projection.message:
            return self.edges[projection.name].carried()
        owner = self._owner(link)
        if owner is None:
            return link.product(signal)
        turned = self.links[owner.projection.name].projection.transpose != projection.transpose
        return owner.product(signal, turned=turned)

    def _owner(self, link: Link) -> Edges | None:
        """The edges that hold the weights of a projection, if they change."""
        name, matrix = link.projection.name, link.projection.matrix
        if link.projection.plastic:
            return self.edges[name]
        return next((e for e in self.edges.values() if e.plastic and e.projection.matrix == matrix), None)

    def _watch(self) -> None:
        """Trials end whose flag is up."""
        for until in self._running():
            cells = self.cells[until.population]
            flag = np.broadcast_to(cells[until.variable], cells.shape)[:, :1]
            self.world.ended = self.world.ended | (flag > 0)

    def _sample(self, step: int) -> None:
        for (name, variable), every in self.every.items():
            if step % every == 0:
                cells = self.cells[name]
                self.samples[name, variable].append(np.array(np.broadcast_to(cells[variable], cells.shape)))

    # ---- time passes -------------------------------------------------------------------------------------------------

    def _move(self) -> None:
        for edges in self.edges.values():
            if edges.plastic:
                edges.move()
        for edges in self.edges.values():
            edges.learn()
        if self.circuit.update == "continuous" and self.circuit.method == "rk4":
            self._runge_kutta()
            return
        for name, cells in self.cells.items():
            cells.step(self._turn(name))

    def _turn(self, name: str) -> Array:
        """Which cells move in this step."""
        cells = self.cells[name]
        if name not in self.moving or self.circuit.update in ("continuous", "synchronous"):
            return np.ones(cells.shape, dtype=bool)
        if self.circuit.update == "alternate":
            mine = self.world.step % len(self.moving) == self.moving.index(name)
            return np.full(cells.shape, mine)
        sizes = [self.cells[other].size for other in self.moving]
        before = sum(sizes[: self.moving.index(name)])
        picked = uniform(self.trials.noise_key, PICK, self.trials.index, self.world.step, np.zeros(1, dtype=int))
        return np.asarray(np.floor(picked * sum(sizes)) == before + np.arange(cells.size))

    def _runge_kutta(self) -> None:
        """The classical rule for the whole network: outputs and projections follow the states of every stage."""
        dt = self.circuit.dt
        odes = [(cells, ode) for cells in self.cells.values() for ode in cells.cell.odes]
        links = [link for cells in self.cells.values() for link in cells.filters()]
        old = [*(cells.values[ode.variable] for cells, ode in odes), *(link.state for link in links)]

        def put(new: Sequence[Array]) -> None:
            for (cells, ode), value in zip(odes, new[: len(odes)], strict=True):
                cells.values[ode.variable] = value
            for link, value in zip(links, new[len(odes) :], strict=True):
                link.state = value

        total = [np.zeros_like(value) for value in old]
        for stage, (ahead, weight) in enumerate(((0.5, 1.0), (0.5, 2.0), (1.0, 2.0), (0.0, 1.0))):
            if stage:
                self._evaluate(again=True)
            slopes = [
                *(cells.evaluate("ode", ode.rate) for cells, ode in odes),
                *(link.filtered(link.state) for link in links),
            ]
            total = [so_far + weight * slope for so_far, slope in zip(total, slopes, strict=True)]
            put([before + ahead * dt * slope for before, slope in zip(old, slopes, strict=True)])
        ended = self.world.ended
        put([np.where(ended, before, before + dt * slope / 6) for before, slope in zip(old, total, strict=True)])

    def _fire(self, step: int) -> None:
        """Cells fire, spikes are delivered, edges learn from them, and cells that fired are reset."""
        for name in self.spikes:
            cells = self.cells[name]
            cells.fired = self._fires(cells)
            trial, cell = np.nonzero(cells.fired)
            self.spikes[name].append((step, trial, cell))
        flags = {name: self._flag(link) for name, link in self.links.items() if link.spikes}
        for name, flag in flags.items():
            self._deliver(self.links[name], flag)
        for edges in self.edges.values():
            edges.at_spikes("pre")
            edges.at_spikes("post")
        for name in self.spikes:
            _reset(self.cells[name])

    def _fires(self, cells: Cells) -> Array:
        event = cells.cell.event
        assert event is not None
        found = np.broadcast_to(cells.evaluate("when", event.when), cells.shape).astype(bool)
        if event.refractory:
            found = found & (cells.refractory <= 0)
        return np.asarray(found & ~self.world.ended & ~np.array(cells.silenced()))

    def _deliver(self, link: Link, flag: Array | None) -> None:
        link.send(self._sum(link), flag)
        post, slot = self.cells[link.projection.post], link.projection.slot
        if slot in post.cell.pulses:
            state = post.cell.pulses[slot]
            post.values[state] = post.values[state] + link.now
        elif link.rate is not None:
            link.state = link.state + link.now

    # ---- the end -----------------------------------------------------------------------------------------------------

    def _recording(self) -> Recording:
        spikes = {name: _joined(found) for name, found in self.spikes.items()}
        traces = {
            key: Trace(np.arange(len(found)) * self.every[key], np.stack(found, axis=1))
            for key, found in self.samples.items()
        }
        weights = {
            name: EdgeWeights(edges.pre.astype(np.int32), edges.post.astype(np.int32), edges.values["w"])
            for name, edges in self.edges.items()
            if edges.plastic
        }
        return Recording(self.circuit.dt, self.trials.n_steps, self.trials.count, spikes, traces, weights)


def _reset(cells: Cells) -> None:
    event = cells.cell.event
    assert event is not None
    if not cells.fired.any():
        return
    for line in event.then:
        variable, _, value = line.partition(" = ")
        new = cells.evaluate("then", value)
        cells.values[variable] = np.where(cells.fired, new, cells.values[variable])
    if event.refractory:
        steps = np.rint(np.asarray(cells.population.params[event.refractory]) / cells.world.circuit.dt)
        cells.refractory = np.where(cells.fired, steps, cells.refractory)


def _joined(found: list[tuple[int, Array, Array]]) -> Spikes:
    step = np.concatenate([np.full(trial.size, step) for step, trial, _ in found])
    trial, cell = (np.concatenate([part[k] for part in found]) for k in (1, 2))
    order = np.lexsort((cell, step, trial))
    return Spikes(*(part[order].astype(np.int32) for part in (trial, step, cell)))
