"""The headers of the standard library, read once for all programs: reading them takes half of a build.

A compiler that finds its precompiled form unfit (made by another version, say) reads the header itself.
"""

from __future__ import annotations

import hashlib
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from neuroam.errors import BuildError, EnvironmentLacks
from neuroam.sim import cache

NAME = "prelude.h"
HEADERS = (
    "algorithm", "cassert", "chrono", "climits", "cmath", "csignal", "cstdint", "cstdio", "cstdlib", "cstring", "ctime",
    "fstream", "functional", "iostream", "iterator", "limits", "map", "random", "set", "string", "tuple", "utility",
    "vector",
)  # fmt: skip
WORTH = 3  # making it takes as long as it saves in two or three builds
ROOM = 8  # of the cache's limit it may take one part in so many
SIZE = 60_000_000  # bytes, about


def prelude(command: str, flags: Sequence[str], facts: Sequence[str]) -> list[str]:
    """Options that make a compiler take the precompiled headers; none where they are not worth it.

    Parameters
    ----------
    command : str
        The compiler, as ``$CXX`` names it.
    flags : sequence of str
        The options that programs are compiled with: they must be the same.
    facts : sequence of str
        Whatever else the result depends on: version of the compiler, processor.
    """
    try:
        if cache.limit() < ROOM * SIZE or len(cache.entries()) < WORTH:
            return []
        key = hashlib.sha256("\0".join((NAME, *HEADERS, command, *flags, *facts)).encode()).hexdigest()[:32]
        entry, _ = cache.obtain(key, lambda staged: _make(staged, command, flags), "headers of C++, for all programs")
    except (BuildError, EnvironmentLacks):
        return []
    return ["-include", str(entry / NAME)]


def _make(staged: Path, command: str, flags: Sequence[str]) -> None:
    (staged / NAME).write_text("".join(f"#include <{header}>\n" for header in HEADERS))
    ask = [*shlex.split(command), *flags, "-x", "c++-header", NAME, "-o", f"{NAME}.gch"]
    done = subprocess.run(ask, cwd=staged, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"the headers were not compiled: {done.stderr[-1000:]}")
