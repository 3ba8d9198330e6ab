"""Points of a sweep on a Dask cluster: the same numbers, and what becomes of points whose worker dies."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest

import neuroam
from neuroam.errors import BuildError, EnvironmentLacks, RunError
from neuroam.sim import lend
from neuroam.sweeps import cluster as clusters
from neuroam.sweeps import workers
from neuroam.sweeps.points import Job
from neuroam.sweeps.workers import DIED, LOST, Back, Crew

distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")

PROTOCOL = """
format: 1
title: Small
model: two_body_softmax
patterns: {memory: {bernoulli: {size: 12, count: 3}}}
epochs: [{name: cue, duration: 4 ms, show: {corrupt: [{flip: {fraction: 0.1}}]}, into: memory}]
trials: 2
sweep:
  seed: [1, 2, 3]
  populations.hidden.params.beta: [0.1, 2]
measure: {overlap: {port: memory}}
"""


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """One small process."""
    with clusters.of_processes(1, str(tmp_path_factory.mktemp("dask"))) as made:
        yield made


def test_the_numbers_are_the_same_there(protocol, tmp_path, cluster):
    """Also the reason of a point that fails, and the name under which a point is kept."""
    over = {"epochs.cue.show.pattern": [0, 99]}
    here = neuroam.sweep(protocol, folder=tmp_path / "here", device="numpy", over=over)
    there = neuroam.sweep(
        protocol, folder=tmp_path / "there", device="numpy", over=over, scheduler=cluster.scheduler_address
    )
    assert there.measures["overlap"].identical(here.measures["overlap"])
    assert there.failed == here.failed
    assert len(here.failed) == 1
    names = {path.name for path in (tmp_path / "there" / "points").glob("*.npz")}
    assert names == {path.name for path in (tmp_path / "here" / "points").glob("*.npz")}
    assert len(names) == 1


class Future:
    """What a batch will have come to."""

    def __init__(self, outcome) -> None:
        self.outcome = outcome

    def result(self):
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Client:
    """A cluster of two workers, of which one dies whenever it gets the point 3."""

    def __init__(self, seconds: float = 0.1, deadly: int = 3, workers: int = 2) -> None:
        self.batches: list[list[int]] = []
        self.seconds, self.deadly, self.workers = seconds, deadly, workers

    def nthreads(self):
        return dict.fromkeys(range(self.workers), 1)

    def submit(self, _function, batch, *_arguments, **_more):
        numbers = [job.place[0] for job, _ in batch]
        self.batches.append(numbers)
        if self.deadly in numbers:
            return Future(distributed.KilledWorker("task", None, 0))
        return Future(Back([(job, {"x": job.place[0]}) for job, _ in batch], [], self.seconds * len(batch)))


POINTS = SimpleNamespace(device="numpy", remeasures=False, spec=lambda job: None)


def ran(client, count=40):
    crew = Crew(client, POINTS, deque(Job((number,)) for number in range(count)), print, "known", "lender")
    crew._ended = lambda: list(crew.running)[:1]
    found = {job.place: outcome for job, outcome in crew.all()}
    crew.forget()
    return found


def test_points_travel_in_batches_of_a_second():
    client = Client(seconds=0.25, deadly=-1)
    assert ran(client) == {(number,): {"x": number} for number in range(40)}
    assert [len(batch) for batch in client.batches[:2]] == [1, 1]
    assert max(map(len, client.batches)) == 4
    assert len(client.batches[-1]) == 1  # at the end, both workers have something to do


def test_many_workers_get_longer_batches():
    client = Client(seconds=0.25, deadly=-1, workers=200)
    ran(client, 20_000)
    assert max(map(len, client.batches)) == 16


@pytest.mark.parametrize("seconds", [0.05, 5.0])
def test_points_of_a_worker_that_died_run_once_more_alone(seconds):
    client = Client(seconds)
    found = ran(client)
    assert found.pop((3,)) == DIED
    assert found == {(number,): {"x": number} for number in range(40) if number != 3}
    deadly = [batch for batch in client.batches if 3 in batch]
    assert len(deadly) == 2
    assert deadly[1] == [3]
    assert sum(map(len, client.batches)) == 40 + len(deadly[0])


def test_what_the_environment_lacks_ends_the_sweep():
    client = Client()
    client.submit = lambda *_, **__: Future(EnvironmentLacks("no compiler there"))
    with pytest.raises(EnvironmentLacks, match="no compiler there"):
        ran(client)
    with pytest.raises(
        EnvironmentLacks, match="the worker here: there is neuroam .*and here other: install the same everywhere"
    ):
        workers.run_batch([], None, "other", "")


@pytest.mark.parametrize(("error", "said"), [
    (OSError("Timed out"), "the Dask cluster went away .Timed out.: finished points are kept"),
    (ModuleNotFoundError("No module named 'neuroam'", name="neuroam"), "a worker does not find 'neuroam'"),
])  # fmt: skip
def test_a_cluster_that_goes_away(error, said):
    client = Client()
    client.register_plugin = lambda _: None

    def fails(*_, **__):
        raise error

    client.submit = fails
    with pytest.raises(RunError if isinstance(error, OSError) else EnvironmentLacks, match=said):
        list(workers.run_by(client, POINTS, print, deque([Job((0,))])))


def test_no_scheduler_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "PATIENCE", "0.3s")
    for where, said in [("127.0.0.1:9", "no Dask scheduler answers at 127.0.0.1:9"), ("x://y", "no Dask scheduler answers"),
                        (str(tmp_path / "none.json"), "there is no scheduler file")]:  # fmt: skip
        with pytest.raises(EnvironmentLacks, match=said), clusters.connected(where, None):
            pass


def test_without_dask(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(EnvironmentLacks, match=r"pip install 'neuroam\[sweep\]'"), clusters.connected(None, 2):
        pass


def test_points_may_be_added_while_others_run():
    """As a search does, of which every point follows from the last one."""
    queue = deque([Job((0,))])
    crew = Crew(Client(deadly=-1), POINTS, queue, print, "known")
    crew._ended = lambda: list(crew.running)[:1]
    seen = []
    for job, _ in crew.all():
        seen.append(job.place[0])
        queue.extend([Job((seen[-1] + 1,))] * (seen[-1] < 5))
    assert seen == [0, 1, 2, 3, 4, 5]


class Bare(Client):
    """Two workers without a compiler: each lacks a program as often as is said, by the parity of a point."""

    def __init__(self, lacks: int) -> None:
        super().__init__(deadly=-1)
        self.lacks = {"0" * 32: lacks, "1" * 32: lacks}
        self.brought: list[str] = []
        self.forgotten: list[str] = []

    def register_plugin(self, plugin):
        if plugin.name != "neuroam":
            self.brought.append(plugin.name.removeprefix("neuroam-"))

    def unregister_worker_plugin(self, name):
        self.forgotten.append(name.removeprefix("neuroam-"))

    def submit(self, _function, batch, *_arguments, **_more):
        lacking = []
        for job, _ in batch:
            order = lend.Order(str(job.place[0] % 2) * 32, None, {}, "", "")
            if self.lacks[order.key] > 0:
                self.lacks[order.key] -= 1
                lacking.append((job, order))
        without = {job for job, _ in lacking}
        return Future(Back([(job, {"x": 1}) for job, _ in batch if job not in without], lacking, 0.1))


@pytest.mark.parametrize("lacks", [1, 2])
def test_programs_are_brought_once_to_all_and_again_where_they_were_lost(lacks, monkeypatch):
    monkeypatch.setattr(lend, "lend", lambda order: lend.Packed(order.key, "", b""))
    client = Bare(lacks)
    assert ran(client) == {(number,): {"x": 1} for number in range(40)}
    assert sorted(client.brought) == sorted(["0" * 32, "1" * 32] * lacks)
    assert sorted(client.forgotten) == ["0" * 32, "1" * 32]


def test_a_worker_that_keeps_no_program(monkeypatch):
    monkeypatch.setattr(lend, "lend", lambda order: lend.Packed(order.key, "", b""))
    client = Bare(10**6)
    client.lacks["1" * 32] = 0
    found = ran(client, 8)
    assert {place: outcome for place, outcome in found.items() if place[0] % 2} == {
        (n,): {"x": 1} for n in (1, 3, 5, 7)
    }
    assert {outcome for place, outcome in found.items() if not place[0] % 2} == {LOST}


def test_a_program_that_cannot_be_made_fails_its_points(monkeypatch):
    def refuses(order):
        raise BuildError("the compiler fails")

    monkeypatch.setattr(lend, "lend", refuses)
    client = Bare(10**6)
    client.lacks["1" * 32] = 0
    found = ran(client, 8)
    assert [found[number,] for number in range(4)] == ["the compiler fails", {"x": 1}] * 2
    assert client.brought == []


def links_without_brian2(folder: Path) -> Path:
    """All packages that are installed here, but those that only a machine that compiles needs."""
    installed = Path(sysconfig.get_path("purelib"))
    folder.mkdir()
    for path in installed.iterdir():
        if not path.name.lower().startswith(("brian2", "cython", "sympy", "pyximport", "neuroam.", "__")):
            (folder / path.name).symlink_to(path)
    package = Path(neuroam.__file__).parent
    for path in (package, *(package.parent / name for name in ("models", "protocols"))):
        (folder / path.name).symlink_to(path)
    return folder


def test_a_worker_without_brian2_and_compiler(protocol, tmp_path):
    """It asks for the program, and finds the same numbers."""
    python = [str(Path(sys.executable).resolve()), "-S"]
    packages = links_without_brian2(tmp_path / "packages")
    env = {**os.environ, "PYTHONPATH": str(packages), "CXX": "none", "NEUROAM_CACHE": str(tmp_path / "programs")}
    no_brian = subprocess.run([*python, "-c", "import brian2"], env=env, capture_output=True, text=True)
    assert "No module named 'brian2'" in no_brian.stderr
    with distributed.LocalCluster(
        n_workers=0, dashboard_address="127.0.0.1:0", processes=False, protocol="tcp"
    ) as made:
        address = made.scheduler_address
        command = [*python, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
        more = ["--no-dashboard", "--local-directory", str(tmp_path), "--death-timeout", "60"]
        with (tmp_path / "said").open("w") as said, subprocess.Popen([*command, *more], env=env, stderr=said) as worker:
            try:
                there = neuroam.sweep(protocol, folder=tmp_path / "there", device="cpp", scheduler=address)
            finally:
                worker.kill()
    told = (tmp_path / "said").read_text()
    assert told.count("Starting Worker plugin neuroam-") == 1  # one program for all six points
    assert told.count("Removing Worker plugin neuroam-") == 1
    here = neuroam.sweep(protocol, folder=tmp_path / "here", device="cpp")
    assert not there.failed
    assert there.measures["overlap"].identical(here.measures["overlap"])


def test_nobody_is_called_when_nothing_is_to_do(monkeypatch):
    monkeypatch.setattr(workers, "connected", None)
    assert list(workers.run_there("nowhere", None, POINTS, print, deque())) == []


class Deadly(distributed.WorkerPlugin):
    """A worker ends when it is to run the seed 2."""

    name = "deadly"

    def setup(self, worker) -> None:
        from neuroam import pipeline

        run = pipeline.run

        def ends(spec, *arguments, **more):
            if spec.protocol.spec.seed == 2:
                os._exit(1)
            return run(spec, *arguments, **more)

        pipeline.run = ends


@pytest.mark.slow
def test_a_real_worker_that_dies(protocol, tmp_path):
    with clusters.of_processes(1, str(tmp_path / "dask")) as made, distributed.Client(made) as client:
        client.register_plugin(Deadly())
        found = neuroam.sweep(protocol, folder=tmp_path / "there", device="numpy", scheduler=made.scheduler_address)
    assert set(found.failed.values()) == {DIED}
    assert len(found.failed) == 2
    here = neuroam.sweep(protocol, folder=tmp_path / "here", device="numpy")
    for seed in (1, 3):
        assert found.measures["overlap"].sel(seed=seed).identical(here.measures["overlap"].sel(seed=seed))
