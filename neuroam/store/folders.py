"""Where a run or an export goes: what may be written there, and how it appears only when it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from neuroam.errors import StoreError
from neuroam.spec.nouns import Spec

WHOLE = "provenance.json"  # written last: a directory without it is not a whole run


def default_folder(spec: Spec) -> Path:
    """``runs/<protocol>/<time>-<hash>``, with a number behind it if that is taken."""
    text = json.dumps([spec.protocol.document.data, spec.model.document.data], sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    stem = Path("runs") / spec.protocol.name / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{digest}"
    taken = (Path(f"{stem}-{number}") for number in count(2))
    return stem if not stem.exists() else next(path for path in taken if not path.exists())


def refuse_occupied(folder: Path, overwrite: bool) -> None:
    """Raise `StoreError` if another run, or anything that is not a run, is in the way."""
    try:
        if folder.is_file():
            raise StoreError(f"{folder} is a file: name a directory with -o")
        if not folder.exists() or not any(folder.iterdir()):
            return
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot use {str(folder)[:200]}: {reason(error)}: name another directory with -o") from None
    if not (folder / WHOLE).exists():
        raise StoreError(f"{folder} holds something that is not a run: name another directory with -o")
    if not overwrite:
        raise StoreError(f"{folder} holds another run: give --overwrite, or another directory with -o")


def refuse_filled(folder: Path) -> None:
    """Raise `StoreError` if anything is in the way."""
    try:
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            return
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot use {str(folder)[:200]}: {reason(error)}: name another directory with -o") from None
    raise StoreError(f"{folder} is there and not an empty directory: name another one with -o")


def refuse_unwritable(folder: Path) -> None:
    """Raise `StoreError` if a run could not be written there: told before the run, not after it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder.parent):
            pass
    except OSError as error:
        raise StoreError(f"cannot write to {folder.parent}: {reason(error)}: name another directory with -o") from None


def reason(error: Exception) -> str:
    """Why the disk refused, in words."""
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """An empty directory that takes the place of ``folder`` when all is well, and goes away if not.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    refuse_unwritable(folder)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    before = made.with_name(f"{made.name}-before")
    try:
        yield made
        umask = os.umask(0)
        os.umask(umask)
        made.chmod(0o777 & ~umask)
        if folder.exists():  # moved away as a whole: half of it would still look like a run
            folder.rename(before)
        made.rename(folder)
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {reason(error)}") from None
    finally:
        if before.exists() and not folder.exists():
            before.rename(folder)
        shutil.rmtree(before, ignore_errors=True)
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside it, whose file takes its place when all is well.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    half = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield half
        half.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {reason(error)}") from None
    finally:
        half.unlink(missing_ok=True)
