"""Long sums on a GPU, where one thread alone would take too long: first one number per block, then one of all blocks.

C++ adds in the same order (`BLOCK`), so the bits are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.structure import BLOCK, Code, Group, Kernel, Plan, Variable
from neuroam.units import ONE

FIRST = {"dense": "dense", "ones": "ones", "sum": "sum", "mean": "sum", "max": "max", "min": "min"}
THEN = {"dense": "sum", "ones": "sum", "sum": "sum", "mean": "mean", "max": "max", "min": "min"}


def is_long(kernel: Kernel) -> bool:
    """Whether one thread per result would be too few."""
    graded = not kernel.spikes or kernel.kind == "ones"  # few cells fire at once
    return graded and not kernel.only and kernel.kind in FIRST and kernel.size_in > BLOCK


def in_blocks(plan: Plan) -> Plan:
    """The plan with long kernels in steps.

    A product of a matrix takes two (blocks, totals), a reduction three, for its result goes to many cells.
    """
    groups, kernels = dict(plan.groups), dict(plan.kernels)
    codes: list[Code] = []
    for kernel in filter(is_long, plan.kernels.values()):
        for group in _groups(kernel):
            groups[group.name] = group
        kernels |= {made.name: made for made in _kernels(kernel)}
    for code in plan.codes:
        later = replace(code, order=10 * code.order)  # makes room for what comes first
        summed = plan.kernels.get(code.kernel)
        codes += _codes(later, summed) if summed and is_long(summed) else [later]
    return replace(plan, groups=groups, kernels=kernels, codes=codes)


def arrays_of(plan: Plan, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """How many there are of what the new kernels read and write; a mean is of how many cells."""
    found = {}
    for kernel in plan.kernels.values():
        if kernel.part != "blocks":
            continue
        n_in, n_out = (int(n) for n in arrays[f"live_{kernel.name}"])
        blocks = -(-n_in // BLOCK)
        reduced = _totals(kernel.name) in plan.groups
        found[f"live_{_totals(kernel.name)}"] = np.array([blocks, 1 if reduced else n_out], dtype=np.int32)
        found[f"cells_{_totals(kernel.name)}"] = np.array([n_in], dtype=np.int32)
        if reduced:
            found[f"live_{_spread(kernel.name)}"] = np.array([1, n_out], dtype=np.int32)
    return found


def _blocks(name: str) -> str:
    return f"{name}_blocks"


def _totals(name: str) -> str:
    return f"{name}_totals"


def _spread(name: str) -> str:
    return f"{name}_spread"


def _width(kernel: Kernel) -> int:
    return kernel.size_out if kernel.kind == "dense" else 1


def _groups(kernel: Kernel) -> Iterator[Group]:
    count = -(-kernel.size_in // BLOCK) * _width(kernel)
    yield Group(_blocks(kernel.name), ("parts", kernel.name), count, [Variable("part", ONE)])
    if kernel.kind != "dense":
        yield Group(_totals(kernel.name), ("parts", kernel.name), 1, [Variable("part", ONE)])


def _kernels(kernel: Kernel) -> Iterator[Kernel]:
    name, width = kernel.name, _width(kernel)
    count = -(-kernel.size_in // BLOCK) * width
    yield replace(kernel, kind=FIRST[kernel.kind], target=_blocks(name), size_out=count, part="blocks", width=width)
    source, kind = (_blocks(name), "part"), THEN[kernel.kind]
    totals = Kernel(_totals(name), kind, False, source, kernel.target, count, width, part="totals", width=width)
    if kernel.kind == "dense":
        yield totals
        return
    yield replace(totals, target=_totals(name))
    yield Kernel(_spread(name), "spread", False, (_totals(name), "part"), kernel.target, 1, kernel.size_out)


def _codes(code: Code, kernel: Kernel) -> Iterator[Code]:
    name = kernel.name
    steps = [(_blocks(name), name)] + ([(_totals(name), _totals(name))] if kernel.kind != "dense" else [])
    for number, (group, made) in enumerate(steps):
        label = f"{code.name}_part_{number}"
        yield Code(label, group, code.when, code.order - len(steps) + number, f"part = {made}_get(i)", made)
    last = _totals(name) if kernel.kind == "dense" else _spread(name)
    yield replace(code, kernel=last, text=code.text.replace(f"{name}_get(i)", f"{last}_get(i)"))
