"""The nouns of a plan: the text of every step, which variables each population has, which statements run when.

No Brian2 here: `neuroam show` prints a plan without starting a code generator.

Trials are replicas: a population of N cells in B trials is one group of B*N cells, cell ``n`` of trial ``b`` at index
``b*N + n``.  Reductions and controls are therefore variables of every cell, equal within a trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from neuroam.circuit import Circuit, Population, Projection, Trials
from neuroam.order import Step
from neuroam.units import Dimension

STREAMS = 1 << 16


@dataclass(frozen=True)
class Variable:
    """``kind``: "cell" (one value per cell), "shared" (one per group), "integer", "shared integer"."""

    name: str
    dimension: Dimension
    kind: str = "cell"


@dataclass(frozen=True)
class Kernel:
    """One projection or reduction: writes ``size_out`` numbers per trial from ``size_in`` numbers or spikes."""

    name: str
    kind: str
    spikes: bool
    source: tuple[str, str]
    size_in: int
    size_out: int
    delay_steps: int = 0
    why: str = ""


@dataclass(frozen=True)
class Table:
    """A signal looked up by step and cell (or by step and trial, for a control)."""

    name: str
    dimension: Dimension
    size: int
    per_trial: bool = False
    hold: bool = False


@dataclass(frozen=True)
class Noise:
    """One place in the text that draws random numbers; ``stream`` tells places apart."""

    name: str
    kind: str
    stream: int


@dataclass(frozen=True)
class Code:
    """Statements of one group at one place in the schedule; ``kernel`` runs first if there is one."""

    name: str
    population: str
    when: str
    order: int
    text: str
    kernel: str = ""


@dataclass
class Group:
    """One population as Brian2 will see it."""

    name: str
    size: int
    variables: list[Variable] = field(default_factory=list)
    threshold: str = ""
    reset: str = ""
    tables: list[Table] = field(default_factory=list)
    noises: list[Noise] = field(default_factory=list)
    ode_texts: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """Everything that the compiler needs to know of the structure; no numbers.

    ``decays`` says how the factors ``exp(slope*dt)`` that do not change in time are made from parameters.
    """

    groups: dict[str, Group]
    codes: list[Code]
    kernels: dict[str, Kernel]
    kernel_of: dict[str, str]
    decays: dict[tuple[str, str], str]
    order: list[Step]
    n_steps: int
    dt: float


@dataclass(frozen=True)
class Wanted:
    """What to record: spikes of populations; variables, with the number of steps between samples."""

    spikes: tuple[str, ...] = ()
    traces: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class Draft:
    """A plan in the making: what it is made from, and what is written so far.

    Populations without cells, and the projections that touch them, take no part.
    """

    circuit: Circuit
    trials: Trials
    populations: Mapping[str, Population]
    projections: Mapping[str, Projection]
    groups: dict[str, Group]
    codes: list[Code] = field(default_factory=list)
    kernels: dict[str, Kernel] = field(default_factory=dict)
    kernel_of: dict[str, str] = field(default_factory=dict)
    decays: dict[tuple[str, str], str] = field(default_factory=dict)
    streams: set[int] = field(default_factory=set)

    @property
    def continuous(self) -> bool:
        return self.circuit.update == "continuous"

    def into(self, name: str) -> Iterator[Projection]:
        """Projections that end in a population."""
        return (p for p in self.projections.values() if p.post == name)

    def add(self, label: str, population: str, when: str, order: int, text: str, kernel: str = "") -> None:
        """Put statements into the schedule."""
        self.codes.append(Code(f"do_{label.lower()}_{len(self.codes)}", population, when, order, text, kernel))

    def new_noise(self, population: str, kind: str) -> str:
        """A new place that draws; its stream follows from the population's name, not from what else there is."""
        group = self.groups[population]
        stream = 1 + crc32(f"{population}:{kind}:{len(group.noises)}".encode()) % (STREAMS - 1)
        while stream in self.streams:
            stream = 1 + stream % (STREAMS - 1)
        self.streams.add(stream)
        draw = f"{kind}_{len(group.noises)}"
        group.noises.append(Noise(draw, kind, stream))
        return draw


def lower(name: str, all_names: Mapping[str, object]) -> str:
    """The name in lower case (the GPU device needs it), made unique."""
    taken: set[str] = set()
    for other in all_names:
        made = other.lower()
        while made in taken:
            made += "x"
        taken.add(made)
        if other == name:
            return made
    raise KeyError(name)
