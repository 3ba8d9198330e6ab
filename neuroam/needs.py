"""Things that need each other, in an order in which each comes after what it needs.

The standard library sorts graphs, too; networkx, which could do all of this, takes a tenth of a second to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush


class Loop[T](Exception):
    """There is no such order: ``things`` need each other, each the one before it, the first the last."""

    def __init__(self, things: list[T]) -> None:
        super().__init__(" -> ".join(str(thing) for thing in [*things, things[0]]))
        self.things = things


def sorted_by_need[T](needs: Mapping[T, Iterable[T]]) -> list[T]:
    """The keys, each after all that it needs; among those that could be next, the one that the mapping has first.

    Raises
    ------
    Loop
        If some of them need each other.
    """
    place = {thing: number for number, thing in enumerate(needs)}
    sorter = TopologicalSorter({thing: [other for other in found if other in place] for thing, found in needs.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        loop = error.args[1][:-1]
        first = min(range(len(loop)), key=lambda number: place[loop[number]])
        raise Loop(loop[first:] + loop[:first]) from None
    things = list(needs)
    ready = [place[thing] for thing in sorter.get_ready()]
    heapify(ready)
    found = []
    while ready:
        thing = things[heappop(ready)]
        found.append(thing)
        sorter.done(thing)
        for other in sorter.get_ready():
            heappush(ready, place[other])
    return found
