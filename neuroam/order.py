"""In which order is one step evaluated?  Outputs, reductions and graded projections, each after what it reads.

States are known at the start of a step, so a path through a state has no order to respect; a loop without one has no
order at all and is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from neuroam.circuit import Cell, Projection
from neuroam.formula import names
from neuroam.needs import Loop, sorted_by_need


@dataclass(frozen=True)
class Edge:
    """A projection as far as order is concerned; ``spikes`` and ``filtered`` ones end in a state.

    ``needs`` are variables of the post cells that it reads, ``reads`` those of the pre cells beside its source.
    """

    name: str
    pre: str
    source: str
    post: str
    slot: str
    spikes: bool
    filtered: bool
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    @property
    def read_first(self) -> list[tuple[str, str]]:
        """(population, variable) of everything that it reads."""
        pre = [(self.pre, name) for name in (self.source, *self.reads)]
        return pre + [(self.post, name) for name in self.needs]


def edges_of(projections: Iterable[Projection], *, continuous: bool) -> list[Edge]:
    """The projections of a circuit as far as order is concerned.

    A filter moves at the end of a step in continuous time; in discrete time the present step is part of its mean.
    """
    return [
        Edge(
            p.name, p.pre, p.source, p.post, p.slot, p.source == "spike",
            (continuous and p.filter is not None) or p.delayed,
            *sides_of(p.only, p.message),
        )
        for p in projections
    ]  # fmt: skip


def sides_of(only: str, message: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a projection with this mask and message reads of the post cell and, beside its source, of the pre cell."""
    found = names(message) if message else set()
    post = {name.removesuffix("_post") for name in found if name.endswith("_post")} | ({only} if only else set())
    pre = {name.removesuffix("_pre") for name in found if name.endswith("_pre")}
    return tuple(sorted(post)), tuple(sorted(pre))


class Step(NamedTuple):
    """One thing to evaluate: ``owner`` is a population or a projection."""

    kind: Literal["output", "reduce", "project"]
    owner: str
    name: str

    def __str__(self) -> str:
        return self.owner if self.kind == "project" else f"{self.owner}.{self.name}"


class LoopError(Exception):
    """The graded signals need each other within one step."""

    def __init__(self, loop: list[Step]) -> None:
        super().__init__(" -> ".join(str(step) for step in [*loop, loop[0]]))
        self.loop = loop


def evaluation_order(cells: Mapping[str, Cell], edges: list[Edge], only: Mapping[str, str] = {}) -> list[Step]:
    """Every output, reduction and graded projection, in an order in which all is known before it is read.

    ``only`` names, by population, the input that says which cells are computed: it is known before their outputs.

    Raises
    ------
    LoopError
        If there is none: the loop, with each population and projection on it.
    """
    definitions = {
        (population, name): Step(kind, population, name)
        for population, cell in cells.items()
        for kind, name in _defined(cell)
    }
    projects = {edge.name: Step("project", edge.name, edge.slot) for edge in edges if not edge.spikes}
    needs: dict[Step, set[Step]] = {step: set() for step in [*definitions.values(), *projects.values()]}
    feeds: dict[tuple[str, str], list[Step]] = {}
    for edge in edges:
        if not edge.spikes and not edge.filtered:
            feeds.setdefault((edge.post, edge.slot), []).append(projects[edge.name])
    wants = [(projects[edge.name], key) for edge in edges if not edge.spikes for key in edge.read_first]
    wants += [
        (step, (owner, read)) for (owner, name), step in definitions.items() for read in _reads(cells[owner], name)
    ]
    wants += [(step, (owner, only[owner])) for (owner, _), step in definitions.items() if owner in only]
    for step, key in wants:
        needs[step] |= {definitions[key]} if key in definitions else set()
        needs[step] |= set(feeds.get(key, []))
    try:
        return sorted_by_need(needs)
    except Loop as loop:
        raise LoopError(loop.things) from None


def _defined(cell: Cell) -> list[tuple[Literal["output", "reduce"], str]]:
    """Names in the order in which the cell can compute them."""
    found: list[tuple[Literal["output", "reduce"], str]] = [("reduce", r.name) for r in cell.reductions]
    return found + [("output", name) for name, _ in cell.outputs]


def _reads(cell: Cell, name: str) -> frozenset[str]:
    for reduction in cell.reductions:
        if reduction.name == name:
            return names(reduction.argument)
    return names(dict(cell.outputs)[name])
