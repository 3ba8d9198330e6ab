"""A run directory is written whole or not at all, and read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from neuroam import parts, shipped
from neuroam.circuit import Learned
from neuroam.data_files import copy_data
from neuroam.errors import StoreError
from neuroam.network import Network
from neuroam.recording import Recording
from neuroam.spec.nouns import Spec
from neuroam.store import npz, recording_file
from neuroam.store.folders import WHOLE, refuse_occupied, staged
from neuroam.store.labelled import read_measures
from neuroam.store.provenance import provenance, write_files

NEEDED = {"protocol", "model", "device", "seconds", "cache"}
RECORDING = "recording.h5"
EFFECTIVE = ("protocol.yaml", "model.yaml")


@dataclass(frozen=True)
class Stored:
    """A run directory, read back."""

    folder: Path
    provenance: Mapping[str, Any]
    measures: Mapping[str, Any]
    recordings: tuple[Recording, ...]
    learned: Mapping[int, Learned]
    adjusted: Mapping[int, Mapping[str, Any]]


def write(
    folder: Path, spec: Spec, networks: Sequence[Network], measures: Mapping[str, Any], facts: Mapping[str, Any],
    overwrite: bool = False, draw: Callable[[Path], None] | None = None,
) -> Path:  # fmt: skip
    """Write a run directory; it appears under its name only when it is whole.

    ``draw`` gets the path of ``raster.png`` and makes it.

    Raises
    ------
    StoreError
        If the directory is occupied, or the disk refuses.
    """
    refuse_occupied(folder, overwrite)
    with staged(folder) as made:
        recording_file.write(made / RECORDING, networks, measures)
        write_files(made, spec)
        npz.write_learned(made / "learned.npz", [network.learned for network in networks])
        npz.write_adjusted(made / "adjusted.npz", [network.adjusted for network in networks])
        copy_data(spec, made)
        whole = provenance(spec, facts) | {"file_sha256": _digests(made)}
        if draw is not None:
            draw(made / "raster.png")
        (made / WHOLE).write_text(json.dumps(whole, indent=1, sort_keys=True))
    parts.remove(folder)
    return folder


def read(folder: Path) -> Stored:
    """A run directory.

    Raises
    ------
    StoreError
        If it is not a whole run.
    """
    unfinished = parts.unfinished(folder)
    if unfinished is not None and not (folder / WHOLE).exists():
        raise StoreError(f"{folder} is not a whole run: it was interrupted, {unfinished.told}")
    if not folder.is_dir():
        raise StoreError(f"there is no directory {folder}: name one that 'neuroam run' has written")
    if not (folder / WHOLE).exists():
        raise StoreError(f"{folder} is not a whole run (no {WHOLE}): name another, or run it again")
    try:
        found = json.loads((folder / WHOLE).read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not found.keys() >= NEEDED:
            raise ValueError(f"{WHOLE} lacks what a run has")
        _refuse_incomplete(folder, found.get("file_sha256", dict.fromkeys((RECORDING, *EFFECTIVE))))
        return Stored(
            folder,
            found,
            *_recorded(folder / RECORDING),
            npz.read_learned(folder / "learned.npz"),
            npz.read_adjusted(folder / "adjusted.npz"),
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise StoreError(f"{folder} is damaged ({error}): run it again") from None


def _recorded(path: Path) -> tuple[dict[str, Any], tuple[Recording, ...]]:
    """Measures and recordings; what HDF5 says of a broken file is nothing for people."""
    try:
        return read_measures(path, "/measures"), recording_file.read(path)
    except (OSError, KeyError, RuntimeError):
        raise ValueError(f"{path.name} is no whole file of a recording") from None


def _refuse_incomplete(folder: Path, files: Iterable[str]) -> None:
    """Raise `StoreError` if a file is gone for which no shipped one can stand in."""
    gone = [name for name in files if not (folder / name).is_file() and not _is_shipped(name)]
    if gone:
        raise StoreError(f"{folder} is damaged ({' and '.join(gone)} missing): put it back, or run it again")


def _is_shipped(name: str) -> bool:
    """Whether a file of a run directory is that of a cell or synapse of ours."""
    kind, stem = Path(name).parent.name, Path(name).stem
    return any(kind == known and shipped.find(known, stem) is not None for known in get_args(shipped.Component))


def remarks(stored: Stored) -> Iterator[str]:
    """What is no longer as it was written though it can be read."""
    files = stored.provenance.get("file_sha256", {})
    there = {name: digest for name, digest in files.items() if (stored.folder / name).is_file()}
    changed = [name for name, digest in there.items() if _digest(stored.folder / name) != digest]
    if changed:
        yield f"{stored.folder}: {' and '.join(changed)} changed since the run wrote it"
    for name in (name for name in files if name not in there):
        yield f"{stored.folder}: {name} is missing, the shipped file is read in its place"


def _digests(folder: Path) -> dict[str, str]:
    """A hash of every file of a run directory, by its path in there."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): _digest(path) for path in files}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def result_sha256(recordings: tuple[Recording, ...], measures: Mapping[str, Any]) -> str:
    """A hash of all data arrays: equal for equal results."""
    digest = hashlib.sha256()
    for name, array in _arrays(recordings, measures):
        digest.update(name.encode())
        digest.update(str(array.dtype).encode() + str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _arrays(recordings: tuple[Recording, ...], measures: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    for name in sorted(measures):
        yield name, np.asarray(measures[name].values, dtype=np.float64)
    for number, recording in enumerate(recordings):
        for population in sorted(recording.spikes):
            for field in ("trial", "step", "cell"):
                yield f"{number}/{population}/{field}", getattr(recording.spikes[population], field)
        for key in sorted(recording.traces):
            yield f"{number}/{'.'.join(key)}", recording.traces[key].values
        for name in sorted(recording.weights):
            yield f"{number}/{name}/weights", recording.weights[name].values
