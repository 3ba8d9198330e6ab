"""The nouns of a plan: the text of every step, which variables each population has, which statements run when.

No Brian2 here: `neuroam show` prints a plan without starting a code generator.

Trials are replicas: a population of N cells in B trials is one group of B*N cells, cell ``n`` of trial ``b`` at index
``b*N + n``.  Reductions and controls are therefore variables of every cell, equal within a trial.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from neuroam.circuit import Cell, Circuit, Population, Projection, Trials
from neuroam.order import Step
from neuroam.units import Dimension

STREAMS = 1 << 16
BLOCK = 1024  # sums over more graded signals than this are made of the sums of so many: a GPU makes those in parallel
ALL_ENDED = "every trial has ended"  # what a program says if it stops for that reason


@dataclass(frozen=True)
class Variable:
    """``kind``: "cell" (one value per cell), "shared" (one per group), "integer", "shared integer"."""

    name: str
    dimension: Dimension
    kind: str = "cell"


@dataclass(frozen=True)
class Kernel:
    """One projection or reduction: writes ``size_out`` numbers per trial from ``size_in`` numbers or spikes.

    ``kind`` is "dense", "sparse", "ones" (equal weights), "edges" (one number per edge, added up at its target),
    "spread" (the first number, to every cell), "touched" (the list of edges of the cells that fired), "turned" (the
    weights of cells that fired behind lines of tokens), "awake" (the list of cells that do not stand still), "changed"
    (that of cells whose trial has ended or goes on since), "halt" (ends the program when all trials have ended) or a
    reduction.  ``source`` is the (group, variable) it reads, and ``target`` the group it writes to.  ``own`` names the
    group of edges that holds the weights, one copy per trial; ``only`` the flag of the target's cells that are
    computed; ``events`` the list that it reads or writes, and with ``opens`` the list that it makes of its targets.
    With ``by_trial``, the one sum of a trial is kept once, and not for every target.  ``stride`` is the length of a row
    of a dense matrix as stored; ``edges`` says for how many entries of a sparse matrix or of edges there is room.

    Of lines of tokens, ``listed`` names the list of drives, and ``value`` is the text of what an active line puts in;
    with ``learns``, only while the projection learns.  ``scale``, ``keep`` and ``lift`` are variables of the target
    that multiply weights and what is added to them.

    On a GPU, ``part`` is "blocks" where a kernel writes ``width`` numbers for every `BLOCK` of its source cells, and
    "totals" where one makes ``width`` of all those.
    """

    name: str
    kind: str
    spikes: bool
    source: tuple[str, str]
    target: str
    size_in: int
    size_out: int
    stride: int = 0
    edges: int = 0
    own: str = ""
    only: str = ""
    events: str = ""
    listed: str = ""
    value: str = ""
    learns: bool = False
    scale: str = ""
    keep: str = ""
    lift: str = ""
    opens: bool = False
    by_trial: bool = False
    part: str = ""
    width: int = 0
    why: str = field(default="", repr=False)  # what is shown is the key of a program: no words for people in it


@dataclass(frozen=True)
class Table:
    """A signal looked up by step and cell (or by step and trial); there is room for ``rows`` values.

    ``of`` says which: ("drive", population, slot), ("hold", population, state), ("control", name), or the steps in
    which something is on: ("silence", population), ("learn", projection), ("close", projection), ("until", number).
    """

    name: str
    of: tuple[str, ...]
    dimension: Dimension
    rows: int
    per_trial: bool = False
    hold: bool = False


@dataclass(frozen=True)
class Noise:
    """One place in the text that draws random numbers; ``stream`` tells places apart."""

    name: str
    kind: str
    stream: int


@dataclass(frozen=True)
class Line:
    """A ring of the last values of a projection: gives what entered some steps ago, or the mean over some steps.

    ``kind`` is "delay" or "box".  ``depth`` is how many values it holds; how many steps it looks back is a number of
    the run.
    """

    name: str
    kind: str
    projection: str
    depth: int


@dataclass(frozen=True)
class Lookup:
    """A variable of another group as seen from here: an edge reads its cell on one ``side``, "pre" or "post"."""

    name: str
    source: tuple[str, str]
    side: str
    size: int
    dimension: Dimension


@dataclass(frozen=True)
class Code:
    """Statements of one group at one place in the schedule; ``kernel`` runs first if there is one.

    ``reads`` are the lookups that the statements call.  With ``events``, the statements run for the cells on that list
    only, which is a variable of the group.
    """

    name: str
    population: str
    when: str
    order: int
    text: str
    kernel: str = ""
    reads: tuple[str, ...] = ()
    events: str = ""


@dataclass
class Group:
    """One population, the edges of one projection, or one cell per trial, as Brian2 will see it.

    ``of`` is ("population", name), ("edges", projection), ("clock",) or, on a GPU, ("parts", kernel); ``lists`` are
    lists of cells.  ``size`` is how many cells it has room for: where their number follows from the number of patterns,
    it is rounded up, so that another number of patterns needs no other program.
    """

    name: str
    of: tuple[str, ...]
    size: int
    variables: list[Variable] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    threshold: str = ""
    reset: str = ""
    tables: list[Table] = field(default_factory=list)
    noises: list[Noise] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    ode_texts: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """Everything that the compiler needs to know of the structure of a circuit called ``name``; no numbers.

    ``decays`` says how the factors ``exp(slope*dt)`` that do not change in time are made from parameters; ``rooms`` for
    how much there is room of everything whose number is one of the run.
    """

    name: str = field(repr=False)
    groups: dict[str, Group]
    codes: list[Code]
    kernels: dict[str, Kernel]
    kernel_of: dict[str, str]
    decays: dict[tuple[str, str], str]
    order: list[Step]
    n_steps: int
    dt: float
    rooms: Mapping[str, int]


@dataclass(frozen=True)
class Wanted:
    """What to record: spikes of populations; variables, with the number of steps between samples.

    ``finite`` are variables that are looked at in every step, and in which cells: "all", "first" (where all of a trial
    are equal), "fired" or "awake".  The program stops if one is NaN or infinite.
    """

    spikes: tuple[str, ...] = ()
    traces: Mapping[tuple[str, str], int] = field(default_factory=dict)
    finite: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Blueprint:
    """What one program is compiled from: a plan for ``batch`` trials, what it records, "double" or "single" numbers."""

    plan: Plan
    batch: int
    recorded: Wanted
    precision: str = "double"

    @property
    def real(self) -> str:
        """The C++ type of every variable."""
        return "float" if self.precision == "single" else "double"


def size_class(count: int, least: int = 16) -> int:
    """``count`` rounded up to one of four sizes per octave, ``least`` at least."""
    step = max(1, 1 << (max(count - 1, 1).bit_length() - 3)) if count > 4 else 1
    return max(least, -(-count // step) * step)


@dataclass
class Draft:
    """A plan in the making: what it is made from, and what is written so far.

    Populations without cells, and the projections that touch them, take no part; ``lines`` of tokens have no group.
    """

    circuit: Circuit
    trials: Trials
    populations: Mapping[str, Population]
    lines: Mapping[str, Population]
    projections: Mapping[str, Projection]
    groups: dict[str, Group]
    rooms: dict[str, int] = field(default_factory=dict)
    codes: list[Code] = field(default_factory=list)
    kernels: dict[str, Kernel] = field(default_factory=dict)
    kernel_of: dict[str, str] = field(default_factory=dict)
    decays: dict[tuple[str, str], str] = field(default_factory=dict)
    streams: set[int] = field(default_factory=set)

    @property
    def continuous(self) -> bool:
        return self.circuit.update == "continuous"

    def room(self, name: str, count: int, least: int = 16) -> int:
        """For how many of something there is room: the size class of how many there are."""
        self.rooms[name] = size_class(count, least)
        return self.rooms[name]

    def cell_of(self, name: str) -> Cell:
        """The cell of a population, or of lines."""
        return (self.lines if name in self.lines else self.populations)[name].cell

    def into(self, name: str) -> Iterator[Projection]:
        """Projections that end in a population."""
        return (p for p in self.projections.values() if p.post == name)

    def add(self, label: str, group: str, when: str, order: int, text: str, kernel: str = "", events: str = "") -> None:
        """Put statements into the schedule."""
        name = f"do_{label.lower().replace(' ', '_')}_{len(self.codes)}"
        reads = tuple(look.name for look in self.groups[group].lookups if f"{look.name}(i)" in text)
        self.codes.append(Code(name, group, when, order, text, kernel, reads, events))

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
