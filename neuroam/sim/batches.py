"""The batches of one circuit, one after the other: run, or read if they are kept from before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from neuroam.parts import Parts
from neuroam.sim import kept
from neuroam.sim.collect import Raw, diverged
from neuroam.sim.devices import DEVICE, Ready
from neuroam.sim.pulse import NotFinite, Tick
from neuroam.sim.structure import Blueprint
from neuroam.sim.values import Values


@dataclass
class Batches:
    """How to run ``count`` batches on a device, which is made ready at first need; what that took so far."""

    device: str
    blueprint: Blueprint
    count: int
    say: Callable[[str], None]
    tick: Tick
    parts: Parts | None
    ready: Ready | None = None
    build_seconds: float = 0.0
    run_seconds: float = 0.0

    def raw(self, number: int, values: Values) -> Raw:
        """Batch ``number``, from 0."""
        if self.parts is None:
            return self._run(number, values)
        name = kept.name_of(self.device, self.blueprint, values)
        found = kept.find(self.parts, name)
        if found is None:
            found = self._run(number, values)
            kept.keep(self.parts, name, found)
        return found

    def _run(self, number: int, values: Values) -> Raw:
        if self.ready is None:
            if number:
                self.say(f"resuming: {number} of {self.count} batches are there from before")
            started = perf_counter()
            self.ready = DEVICE[self.device](self.blueprint, values.arrays)
            self.build_seconds = perf_counter() - started
        started = perf_counter()
        try:
            raw = self.ready.run(values, lambda done: self.tick((number + done) / self.count))
            self.tick((number + 1) / self.count)
            return raw
        except NotFinite as found:
            dt, trial = self.blueprint.plan.dt, number * self.blueprint.batch + found.trial
            raise diverged(found.key, trial, found.cell, found.step * dt, dt) from None
        finally:
            self.run_seconds += perf_counter() - started
