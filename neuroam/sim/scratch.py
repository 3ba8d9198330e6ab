"""Where are the files of a run while it runs?  In memory where that is offered, and nowhere once nobody uses them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from neuroam.sim.locks import Lock
from neuroam.sim.values import Values

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
SMALL, ROOMY = 32_000_000, 4_000_000_000  # bytes
PREFIX = "neuroam-"
IN_USE = "in_use"  # a file that is locked as long as its process lives


@contextmanager
def scratch(values: Values) -> Iterator[Path]:
    """A folder for the files of one run."""
    where = _where(values)
    if where is not None:
        _clear(where)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=where) as name:
        folder = Path(name)
        lock = Lock(folder / f".{IN_USE}", os.O_CREAT)
        lock.take(fcntl.LOCK_SH)
        (folder / f".{IN_USE}").rename(folder / IN_USE)  # nobody sees it unlocked
        try:
            yield folder
        finally:
            lock.close()


def _where(values: Values) -> Path | None:
    """In memory, where that is offered and large enough, as many small files take long; None is the usual place."""
    size = sum(array.nbytes for array in values.arrays.values())
    try:
        free = shutil.disk_usage(MEMORY).free
    except OSError:
        return None
    wanted = "TMPDIR" in os.environ or size > SMALL or free < ROOMY or not os.access(MEMORY, os.W_OK)
    return None if wanted else MEMORY


@lru_cache
def _clear(where: Path) -> None:
    """Remove what processes of this user left that were killed, once: it takes memory until the machine restarts."""
    for folder in where.glob(f"{PREFIX}*"):
        with suppress(OSError):  # no such file: it is new, or somebody else's
            lock = Lock(folder / IN_USE)
            if lock.take(fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)
            lock.close()
