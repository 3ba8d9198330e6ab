"""What stays of a run that is not finished?  Its finished batches, in a folder beside the run directory.

``runs/x.partial`` holds the parts of ``runs/x``.  The name of a part is a hash of all that it follows from, so a run
finds those parts that it would make itself, and no others.  The folder goes away when ``runs/x`` is there.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import StoreError

MARK = "unfinished.json"
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Parts:
    """The parts of one run, in ``folder``; ``command`` is what makes the run go on."""

    folder: Path
    command: str

    def find(self, name: str) -> Arrays | None:
        """The arrays of a part; None if it is not there, or damaged."""
        try:
            with (self.folder / f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as found:
                return {key: found[key] for key in found.files}
        except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error):
            return None

    def keep(self, name: str, arrays: Arrays) -> None:
        """Write a part, whole or not at all.

        Raises
        ------
        StoreError
            If the disk refuses.
        """
        try:
            self.folder.mkdir(exist_ok=True)
            text = {"what": "finished batches of a run that was interrupted", "to go on": self.command}
            (self.folder / MARK).write_text(json.dumps(text, indent=1), encoding="utf-8")
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".tmp", delete=False) as file:
                np.savez(file, allow_pickle=False, **arrays)
            Path(file.name).rename(self.folder / f"{name}.npz")
        except OSError as error:
            raise StoreError(f"cannot write {self.folder}: {error.strerror}: make room, or name another -o") from None

    @property
    def begun(self) -> bool:
        return (self.folder / MARK).exists()

    @property
    def told(self) -> str:
        return f"finished batches are kept in {self.folder}, go on with: {self.command}"


def folder_beside(run: Path) -> Path:
    """Where the parts of a run directory are."""
    return run.parent / f"{run.name}.partial"


def beside(run: str | Path, command: str = "the same call") -> Parts:
    """The parts of a run directory, those that are there and those to come.

    Raises
    ------
    StoreError
        If something else is in their place.
    """
    folder = folder_beside(Path(run))
    try:
        if folder.exists() and not (folder / MARK).exists() and (folder.is_file() or any(folder.iterdir())):
            raise StoreError(
                f"{folder} is in the way of what an interrupted run leaves: name another directory with -o"
            )
    except OSError:
        pass  # told with the run directory itself
    return Parts(folder, command)


def remove(run: Path) -> None:
    """Remove the parts of a run directory that is whole now."""
    if (folder_beside(run) / MARK).exists():
        shutil.rmtree(folder_beside(run), ignore_errors=True)


def unfinished(folder: Path) -> Parts | None:
    """The parts of a run that is not there yet: found by their own folder, or by that of the run."""
    for place in (folder, folder_beside(folder)):
        try:
            command = json.loads((place / MARK).read_text(encoding="utf-8"))["to go on"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if isinstance(command, str) and command.isprintable():
            return Parts(place, command)
    return None
