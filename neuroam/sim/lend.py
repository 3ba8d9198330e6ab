"""Programs for machines that cannot make them: asked for there, made where Brian2 and a compiler are, kept there."""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import EnvironmentLacks
from neuroam.sim import cache
from neuroam.sim.build import Target, build, compiler, digest_of, maker, processor, program_in, title
from neuroam.sim.execute import Program
from neuroam.sim.structure import Blueprint

# What processors of one kind share, the best first: for the compiler, and words that Linux lists among their features.
LEVELS = (
    ("x86-64-v4", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    ("x86-64-v3", {"avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"}),
    ("x86-64-v2", {"cx16", "popcnt", "sse4_1", "sse4_2", "ssse3"}),
)

_LENDER: ContextVar[str] = ContextVar("lender", default="")


@dataclass(frozen=True)
class Order:
    """A program that a machine lacks: what it is compiled from, the machine, and where it looks for it."""

    key: str
    blueprint: Blueprint
    shapes: Mapping[str, tuple[tuple[int, ...], str]]
    machine: str
    processor: str


class Missing(EnvironmentLacks):
    """A program is not here and cannot be made here; ``order`` is for whoever can make it."""

    def __init__(self, order: Order) -> None:
        super().__init__("a program is missing, and neither Brian2 with a C++ compiler nor another machine makes it")
        self.order = order


class Packed(NamedTuple):
    """A compiled program on its way: the key under which it is asked for, what it is for, and its files."""

    key: str
    title: str
    files: bytes


def builds_here() -> bool:
    """Whether this machine has what compiles a program."""
    return compiler() is not None and find_spec("brian2") is not None


def lender() -> str:
    """A digest of what this machine compiles with; empty if it cannot."""
    return hashlib.sha256("\0".join(maker()).encode()).hexdigest() if builds_here() else ""


@contextmanager
def borrowing(lender: str) -> Iterator[None]:
    """Meanwhile programs that this machine cannot make are those of a lender, as of `lender`; none if it is empty."""
    token = _LENDER.set(lender)
    try:
        yield
    finally:
        _LENDER.reset(token)


def borrows() -> bool:
    """Whether programs come from elsewhere."""
    return bool(_LENDER.get()) and not builds_here()


def borrow(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]]) -> tuple[Program, bool]:
    """As `neuroam.sim.build.build`, of programs that were lent.

    Raises
    ------
    Missing
        If it has to be asked for.
    """
    machine, cpu = platform.machine(), processor()
    key = digest_of(blueprint, arrays, "lent", _LENDER.get(), machine, cpu)
    shapes = {name: (array.shape, array.dtype.name) for name, array in arrays.items()}

    def make(_: Path) -> None:
        raise Missing(Order(key, blueprint, shapes, machine, cpu))

    entry, hit = cache.obtain(key, make, title(blueprint))
    return program_in(entry), hit


def lend(order: Order) -> Packed:
    """Make what another machine lacks.

    Raises
    ------
    EnvironmentLacks
        If programs of this machine do not run there.
    BuildError
        As of `neuroam.sim.build.build`.
    """
    here = platform.machine()
    if order.machine != here:
        what = f"programs compiled here ({here}) do not run on a worker ({order.machine})"
        raise EnvironmentLacks(f"{what}: install Brian2 and a C++ compiler there")
    arrays = {name: np.broadcast_to(np.zeros((), dtype), shape) for name, (shape, dtype) in order.shapes.items()}
    program, _ = build(order.blueprint, arrays, Target(_march(order.processor), static=True))
    return Packed(order.key, title(order.blueprint), _pack(program.main.parent))


def take(packed: Packed) -> None:
    """Keep a program that was lent, where none can be made.

    Raises
    ------
    EnvironmentLacks
        If the disk refuses.
    """

    def make(staged: Path) -> None:
        with tarfile.open(fileobj=io.BytesIO(packed.files)) as files:
            files.extractall(staged, filter="data")

    if not builds_here():
        cache.obtain(packed.key, make, packed.title)


def _march(other: str) -> str:
    """The most that a processor, as of `processor`, shares with the one that compiles."""
    if other == processor():
        return "native"
    features = set(other.split())
    return next((level for level, needed in LEVELS if needed <= features), "")


def _pack(entry: Path) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as files:
        for path in sorted(entry.iterdir()):
            if path.name != cache.RECORD:
                files.add(path, path.name)
    return stream.getvalue()
