"""Where are points run, if not here?  On the workers of a Dask cluster, in batches; only this process writes files."""

from __future__ import annotations

import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

from neuroam import store
from neuroam.errors import BuildError, EnvironmentLacks, RunError
from neuroam.sim import lend
from neuroam.sim.batches import CORES
from neuroam.sim.build import own_text
from neuroam.sim.devices import import_brian
from neuroam.spec.nouns import Spec
from neuroam.sweeps.cluster import connected
from neuroam.sweeps.points import Ended, Job, Points, Runner

LONG = 1.0  # seconds that a batch shall take ...
FEW = 50  # ... with so many workers; with more of them, in proportion: a scheduler takes some hundred batches a second
MOST = 1000  # points of a batch
LOOK = 20.0  # seconds after which a person is told that there are no workers
DIED = "the worker that ran it died, twice: too little memory, perhaps"
TWICE = 2
PREFIX = "neuroam-"  # of what brings a program
LOST = "the worker that ran it lost its program, twice: is NEUROAM_CACHE_LIMIT too low there?"
_ONE = threading.Lock()  # a process runs one point at a time, however many threads it has: Brian2 knows one world


def _plugin() -> Any:
    """What gets workers ready, also those that come later; Dask calls it in their main thread."""
    from distributed import WorkerPlugin

    class Ready(WorkerPlugin):
        name = "neuroam"

        def setup(self, worker: Any) -> None:
            os.environ.setdefault(CORES, str(worker.state.nthreads))
            import_brian()

    return Ready()


def identity() -> str:
    """What numbers follow from, beside the files of a person."""
    versions = ", ".join(f"{package} {store.version_of(package)}" for package in ("neuroam", "numpy"))
    return f"{versions}, text {own_text()[:16]}"


def _program(packed: lend.Packed) -> Any:
    """What brings a program to workers that cannot make it, also to those that come later."""
    from distributed import WorkerPlugin

    class Brings(WorkerPlugin):
        name = PREFIX + packed.key

        def setup(self, worker: Any) -> None:
            with _named(worker.address):
                lend.take(packed)

    return Brings()


@contextmanager
def _named(worker: str) -> Iterator[None]:
    """What a machine lacks is told with its name."""
    try:
        yield
    except EnvironmentLacks as error:
        raise EnvironmentLacks(f"on the worker {worker}: {error}") from None


class Back(NamedTuple):
    """What comes back of a batch: points that ended, those that lack a program, and the seconds that all took."""

    ended: Sequence[Ended]
    lacking: Sequence[tuple[Job, lend.Order]]
    seconds: float


def _here_is() -> str:
    """The address of this worker."""
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:  # as in tests
        return "here"


def run_batch(batch: Sequence[tuple[Job, Spec]], runner: Runner, known: str, lender: str) -> Back:
    """On a worker: what every point measured or why it failed.

    Raises
    ------
    EnvironmentLacks
        If nothing can be run there, or other numbers than elsewhere would come out.
    """
    ended, lacking = [], []
    with _ONE, _named(_here_is()), lend.borrowing(lender):
        if (mine := identity()) != known:
            raise EnvironmentLacks(f"there is {mine}, and here {known}: install the same everywhere")
        started = perf_counter()
        for job, spec in batch:
            try:
                ended.append((job, runner.outcome(spec)))
            except lend.Missing as missing:
                lacking.append((job, missing.order))
        return Back(ended, lacking, perf_counter() - started)


@dataclass
class Crew:
    """What is to be run, and what runs: one batch per worker, so that nothing else is lost with one that dies."""

    client: Any
    points: Points
    waiting: deque[Job]
    say: Callable[[str], None]
    known: str = field(default_factory=identity)
    lender: str = field(default_factory=lend.lender)
    size: int = 1
    again: deque[Job] = field(default_factory=deque)
    died: set[Job] = field(default_factory=set)
    running: dict[Any, list[Job]] = field(default_factory=dict)
    asked: Counter[tuple[Job, str]] = field(default_factory=Counter)
    lent: dict[str, str] = field(default_factory=dict)  # why a program cannot be lent; empty if it was
    alone: bool = False

    def all(self) -> Iterator[Ended]:
        """Every point as it ends; more may be put into the queue meanwhile."""
        while self.waiting or self.again or self.running:
            self._send(max(1, len(self.client.nthreads())))
            for future in self._ended():
                jobs = self.running.pop(future)
                yield from self._found(future, jobs)

    def _send(self, workers: int) -> None:
        while (self.waiting or self.again) and len(self.running) < workers:
            few = 1 if self.again else min(self.size, -(-len(self.waiting) // (2 * workers)))
            source = self.again or self.waiting
            jobs = [source.popleft() for _ in range(few)]
            batch = [(job, self.points.spec(job)) for job in jobs]
            runner = Runner(self.points.device, self.points.remeasures)
            future = self.client.submit(run_batch, batch, runner, self.known, self.lender, pure=False, retries=0)
            self.running[future] = jobs

    def _ended(self) -> Iterable[Any]:
        from distributed import wait

        try:
            return list(wait(list(self.running), timeout=LOOK, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            if not self.alone and not self.client.nthreads():
                self.alone = True
                self.say("no worker is connected: waiting for one")
            return []

    def _found(self, future: Any, jobs: Sequence[Job]) -> Iterator[Ended]:
        from distributed import KilledWorker

        try:
            back = future.result()
        except KilledWorker:
            yield from ((job, DIED) for job in jobs if job in self.died)
            self.again += [job for job in jobs if job not in self.died]
            self.died.update(jobs)
        else:
            long = LONG * max(1.0, len(self.client.nthreads()) / FEW)
            if back.ended:
                self.size = max(1, min(MOST, int(len(jobs) * long / max(back.seconds, 1e-3))))
            yield from back.ended
            yield from self._supplied(back.lacking)

    def _supplied(self, lacking: Sequence[tuple[Job, lend.Order]]) -> Iterator[Ended]:
        """Bring programs to the workers, and put points that lacked them into the queue again; why some fail."""
        for job, order in lacking:
            self.asked[job, order.key] += 1
            times = self.asked[job, order.key]
            if order.key not in self.lent or times == TWICE:  # a worker may have thrown it away to make room
                self.lent[order.key] = self._lend(order)
            if times > TWICE or self.lent[order.key]:
                yield job, self.lent[order.key] or LOST
            else:
                (self.again if job in self.died else self.waiting).appendleft(job)

    def forget(self) -> None:
        """Take programs that were brought off the scheduler: workers keep theirs, those of later sweeps need none."""
        from distributed import CancelledError

        for key in (key for key, reason in self.lent.items() if not reason):
            with suppress(CancelledError, OSError, ValueError):  # it went away, or another sweep did the same
                self.client.unregister_worker_plugin(PREFIX + key)

    def _lend(self, order: lend.Order) -> str:
        try:
            self.client.register_plugin(_program(lend.lend(order)))
        except BuildError as error:
            return str(error)
        return ""


def run_there(
    scheduler: str | None, processes: int | None, points: Points, say: Callable[[str], None], queue: deque[Job]
) -> Iterator[Ended]:
    """Every point as it ends; one whose worker died is run once more, alone.  Nobody is called if nothing is to do.

    Raises
    ------
    EnvironmentLacks
        If workers cannot run anything, or there are none.
    RunError
        If the cluster goes away.
    """
    if not queue:
        return
    with connected(scheduler, processes) as client:
        yield from run_by(client, points, say, queue)


def run_by(client: Any, points: Points, say: Callable[[str], None], queue: deque[Job]) -> Iterator[Ended]:
    """The same on the workers of a cluster that is there."""
    from distributed import CancelledError

    crew = Crew(client, points, queue, say)
    try:
        client.register_plugin(_plugin())
        yield from crew.all()
    except ModuleNotFoundError as error:
        raise EnvironmentLacks(f"a worker does not find '{error.name}': install neuroam there") from None
    except (CancelledError, OSError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        what = f"the Dask cluster went away ({reason.rstrip(':')})"
        raise RunError(f"{what}: finished points are kept, go on with the same command") from None
    finally:
        crew.forget()
