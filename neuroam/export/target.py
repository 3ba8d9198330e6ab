"""Where an export goes: it never takes the place of something else unasked, and appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from neuroam.errors import EnvironmentLacks, StoreError
from neuroam.export.source import Source
from neuroam.store import name_of, refuse_unwritable, staged, version_of, whole_file

SUFFIX = {"nwb": ".nwb", "neo": ".pkl"}  # of the formats that are one file for every network
MARK = "export.json"  # in every directory that is an export


def refuse_taken(path: Path, folder: bool, overwrite: bool) -> None:
    """Raise `StoreError` if something is in the way: only another export is replaced, and only on demand."""
    try:
        if not path.exists() or (folder and path.is_dir() and not any(path.iterdir())):
            return
        own = (path / MARK).is_file() if folder else path.is_file()
    except OSError as error:
        raise StoreError(f"cannot use {path}: {error.strerror}: name another place with -o") from None
    if not own:
        raise StoreError(f"{path} is there and no export of this kind: name another place with -o")
    if not overwrite:
        raise StoreError(f"{path} is there: give --overwrite, or name another place with -o")


@contextmanager
def whole_folder(path: Path, source: Source, to: str, **more: object) -> Iterator[Path]:
    """A directory that takes its place when all is well, with a file that says what it is."""
    with staged(path) as made:
        yield made
        facts = {
            "format": to,
            "title": source.title,
            "protocol": source.spec.protocol.name,
            "model": source.spec.model.name,
            "started": source.started.isoformat(timespec="seconds"),
            "result_sha256": source.sha256,
            "neuroam": version_of("neuroam"),
            "recorded_cells": _recorded(source),
        }
        (made / MARK).write_text(json.dumps({**facts, **more}, indent=1), encoding="utf-8")


def _recorded(source: Source) -> dict[str, list[int]]:
    """The cells that were kept of populations of which not all were: a cell that is not there is not a silent one."""
    return {
        f"{name_of(number, len(source.networks))}{population}": selected.cells.tolist()
        for number, network in enumerate(source.networks)
        for population, selected in network.recording.selected.items()
        if selected.cells is not None
    }


def one_each(source: Source, path: Path, to: str, write: Callable[[Source, int, Path], None]) -> None:
    """A file; of several networks, a folder with one for each: ``network_0`` and so on."""
    if len(source.networks) == 1:
        refuse_unwritable(path)
        with whole_file(path) as half:
            write(source, 0, half)
        return
    with whole_folder(path, source, to) as made:
        for number in range(len(source.networks)):
            write(source, number, made / f"network_{number}{SUFFIX[to]}")


@contextmanager
def needs(what: str, package: str, extra: str) -> Iterator[None]:
    """Turn a package that is not there into a sentence that says what to install."""
    try:
        yield
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise EnvironmentLacks(
            f"{what} needs {error.name}, which is not installed: pip install 'neuroam[{extra}]'"
        ) from None
