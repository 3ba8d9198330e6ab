"""How long until a run begins: the first time, and every further time?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

import neuroam
from tests.benchmarks.compare import OURS, Bound, Case, Competitor, compare
from tests.benchmarks.machine import ROOT, seconds_of_children
from tests.benchmarks.report import Effort, Section, comparison, number

JOBS = 2
TRIES = 5
PROTOCOLS = ("recall_random", "recall_digits")
NOTES = (
    "elapsed time on all cores, which a busy machine makes longer; processor time, which it does not",
    "cold build: `recall_random` on `two_body_lif`, without a cached program; from the circuit to a program",
    f"Brian2: the sources that neuroam just generated, compiled with Brian2's own makefile (make -j{JOBS}); the time to "
    "generate them counts for both",
    "further start: `neuroam run NAME` in a new process after a first one, its simulation time subtracted",
)


def start(effort: Effort, folder: Path) -> Section:
    """One section: cold builds, then starts with a warm cache."""
    folder.mkdir(exist_ok=True)
    cases = [*_cold(folder), *(case for name in PROTOCOLS for case in _further(name, folder / name))]
    measured = [one for case in cases for one in compare(case, effort.rounds)]
    return comparison("Time until a run begins", measured, NOTES, [])


def _cold(folder: Path) -> list[Case]:
    """Two ways from the same circuit to a program: what they take, and what the compiler used of it."""
    generating: list[float] = []
    used: dict[str, list[float]] = {OURS: [], "Brian2": []}

    def ours(turn: int) -> float:
        with _cache(folder / f"cache_{turn}"):
            with _kept_sources(folder / f"sources_{turn}") as seconds:
                built, with_compiler, _ = _built()
            for _ in range(TRIES):
                _, without, hit = _built()
                if hit:
                    break
        used[OURS].append(with_compiler - without)
        generating.append(seconds["generate"])
        return built - seconds["copy"]

    def makefile(turn: int) -> float:
        copy = shutil.copytree(folder / "sources_-1", folder / f"make_{turn}")
        before, started = seconds_of_children(), perf_counter()
        subprocess.run(["make", f"-j{JOBS}"], cwd=copy, capture_output=True, check=True)
        elapsed = perf_counter() - started
        used["Brian2"].append(seconds_of_children() - before)
        return elapsed + generating[-1]

    ours(-1)  # imports are not part of it
    used[OURS].clear()
    bounds = [Bound(0.3, "Brian2")]
    remark = lambda: f"generating {number(generating[-1])} s"
    elapsed = [Competitor(OURS, ours, remark), Competitor("Brian2", makefile, remark)]
    return [
        Case("cold build", "s", elapsed, bounds, pinned=False),
        Case("its compiler, processor time", "s", [_told(who, used[who]) for who in used], bounds),
    ]


def _built() -> tuple[float, float, bool]:
    """Seconds until there was a program, processor time of compiler and program, whether the cache had it."""
    before = seconds_of_children()
    run = neuroam.run("recall_random", "two_body_lif", device="cpp").run
    return run.seconds["build"], seconds_of_children() - before, run.cache_hit


def _told(who: str, samples: list[float]) -> Competitor:
    """What was measured along the way, one number per turn."""
    return Competitor(who, lambda turn: samples[turn])


@contextmanager
def _kept_sources(folder: Path) -> Iterator[dict[str, float]]:
    """What Brian2 generates inside is copied to ``folder``, as Brian2 left it; gives the seconds of both."""
    from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

    originals = {name: getattr(CPPStandaloneDevice, name) for name in ("network_run", "build")}
    seconds = {"generate": 0.0, "copy": 0.0}

    def timed(name: str) -> Callable[..., Any]:
        def call(self: Any, *args: Any, **settings: Any) -> Any:
            started = perf_counter()
            found = originals[name](self, *args, **settings)
            generated = perf_counter()
            if name == "build":
                shutil.copytree(settings["directory"], folder, dirs_exist_ok=True)
            seconds["generate"] += generated - started
            seconds["copy"] += perf_counter() - generated
            return found

        return call

    for name in originals:
        setattr(CPPStandaloneDevice, name, timed(name))
    try:
        yield seconds
    finally:
        for name, original in originals.items():
            setattr(CPPStandaloneDevice, name, original)


@contextmanager
def _cache(folder: Path) -> Iterator[None]:
    """Compiled programs are kept elsewhere for a while."""
    before = os.environ["NEUROAM_CACHE"]
    os.environ["NEUROAM_CACHE"] = str(folder)
    try:
        yield
    finally:
        os.environ["NEUROAM_CACHE"] = before


def _further(name: str, folder: Path) -> list[Case]:
    """A whole run without its simulation, and the processor time of all of it."""
    command = [sys.executable, "-m", "neuroam", "run", name, "--json", "--overwrite", "-o", str(folder)]
    whole: list[float] = []
    used: list[float] = []
    missed: list[bool] = []

    def measure(_: int) -> float:
        before, started = seconds_of_children(), perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        whole.append(perf_counter() - started)
        used.append(seconds_of_children() - before)
        answer = json.loads(done.stdout)
        missed.append(answer["cache"] != "hit")
        return whole[-1] - float(answer["seconds"]["run"])

    def remark() -> str:
        return f"with simulation {number(float(np.median(whole)))} s; {sum(missed)} of {len(missed)} compiled again"

    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return [
        Case(f"further start, {name}", "s", [Competitor(OURS, measure, remark)], [Bound(2.5)], pinned=False),
        Case(f"{name} with simulation, processor time", "s", [_told(OURS, used)]),
    ]
