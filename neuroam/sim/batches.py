"""The batches of one circuit: run, several at a time where cores are free, or read if they are kept from before."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter

from neuroam.parts import Parts
from neuroam.sim import kept
from neuroam.sim.collect import Raw, diverged
from neuroam.sim.devices import DEVICE, Ready
from neuroam.sim.pulse import NotFinite, Tick
from neuroam.sim.structure import Blueprint
from neuroam.sim.values import Values

CORES = "NEUROAM_CORES"


def cores(device: str) -> int:
    """How many programs may run at a time: C++ programs have one thread each; ``NEUROAM_CORES`` says fewer."""
    if device != "cpp":
        return 1
    wanted = os.environ.get(CORES, "")
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(wanted)) if wanted.isdigit() else free


class Stopped(Exception):
    """A batch gives up because another one failed, or the person interrupts."""


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
    done: dict[int, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    made: set[str] = field(default_factory=set)  # parts of this call: another batch may have the same numbers
    resumed: bool = False
    stopped: bool = False

    def all(self, runs: Iterable[Values]) -> list[Raw]:
        """Every batch, in order.

        Raises
        ------
        BuildError, RunError, EnvironmentLacks
            Of the first batch that fails; the others are stopped.
        """
        at_once = min(self.count, cores(self.device))
        if at_once == 1:
            return [self._one(number, values)() for number, values in enumerate(runs)]
        found: list[Raw] = []
        waiting: deque[Future[Raw]] = deque()
        with ThreadPoolExecutor(at_once) as pool, self._stops_the_others():
            for number, values in enumerate(runs):
                if len(waiting) == at_once:
                    found.append(waiting.popleft().result())
                waiting.append(pool.submit(self._one(number, values)))
            found += [one.result() for one in waiting]
        return found

    @contextmanager
    def _stops_the_others(self) -> Iterator[None]:
        started = perf_counter() - self.build_seconds
        try:
            yield
        except BaseException:
            self.stopped = True
            raise
        finally:
            self.run_seconds = perf_counter() - started - self.build_seconds

    def _one(self, number: int, values: Values) -> Callable[[], Raw]:
        """What gives batch ``number``, from 0; the device is made ready here, if it is needed."""
        name = kept.name_of(self.device, self.blueprint, values) if self.parts is not None else ""
        found = kept.find(self.parts, name) if self.parts is not None else None
        if found is not None:
            if not self.resumed and name not in self.made:
                self.say("resuming: finished batches are there from before")
                self.resumed = True
            self.done[number] = 1.0
            return lambda: found
        if self.ready is None:
            started = perf_counter()
            self.ready = DEVICE[self.device](self.blueprint, values.arrays)
            self.build_seconds = perf_counter() - started
        return lambda: self._run(number, values, name)

    def _run(self, number: int, values: Values, name: str) -> Raw:
        assert self.ready is not None
        started = perf_counter()
        try:
            raw = self.ready.run(values, lambda done: self._tell(number, done))
            self._tell(number, 1.0)
        except NotFinite as found:
            dt, trial = self.blueprint.plan.dt, number * self.blueprint.batch + found.trial
            raise diverged(found.key, trial, found.cell, found.step * dt, dt) from None
        finally:
            self.run_seconds += perf_counter() - started
        if self.parts is not None:
            with self.lock:
                kept.keep(self.parts, name, raw)
                self.made.add(name)
        return raw

    def _tell(self, number: int, done: float) -> None:
        if self.stopped:
            raise Stopped
        with self.lock:
            self.done[number] = done
            self.tick(sum(self.done.values()) / self.count)
