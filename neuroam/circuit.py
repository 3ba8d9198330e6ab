"""The nouns that cross rooms: a circuit with all its numbers, and the trials it is put through.

Frozen dataclasses, SI floats and numpy arrays, no behaviour.  ``resolve`` makes them, ``sim`` compiles and runs them,
``readouts`` look at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import NOWHERE, Where
from neuroam.units import Dimension

Array = NDArray[np.float64]
Method = Literal["exponential_euler", "euler", "rk4"]
Update = Literal["continuous", "synchronous", "one_cell", "alternate"]


@dataclass(frozen=True)
class PatternSet:
    """Stored patterns of one port.

    ``values`` is (P, N) and holds the numbers themselves (bits, levels, rates).  Patterns with few entries of many
    come as ``rows``, and ``values`` is empty.  ``attributes`` holds one value per pattern row or per unit (labels,
    wanted dwell times, frequencies); ``per_row`` names those of rows.  ``units`` is what the units are called, and
    ``remark`` what a user should know about where the patterns come from.
    """

    name: str
    values: Array
    binary: bool
    coding_level: float | None = None
    shape: tuple[int, ...] | None = None
    attributes: Mapping[str, Array] = field(default_factory=dict)
    remark: str = ""
    rows: Sparse | None = None
    units: tuple[str, ...] = ()
    per_row: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return int(self.values.shape[0] if self.rows is None else self.rows.shape[0])

    @property
    def size(self) -> int:
        return int(self.values.shape[1] if self.rows is None else self.rows.shape[1])

    @property
    def bipolar(self) -> Array:
        """(P, N) in {-1, +1}."""
        return 2.0 * self.values - 1.0 if self.binary else self.values


@dataclass(frozen=True)
class Dense:
    """A (post, pre) matrix with all its entries."""

    values: Array


@dataclass(frozen=True)
class Sparse:
    """A (post, pre) matrix in compressed rows: row ``j`` holds ``data[indptr[j]:indptr[j + 1]]``."""

    shape: tuple[int, int]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    data: Array


@dataclass(frozen=True)
class Ones:
    """All-to-all with the same weight: (post, pre) ones that are never written out."""

    shape: tuple[int, int]


Weights = Dense | Sparse | Ones


@dataclass(frozen=True)
class Matrix:
    """A named (post, pre) array, made once; projections are views of it.

    ``sequence`` names the port whose patterns it pairs with those of other places (the rule has a ``lag``), if it does.
    """

    name: str
    weights: Weights
    where: Where = NOWHERE
    sequence: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        if isinstance(self.weights, Dense):
            rows, columns = self.weights.values.shape
            return int(rows), int(columns)
        return self.weights.shape


@dataclass(frozen=True)
class Ode:
    """``d variable / dt = rate``, with ``rate`` in equation text."""

    variable: str
    rate: str


@dataclass(frozen=True)
class Reduction:
    """``name = kind(argument)`` over one population of one trial."""

    name: str
    kind: str
    argument: str


@dataclass(frozen=True)
class Event:
    """What happens to a cell when the condition ``when`` comes true: the statements ``then``.

    ``refractory`` names a parameter or is empty; ``hold`` are the states that do not move while the cell is refractory.
    """

    name: str
    when: str
    then: tuple[str, ...]
    refractory: str = ""
    hold: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """Equation text of one kind of cell, checked, with the dimension of every name in it."""

    name: str
    odes: tuple[Ode, ...] = ()
    updates: tuple[tuple[str, str], ...] = ()
    reductions: tuple[Reduction, ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    event: Event | None = None
    lagrangian: str = ""
    start: Mapping[str, str] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    pulses: Mapping[str, str] = field(default_factory=dict)
    params: tuple[str, ...] = ()
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    title: str = ""
    where: Where = NOWHERE


@dataclass(frozen=True)
class Population:
    """``size`` cells of one kind.

    ``params`` holds a float, or one value per cell; ``labels`` holds, per cell, its ``place`` (the row or column of a
    matrix), the pattern ``unit`` or ``row`` it stands for, and which ``copy`` of its place it is.  ``elastic``: the
    size follows from the number of patterns.  Cells whose ``code`` is "tokens" are lines of which few are active at a
    time: they are never stepped, and what they send follows from the list of their drives.  ``only`` names an input:
    cells for which it is zero stand still in that step, their states stay and their outputs are zero.
    """

    name: str
    size: int
    cell: Cell
    params: Mapping[str, float | Array]
    labels: Mapping[str, NDArray[np.int64]]
    code: str = "bits"
    where: Where = NOWHERE
    elastic: bool = False
    only: str = ""


@dataclass(frozen=True)
class Filter:
    """Post-side linear filter of a projection: ``d state/dt = rate`` plus, for spikes, a jump by the weight.

    ``rate`` is equation text over ``state``, ``inflow`` (graded signals) and the names in ``params``.
    """

    kind: str
    rate: str
    params: Mapping[str, float]
    dimensions: Mapping[str, Dimension]


Statement = tuple[str, str]  # what is assigned to, and the value


@dataclass(frozen=True)
class Plasticity:
    """Statements of every edge of a projection: what changes its weight ``w`` while it learns.

    They read and write ``w`` and the edge's own ``variables``, and read what the two cells have as ``NAME_pre`` and
    ``NAME_post``; a statement about ``NAME_post`` says what the edge adds to that state of the post cell.  ``pre`` and
    ``post`` run at spikes, ``step`` in every step, ``epoch_end`` in the last step of an epoch that learns;
    ``equations`` move variables at all times.  Edges for which ``prune`` holds when such an epoch ends are removed for
    good.
    ``params`` holds a float, or one value per cell on the side that ``sides`` names.
    """

    name: str
    equations: tuple[Ode, ...] = ()
    pre: tuple[Statement, ...] = ()
    post: tuple[Statement, ...] = ()
    step: tuple[Statement, ...] = ()
    epoch_end: tuple[Statement, ...] = ()
    prune: str = ""
    variables: Mapping[str, Dimension] = field(default_factory=dict)
    params: Mapping[str, float | Array] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)


@dataclass(frozen=True)
class Projection:
    """``to.slot += gain * view(matrix) @ signal``.

    ``source`` is "spike" or the name of a variable of ``pre``.  The matrix is read as (post, pre) after
    ``transpose``.  ``gain`` is in the unit of the target slot, a float or one value per post cell; ``scale`` names a
    control that multiplies it.  ``delay`` is in seconds, a float or one value per post cell; ``box`` is the length of
    the running mean that a graded signal goes through, 0 for none.  ``only`` names the variable of the post cells that
    says which of them are computed.  With a ``message``, every edge carries the value of that text instead of weight
    times signal.
    """

    name: str
    pre: str
    source: str
    post: str
    slot: str
    matrix: str
    transpose: bool
    gain: float | Array
    delay: float | Array = 0.0
    filter: Filter | None = None
    scale: str = ""
    where: Where = NOWHERE
    box: float = 0.0
    only: str = ""
    message: str = ""
    plastic: Plasticity | None = None

    @property
    def instantaneous(self) -> bool:
        """Whether the post cell gets gain times matrix times signal, all of the same moment and at all times."""
        remembers = self.filter is not None or self.box > 0 or self.longest_delay > 0
        return not (remembers or self.only or self.message or self.plastic)

    @property
    def longest_delay(self) -> float:
        """In seconds, of all post cells."""
        return float(np.max(self.delay, initial=0.0))

    @property
    def delayed(self) -> bool:
        """Whether nothing of it arrives in the step in which it is sent."""
        return bool(np.min(self.delay, initial=np.inf) > 0)


@dataclass(frozen=True)
class Port:
    """What a protocol may know of a model: a population, and how pattern rows become cells."""

    name: str
    population: str
    code: str
    cue: Mapping[str, object]
    where: Where = NOWHERE


@dataclass(frozen=True)
class Circuit:
    """Everything that is there, with all its numbers."""

    name: str
    populations: Mapping[str, Population]
    projections: Mapping[str, Projection]
    matrices: Mapping[str, Matrix]
    ports: Mapping[str, Port]
    patterns: Mapping[str, PatternSet]
    controls: tuple[str, ...]
    dt: float
    method: Method
    update: Update
    where: Where = NOWHERE


@dataclass(frozen=True)
class Epoch:
    """A named span of steps, ``start`` included and ``stop`` not.

    In a stream, ``patterns`` says what is shown, each for an equal part of the epoch.  ``pattern`` is what is shown
    where the protocol shows one after another (``each``), whatever a trial cues.
    """

    name: str
    start: int
    stop: int
    patterns: NDArray[np.int64] | None = None
    pattern: int | None = None


@dataclass(frozen=True)
class Outline:
    """Trials that have no numbers yet: how long one of them is, its epochs, and how many there are."""

    n_steps: int
    epochs: tuple[Epoch, ...]
    count: int


@dataclass(frozen=True)
class Signal:
    """A value per trial and cell that is constant for spans of steps.

    ``row[step]`` says which row of ``table`` holds, -1 for none; ``table`` is (rows, trials, cells).
    """

    row: NDArray[np.int32]
    table: Array


@dataclass(frozen=True)
class Ragged:
    """A drive of few cells at a time: trial b in step k drives ``cell[a]`` with ``value[a]``.

    ``row`` is (n_steps, trials): a runs from ``start[row[k, b]]`` to ``start[row[k, b] + 1]``, which is excluded; in
    row -1 nothing is driven.
    """

    row: NDArray[np.int32]
    start: NDArray[np.int64]
    cell: NDArray[np.int64]
    value: Array


@dataclass(frozen=True)
class Until:
    """In steps ``start`` to ``stop`` a trial stands still once ``variable`` of ``population`` is above zero in it."""

    population: str
    variable: str
    start: int
    stop: int


@dataclass(frozen=True)
class Trials:
    """What the circuit is put through: the world's side, with all its numbers.

    ``index`` numbers the trials (it is what noise depends on); ``cued`` is the pattern shown in each trial.
    ``drives`` add to an input, ``holds`` overwrite a state; both are keyed (population, variable).  ``controls`` are
    keyed by name, with tables of one cell.  ``cues[port]`` is (trials, units), the pattern as it was shown.
    ``lists`` are drives of few cells at a time, of the populations whose code is "tokens".  ``silenced`` and
    ``learning`` say in which steps a population does not fire and a plastic projection learns, ``learned`` in which one
    an epoch that learns ends; all are (n_steps,).  ``condition`` numbers one of the names in ``conditions`` for every
    trial, and ``onset`` is how many seconds after the beginning of its epoch the first cue of a trial begins; both are
    empty where the protocol says nothing of that.
    """

    n_steps: int
    epochs: tuple[Epoch, ...]
    index: NDArray[np.int64]
    cued: NDArray[np.int64]
    cue_port: str
    initial: Mapping[tuple[str, str], Array]
    drives: Mapping[tuple[str, str], Signal]
    holds: Mapping[tuple[str, str], Signal]
    controls: Mapping[str, Signal]
    cues: Mapping[str, Array]
    noise_key: int
    lists: Mapping[tuple[str, str], Ragged] = field(default_factory=dict)
    silenced: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    learning: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    learned: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    until: tuple[Until, ...] = ()
    conditions: tuple[str, ...] = ()
    condition: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    onset: Array = field(default_factory=lambda: np.empty(0))

    @property
    def count(self) -> int:
        return int(self.index.size)


Learned = Mapping[str, Mapping[str, Sparse]]  # final weights by stage and projection, (post, pre)


@dataclass(frozen=True)
class Sources:
    """What rules and value functions may look at: patterns and cell codes by port, matrices made so far, stages.

    ``made`` is the rule of every matrix, with its settings.
    """

    patterns: Mapping[str, PatternSet]
    codes: Mapping[str, str]
    matrices: Mapping[str, Weights] = field(default_factory=dict)
    learned: Learned = field(default_factory=dict)
    made: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    units: Mapping[tuple[str, str], Dimension] = field(default_factory=dict)  # of attributes, by port and name
