"""Who may write now?  Locks between processes and threads, which the system frees when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Lock:
    """An open file; what is locked through it is so until nobody has it open, at the latest when its process dies."""

    _descriptor = -1

    def __init__(self, path: Path, flags: int = 0) -> None:
        self._descriptor = os.open(path, os.O_RDWR | flags, 0o600)

    def take(self, how: int) -> bool:
        """Whether the lock was to be had; always, unless ``how`` says not to wait."""
        try:
            fcntl.flock(self._descriptor, how)
        except BlockingIOError:
            return False
        return True

    def is_of(self, path: Path) -> bool:
        """Whether the file is still the one of that name."""
        try:
            return os.path.samestat(os.fstat(self._descriptor), path.stat())
        except FileNotFoundError:
            return False

    def touch(self) -> None:
        """Make the file's time of change now, if the disk lets it."""
        with suppress(OSError):
            os.utime(self._descriptor)

    def close(self) -> None:
        """Close the file; the same happens when nobody refers to the lock any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    __del__ = close


@contextmanager
def alone(path: Path, wait: Callable[[], None] | None = None) -> Iterator[bool]:
    """Be the only one that holds the lock of a file, which is there only as long as somebody holds or wants it.

    ``wait`` is called before waiting for it; without ``wait``, the answer is whether the lock was to be had at once.
    """
    lock = _lock_of(path, wait)
    if lock is None:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(OSError):
            if lock.is_of(path):  # else somebody cleaned up by hand, and the file of that name is another's
                path.unlink()
        lock.take(fcntl.LOCK_UN)  # closing is not enough: a process forked meanwhile has the file open, too
        lock.close()


def _lock_of(path: Path, wait: Callable[[], None] | None) -> Lock | None:
    while True:
        lock = Lock(path, os.O_CREAT)
        if not lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
            if wait is None:
                return None
            wait()
            lock.take(fcntl.LOCK_EX)
        if lock.is_of(path):
            return lock
        lock.close()  # its last holder has removed the file, and another may hold a new file of that name
