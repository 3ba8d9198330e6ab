"""How much of the machine a call may take: seconds of the processor, and bytes on top of what is in use."""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="time and memory are limited as Linux does it")
SECONDS = 2.0
BYTES = 10**9


class TookTooLongError(Exception):
    """Two seconds of processor time are over."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise TookTooLongError


@contextlib.contextmanager
def limited(seconds: float = SECONDS, size: int = BYTES) -> Iterator[None]:
    """Raise `TookTooLongError`, or MemoryError, in what takes more.

    Processor time and not the clock, so that a busy machine changes nothing; address space and not what is touched, so
    that numbers that are asked for and never looked at count too.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    in_use = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    before = signal.signal(signal.SIGPROF, _stop)
    resource.setrlimit(resource.RLIMIT_AS, (in_use + size, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
