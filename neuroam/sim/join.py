"""Statements of one group that follow each other become one block: a program pays for every loop that it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from neuroam.sim.structure import Code, Kernel

SLOTS = ("start", "groups", "thresholds", "synapses", "resets", "end")


def joined(codes: Sequence[Code], kernels: Mapping[str, Kernel]) -> list[Code]:
    """The same statements in the same order, in fewer blocks.

    A block begins with at most one kernel.  It ends where a kernel has to see what it wrote, and, for the threads of a
    GPU, stays alone if its own kernel reads the group that it writes to.
    """
    found: list[Code] = []
    for code in sorted(codes, key=lambda code: (SLOTS.index(code.when), code.order)):
        if found and _fit(found[-1], code, kernels):
            text = "\n".join(filter(None, (found[-1].text, code.text)))
            reads = tuple(dict.fromkeys((*found[-1].reads, *code.reads)))
            found[-1] = replace(found[-1], text=text, reads=reads)
        else:
            found.append(code)
    return [replace(code, order=place) for slot in SLOTS for place, code in _places(slot, found)]


def _places(slot: str, codes: Sequence[Code]) -> Iterator[tuple[int, Code]]:
    """A place of its own for every block: Brian2 runs what has the same one in the order of names.

    What is drawn for the conditions of spikes comes before these, which have place 0.
    """
    mine = [code for code in codes if code.when == slot]
    return enumerate(mine, start=-len(mine) if slot == "thresholds" else 0)


def _fit(first: Code, second: Code, kernels: Mapping[str, Kernel]) -> bool:
    same = (first.population, first.when, first.events) == (second.population, second.when, second.events)
    sees_itself = bool(first.kernel) and kernels[first.kernel].source[0] == first.population
    return same and not second.kernel and not sees_itself and bool(first.text)
