"""The points of a sweep: each is run once, and what it measured is kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from neuroam import pipeline, store
from neuroam.errors import BuildError, RunError, SpecError, StoreError
from neuroam.sim.build import own_text
from neuroam.spec.nouns import Spec
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.swept import FOLDER, is_sweep, values_in

Place = tuple[int, ...]  # the number of the value on every axis
Outcome = Mapping[str, Any] | str  # what a point measured, or why it failed
OWNER = "of.json"  # in the folder of points: what they are of


class Job(NamedTuple):
    """One point: its place on the axes, and settings besides."""

    place: Place
    more: tuple[str, ...] = ()


Ended = tuple[Job, Outcome]
Run = Callable[[deque[Job]], Iterator[Ended]]  # runs what is in the queue, and what is put there meanwhile


class Points:
    """The points of one sweep on one device: what they are, and what finished ones measured.

    Nothing of a point stays in memory but the name of its file, so that a sweep may have any number of them.

    Raises
    ------
    StoreError
        If the folder holds something else, or the disk refuses.
    """

    def __init__(self, folder: Path, wanted: Asked, device: str, overwrite: bool = False) -> None:
        self.folder = _opened(folder, wanted, device, overwrite)
        self.wanted, self.device = wanted, device
        self.empty = not any(self.folder.glob("[!.]*.npz"))
        self.names: dict[Job, str] = {}
        paths = [part.path for axis in wanted.axes for part in axis.together]
        self.remeasures = any(path.startswith("measure.") for path in paths)

    def spec(self, job: Job) -> Spec:
        """The protocol at one point."""
        spec = self.wanted.spec(job.place, job.more)
        self.names[job] = _key(spec, self.device)
        return spec

    def read(self, job: Job) -> Mapping[str, Any]:
        """What a finished point measured; nothing if it is not there, or cannot be read and has to be run again."""
        if job not in self.names:
            if self.empty:
                return {}
            self.spec(job)
        path = self._path(job)
        try:
            return store.read_compact(path)
        except store.UNREADABLE:
            path.unlink(missing_ok=True)
            return {}

    def keep(self, job: Job, found: Mapping[str, Any]) -> None:
        """Write what a point measured."""
        store.write_compact(self._path(job), found)

    def _path(self, job: Job) -> Path:
        return self.folder / f"{self.names[job]}.npz"


@dataclass
class Runner:
    """Runs points one after the other; one that only measures other things than the last one is not simulated again."""

    device: str
    remeasures: bool
    last: str = ""
    known: dict[int, pipeline.Simulated] = field(default_factory=dict)

    def outcome(self, spec: Spec) -> Outcome:
        """What one point measures, or why it failed; tried once more if the machine failed.

        Raises
        ------
        Missing
            If a program has to be asked for.
        """
        try:
            try:
                return self._measures(spec)
            except RunError:  # a disk that was full, a machine that had no memory
                return self._measures(spec)
        except (RunError, SpecError, BuildError) as error:
            return str(error)

    def _measures(self, spec: Spec) -> Mapping[str, Any]:
        if not self.remeasures:
            return pipeline.run(spec, self.device, say=_say_nothing).measures
        if (simulated := _key(spec, self.device, but="measure")) != self.last:
            self.last, self.known = simulated, {}
        return pipeline.run(spec, self.device, say=_say_nothing, known=self.known).measures


def run_here(points: Points, queue: deque[Job]) -> Iterator[Ended]:
    """Every point, one after the other, in this process."""
    runner = Runner(points.device, points.remeasures)
    while queue:
        job = queue.popleft()
        yield job, runner.outcome(points.spec(job))


def _opened(folder: Path, wanted: Asked, device: str, overwrite: bool) -> Path:
    """The folder of points, made if need be; it belongs to a protocol and a model as they are, and certain axes."""
    store.refuse_unwritable(folder)
    if folder.exists() and not is_sweep(folder):
        store.refuse_filled(folder)
    points = folder / FOLDER
    paths = [part.path for axis in wanted.axes for part in axis.together]
    axes = sorted([*paths, *(search.path for search in wanted.searches.values())])
    what = f"{wanted.base.protocol.name} on {wanted.base.model.name} over {', '.join(axes)}"
    mine = {"what": what, "device": device, "content": _digest(_content(wanted.base, but="sweep"))}
    theirs = mine
    with suppress(OSError, ValueError, TypeError):
        theirs = mine | json.loads((points / OWNER).read_text(encoding="utf-8"))
    other = {
        f"of {theirs['what']}": theirs["what"] != what,
        f"on {theirs['device']}": theirs["device"] != device,
        "with other settings, or of another text": theirs["content"] != mine["content"],
        "that has more values": bool(values_in(folder) - {text for axis in wanted.axes for text in axis.texts()}),
    }
    if any(other.values()) and not overwrite:
        which = next(words for words, differs in other.items() if differs)
        fix = "name another directory with -o, or give --overwrite to replace its table (its points stay)"
        raise StoreError(f"{folder} holds a sweep {which}: {fix}")
    points.mkdir(parents=True, exist_ok=True)
    store.write_text(points / OWNER, json.dumps(mine))
    for left in points.glob(".*.partial.*"):
        left.unlink(missing_ok=True)
    return points


def _key(spec: Spec, device: str, but: str = "") -> str:
    """A hash of all that the measures of a point follow from, ``but`` one section of its protocol."""
    versions = [store.version_of(package) for package in ("neuroam", "brian2", "numpy")]
    return _digest(device, own_text(), *versions, _content(spec, but))


def _content(spec: Spec, but: str) -> str:
    """All that a protocol, its model and its stages say."""
    data = [[part.protocol.document.data, part.model.document.data] for part in (spec, *spec.stages.values())]
    data[0][0] = {key: value for key, value in data[0][0].items() if key != but}
    files = [store.component_texts(part) for part in (spec, *spec.stages.values())]
    return json.dumps(_canonical([data, files]), sort_keys=True, default=str)


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]


def _canonical(data: Any) -> Any:
    """The same data with 2 in place of 2.0."""
    if isinstance(data, dict):
        return {key: _canonical(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_canonical(value) for value in data]
    return int(data) if isinstance(data, float) and data.is_integer() else data


def _say_nothing(_: str) -> None:
    pass
