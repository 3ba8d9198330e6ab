"""Random numbers by address, as documented: Philox4x32-10 over (cell, step, trial, stream), and what is made of it.

References
----------
.. [1] Salmon, Moraes, Dror & Shaw (2011) Parallel random numbers: as easy as 1, 2, 3. SC '11,
   doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Numbers = NDArray[Any]
PICK = 0  # the stream that says which cell moves in sequential updates
STREAMS = 1 << 16
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def uniform(key: int, stream: int, trials: Numbers, step: int, cells: Numbers) -> Numbers:
    """Uniform numbers in (0, 1), (trials, cells): (2 n + 1)/2^53 of the first 52 bits n at each address."""
    shape = (trials.size, cells.size)
    first, second = np.broadcast_to(cells.astype(np.uint64), shape), np.full(shape, step, np.uint64)
    third = np.broadcast_to(trials.astype(np.uint64)[:, None], shape)
    fourth = np.full(shape, stream, np.uint64)
    for n in range(10):
        left = (key + n * 0x9E3779B9) % 2**32
        right = ((key >> 32) + n * 0xBB67AE85) % 2**32
        one, other = first * np.uint64(0xD2511F53), third * np.uint64(0xCD9E8D57)
        first, third = (other >> HALF) ^ second ^ np.uint64(left), (one >> HALF) ^ fourth ^ np.uint64(right)
        second, fourth = other & LOW, one & LOW
    bits = (first << np.uint64(20)) | (second >> np.uint64(12))
    # 2 n + 1 has 53 bits, so nothing is rounded
    return (2 * bits + np.uint64(1)).astype(np.float64) / 2.0**53


def gaussian(key: int, stream: int, trials: Numbers, step: int, cells: Numbers) -> Numbers:
    """Standard normal numbers: the exact inverse distribution function; devices come within 2e-10 of it."""
    return np.asarray(ndtri(uniform(key, stream, trials, step, cells)))


DRAWS = {"uniform": uniform, "gaussian": gaussian}


class Streams:
    """The stream of every place in the text that draws: a hash of its owner, its kind, and its number there."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.taken: set[int] = set()

    def skip(self, owner: str) -> None:
        """The next place of this owner has the next number."""
        self.counts[owner] = self.counts.get(owner, 0) + 1

    def next(self, owner: str, kind: str) -> int:
        number = self.counts.get(owner, 0)
        stream = 1 + crc32(f"{owner}:{kind}:{number}".encode()) % (STREAMS - 1)
        while stream in self.taken:
            stream = 1 + stream % (STREAMS - 1)
        self.taken.add(stream)
        self.skip(owner)
        return stream
