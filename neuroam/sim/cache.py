"""What was compiled before?  Programs by key in one folder, for all processes of a user; needs no Brian2.

* ``KEY/``: an entry. It is made under another name and appears by one rename, so it is whole or not there, whatever
  ends its maker. Its record ``entry.json`` lists the sizes of its files; who uses the entry has a lock on the record.
* ``KEY.lock``: locked by the one process that makes or removes the entry, and removed by it.
* ``KEY.partial-*``: an entry on its way in or out; left over by a dead process if nobody holds ``KEY.lock``.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from neuroam.errors import BuildError, EnvironmentLacks, RunError
from neuroam.limits import limit_of
from neuroam.sim.locks import Lock, alone

Say = Callable[[str], None]

STAGES = "stages"  # what stages of protocols have learned
RECORD = "entry.json"
OLDER = "manifest.json"  # an entry of version 0.1.0 has no record, but this
LIMIT = 2 * 10**9
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

_KEY = re.compile(r"[0-9a-f]{16,128}")
_LEFT = re.compile(rf"({_KEY.pattern})\.(?:lock|partial-\w+)")
_USED = threading.local()  # .lock: of the entry that this thread obtained last


@dataclass(frozen=True)
class Entry:
    """A program in the cache; ``size`` is in bytes."""

    key: str
    title: str
    size: int
    last_use: datetime
    path: Path


def folder() -> Path:
    """Where compiled programs are kept: ``$NEUROAM_CACHE``, else the user's cache folder, else a temporary one.

    Raises
    ------
    EnvironmentLacks
        If not even a temporary folder can be written.
    """
    import platformdirs

    wanted = os.environ.get("NEUROAM_CACHE")
    first = Path(wanted) if wanted else Path(platformdirs.user_cache_dir("neuroam", appauthor=False)) / "programs"
    with suppress(OSError):
        first.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=first):
            return first.absolute()
    try:
        return _private(Path(tempfile.gettempdir()) / f"neuroam-cache-{os.getuid()}")
    except OSError as error:
        where = f"neither {first} nor a temporary folder can be written ({_reason(error)})"
        raise EnvironmentLacks(f"{where}: set NEUROAM_CACHE to a folder for compiled programs") from error


def _private(path: Path) -> Path:
    """The folder, if only this user can write it: another's folder may hold another's programs; else a new one."""
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
        return path
    return Path(tempfile.mkdtemp(prefix="neuroam-cache-"))


def limit() -> int:
    """How many bytes the entries may take together: ``$NEUROAM_CACHE_SIZE``, else 2 GB.

    Raises
    ------
    EnvironmentLacks
        If the variable does not hold a size.
    """
    return limit_of("NEUROAM_CACHE_SIZE", LIMIT)


def obtain(key: str, make: Callable[[Path], None], title: str = "", say: Say | None = None) -> tuple[Path, bool]:
    """The entry of a key, made if need be, and whether it was there.

    It stays in the cache until this thread ends, obtains another or calls `clear`; later, or elsewhere, see `using`.

    Parameters
    ----------
    key : str
        16 to 128 hexadecimal digits that stand for everything the program depends on.
    make : callable
        Fills an empty folder with the files to keep, under any names but ``entry.json``; called by one process at a
        time for one key, the others wait.
    title : str
        For people who list the cache.
    say : callable, optional
        Gets one line if another process is making the entry.

    Raises
    ------
    EnvironmentLacks
        If the disk refuses, or the size limit cannot be read.
    BuildError
        If a file that ``make`` needs cannot be read; whatever else it raises comes through.
    """
    assert _KEY.fullmatch(key), key
    most = limit()
    entry = folder() / key
    with _disk_errors_explained(entry.parent):
        lock, hit = _used(entry), True
        if lock is None:
            with suppress(OSError):
                _sweep(entry.parent)
            with alone(_lock_file(entry), _once(say, title)):
                lock = _used(entry)
                if lock is None:
                    lock, hit = _made(entry, make, title), False
    _USED.lock = lock
    if not hit:
        with suppress(OSError):  # the program is there, whatever becomes of the others
            _evict(entry, most)
    return entry, hit


@contextmanager
def using(entry: Path) -> Iterator[None]:
    """Keep an entry in the cache while its files are used.

    Raises
    ------
    RunError
        If it is there no more, or damaged.
    """
    with _disk_errors_explained(entry.parent):
        lock = _used(entry)
    if lock is None:
        raise RunError(f"the compiled program {entry} is no longer in the cache: run again")
    try:
        yield
    finally:
        lock.close()


def entries() -> list[Entry]:
    """All whole entries, those used last first."""
    where = folder()
    with _disk_errors_explained(where):
        found = [_read(path) for path in _ours(where)]
    return sorted((entry for entry in found if entry), key=lambda entry: entry.last_use, reverse=True)


def clear() -> tuple[int, int]:
    """Remove what no process uses or makes: the number of entries, and the bytes freed with all that was left over."""
    _USED.lock = None
    where = folder()
    removed = 0
    with _disk_errors_explained(where):
        freed = _sweep(where)
        for path in _ours(where):
            size = _taken_out(path)
            if size is not None:
                removed += 1
                freed += size
        kept = where / STAGES
        if kept.is_dir() and not kept.is_symlink():
            freed += sum(path.stat().st_size for path in kept.iterdir() if path.is_file())
            shutil.rmtree(kept)
    return removed, freed


def _once(say: Say | None, title: str) -> Callable[[], None]:
    """What to do before waiting: tell it, the first time."""
    lines = [f"another process is making the same program{f' ({title})' if title else ''}: waiting for it"]

    def wait() -> None:
        if lines and say is not None:
            say(lines.pop())

    return wait


def _used(entry: Path) -> Lock | None:
    """A lock that keeps an entry where it is; None if it is not there, or damaged."""
    try:
        lock = Lock(entry / RECORD)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    lock.take(fcntl.LOCK_SH)
    if not lock.is_of(entry / RECORD) or _read(entry) is None:  # it may have been removed while this one waited
        lock.close()
        return None
    lock.touch()
    return lock


def _lock_file(entry: Path) -> Path:
    return entry.with_name(f"{entry.name}.lock")


def _read(path: Path) -> Entry | None:
    """An entry, if it is whole."""
    try:
        record = json.loads((path / RECORD).read_text(encoding="utf-8"))
        files = {str(name): int(size) for name, size in record["files"].items()}
        whole = all(_is_file(path / name, size) for name, size in files.items())
        if not whole or not all((path / name).is_dir() for name in record["folders"]):
            return None
        last_use = datetime.fromtimestamp((path / RECORD).stat().st_mtime, UTC)
        return Entry(path.name, str(record["title"]), sum(files.values()), last_use, path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


def _is_file(path: Path, size: int) -> bool:
    found = path.stat()
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def _made(entry: Path, make: Callable[[Path], None], title: str) -> Lock:
    """Make an entry and let it appear, in use from the start; the caller is alone with it."""
    if os.path.lexists(entry):  # damaged, or it would be used
        _delete(_put_aside(entry))
    _delete_partials(entry)
    staged = Path(tempfile.mkdtemp(prefix=f"{entry.name}.partial-", dir=entry.parent))
    try:
        _fill(staged, make)
        _write_record(staged, title)
        lock = Lock(staged / RECORD)
        lock.take(fcntl.LOCK_SH)
        staged.rename(entry)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return lock


def _fill(staged: Path, make: Callable[[Path], None]) -> None:
    try:
        make(staged)
    except OSError as error:
        if error.errno in FULL:
            raise
        raise BuildError(f"the program could not be made: {_reason(error)}") from error


def _write_record(staged: Path, title: str) -> None:
    found = {path.relative_to(staged).as_posix(): path for path in sorted(staged.rglob("*"))}
    assert RECORD not in found
    record = {
        "title": title,
        "files": {name: path.stat().st_size for name, path in found.items() if not path.is_dir()},
        "folders": [name for name, path in found.items() if path.is_dir()],
    }
    (staged / RECORD).write_text(json.dumps(record), encoding="utf-8")


def _evict(kept: Path, most: int) -> None:
    """Remove damaged entries, and those used longest ago until the rest takes no more than ``most`` bytes."""
    whole = []
    for path in _ours(kept.parent):
        entry = _read(path)
        if entry is None:
            _taken_out(path)
        else:
            whole.append(entry)
    total = sum(entry.size for entry in whole)
    for entry in sorted(whole, key=lambda entry: entry.last_use):
        if total <= most:
            return
        if entry.path != kept and (_taken_out(entry.path) is not None or not entry.path.exists()):
            total -= entry.size


def _taken_out(path: Path) -> int | None:
    """Remove an entry unless somebody uses or makes it: its bytes, if that was done."""
    with alone(_lock_file(path)) as got:
        if not got or not path.exists():
            return None
        # an entry without a record is damaged, so nobody uses it
        lock = Lock(path / RECORD) if (path / RECORD).is_file() else None
        if lock is not None and not lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
            return None
        size = _size(path)
        moved = _put_aside(path)
        del lock  # a network file system keeps a removed file as long as it is open
        _delete(moved)
        return size


def _put_aside(path: Path) -> Path:
    return path.rename(path.with_name(f"{path.name}.partial-{uuid4().hex}"))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _delete_partials(entry: Path) -> int:
    """Remove what dead processes left of an entry; the caller is alone with it. The bytes freed."""
    freed = 0
    for path in entry.parent.glob(f"{entry.name}.partial-*"):
        freed += _size(path)
        _delete(path)
    return freed


def _sweep(where: Path) -> int:
    """Remove locks and partial entries of dead processes; the bytes freed."""
    freed = 0
    for key in {found[1] for path in where.iterdir() if (found := _LEFT.fullmatch(path.name))}:
        with alone(_lock_file(where / key)) as got:
            if got:
                freed += _delete_partials(where / key)
    return freed


def _ours(where: Path) -> list[Path]:
    """Folders that are entries, also damaged ones: never what somebody else keeps there."""
    found = [path for path in where.iterdir() if _KEY.fullmatch(path.name)]
    return [path for path in found if (path / RECORD).exists() or (path / OLDER).exists()]


def _size(path: Path) -> int:
    """Bytes of the files of an entry, also of a damaged one; without its record."""
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and file != path / RECORD)


@contextmanager
def _disk_errors_explained(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"cannot use the cache of compiled programs, {where}: {_reason(error)}"
        raise EnvironmentLacks(f"{what}: free space, or set NEUROAM_CACHE to a folder on another disk") from error


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{reason}: {error.filename}" if error.filename else reason
