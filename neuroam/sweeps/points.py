"""The points of a sweep: each is run once, and what it measured is kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from neuroam import pipeline, store
from neuroam.errors import BuildError, RunError, SpecError, StoreError
from neuroam.sim.build import own_text
from neuroam.spec.nouns import Spec
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.swept import FOLDER, is_sweep

Place = tuple[int, ...]  # the number of the value on every axis
Outcome = Mapping[str, Any] | str  # what a point measured, or why it failed
OWNER = "of.json"  # in the folder of points: what they are of


class Points:
    """Finished points of one sweep on one device.

    Raises
    ------
    StoreError
        If the folder holds something else, or the disk refuses.
    """

    def __init__(self, folder: Path, wanted: Asked, device: str) -> None:
        self.folder = _opened(folder, wanted)
        self.device = device

    def read(self, spec: Spec) -> Mapping[str, Any]:
        """What a finished point measured; nothing if it is not there, or cannot be read and has to be run again."""
        path = self._path(spec)
        try:
            return store.read_measures(path)
        except (OSError, ValueError, KeyError, RuntimeError):
            path.unlink(missing_ok=True)
            return {}

    def run(self, spec: Spec) -> Mapping[str, Any]:
        """Run one point and keep what it measured.

        Raises
        ------
        RunError, SpecError, BuildError
            If it failed.
        """
        return self.keep(spec, measured(spec, self.device))

    def keep(self, spec: Spec, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a point measured, written, and as a later sweep will find it."""
        path = self._path(spec)
        store.write_measures(path, found)
        return store.read_measures(path)

    def _path(self, spec: Spec) -> Path:
        return self.folder / f"{_key(spec, self.device)}.nc"


def measured(spec: Spec, device: str) -> Mapping[str, Any]:
    """What one point measures; tried once more if the machine failed.

    Raises
    ------
    RunError, SpecError, BuildError
        If it failed.
    """
    try:
        found = pipeline.run(spec, device, say=_say_nothing).measures
    except RunError:  # a disk that was full, a machine that had no memory
        found = pipeline.run(spec, device, say=_say_nothing).measures
    return found


def outcome(spec: Spec, device: str) -> Outcome:
    """What one point measures, or why it failed."""
    try:
        return measured(spec, device)
    except (RunError, SpecError, BuildError) as error:
        return str(error)


def run_here(device: str, specs: Mapping[Place, Spec]) -> Iterator[tuple[Place, Outcome]]:
    """Every point, one after the other, in this process."""
    for place, spec in specs.items():
        yield place, outcome(spec, device)


def _opened(folder: Path, wanted: Asked) -> Path:
    """The folder of points, made if need be; it belongs to one protocol, one model and certain axes."""
    store.refuse_unwritable(folder)
    if folder.exists() and not is_sweep(folder):
        store.refuse_filled(folder)
    points = folder / FOLDER
    paths = [part.path for axis in wanted.axes for part in axis.together]
    axes = sorted([*paths, *(search.path for search in wanted.searches.values())])
    mine = [wanted.base.protocol.name, wanted.base.model.name, *axes]
    try:
        theirs = json.loads((points / OWNER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        theirs = mine
    if theirs != mine:
        protocol, model, *paths = theirs
        raise StoreError(
            f"{folder} holds a sweep of {protocol} on {model} over {', '.join(paths)}: name another directory with -o"
        )
    points.mkdir(parents=True, exist_ok=True)
    store.write_text(points / OWNER, json.dumps(mine))
    for left in points.glob(".*.partial.*"):
        left.unlink(missing_ok=True)
    return points


def _key(spec: Spec, device: str) -> str:
    """A hash of all that the measures of a point follow from."""
    data = [[part.protocol.document.data, part.model.document.data] for part in (spec, *spec.stages.values())]
    files = [store.component_texts(part) for part in (spec, *spec.stages.values())]
    versions = [store.version_of(package) for package in ("neuroam", "brian2", "numpy")]
    words = [device, own_text(), *versions, json.dumps(_canonical([data, files]), sort_keys=True, default=str)]
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
