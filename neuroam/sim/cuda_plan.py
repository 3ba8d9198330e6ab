"""What is different about a plan on a GPU, and what a GPU cannot do.

Long sums are made in blocks (`neuroam.sim.cuda_blocks`), and edges that learn at spikes are all looked at
(`neuroam.sim.cuda_edges`).

Its list of spikes is in no order, so every cell whose spikes are read keeps the step at which it last fired, and what
is stored by source is gathered by target (see `neuroam.sim.cuda_kernels`).  It does not end early when all trials have
ended: they stand still until the last step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from neuroam.sim.awake import without_awake_lists
from neuroam.sim.cuda_blocks import arrays_of, in_blocks
from neuroam.sim.cuda_edges import cells_of_edges, without_lists
from neuroam.sim.cuda_kernels import gathered, has_form
from neuroam.sim.gates import TOLD
from neuroam.sim.structure import Blueprint, Code, Group, Kernel, Plan, Variable
from neuroam.sim.values import Values
from neuroam.units import ONE

FIRED = "fired_at"
# Every thread visits all cells of an argmax, or counts them 64 times to find the k-th largest: bounds that keep a step
# near a millisecond at ten cycles per visit (an estimate, not a measurement).
MAX_REDUCED = 65_536
MAX_RANKED = 4_096
MAX_LINE = 2**30  # bytes of one line: what nvcc takes as one array

_ASSIGNED = re.compile(r"^\s*(\w+)\s*[-+*/]?=(?!=)", re.MULTILINE)


def unsupported(blueprint: Blueprint) -> list[str]:
    """Why a program cannot run on a GPU, one sentence for every reason; empty if it can."""
    plan = blueprint.plan
    reasons = [*_long_reductions(plan), *_lines(blueprint)]
    return [*reasons, *_forms(plan), *_names(plan), *_races(plan)]


def _long_reductions(plan: Plan) -> Iterator[str]:
    for kernel in plan.kernels.values():
        if kernel.kind != "argmax" and not kernel.kind.startswith("kth"):
            continue
        most = MAX_RANKED if kernel.kind.startswith("kth") else MAX_REDUCED
        if kernel.size_in > most:
            what = f"'{kernel.kind}' over the {kernel.size_in} cells of '{kernel.source[0]}'"
            yield f"{what}: every thread would visit all of them, and {most} is the most that stays fast"


def _lines(blueprint: Blueprint) -> Iterator[str]:
    for group in blueprint.plan.groups.values():
        for line in group.lines:
            size = line.depth * blueprint.batch * group.size * (4 if blueprint.real == "float" else 8)
            if size > MAX_LINE:
                what = f"the {line.kind} of projection '{line.projection}' remembers {size / 1e9:.1f} GB"
                yield f"{what}, and {MAX_LINE / 1e9:.1f} GB is the most: fewer trials at a time (--batch) take less"


def _forms(plan: Plan) -> Iterator[str]:
    for kernel in plan.kernels.values():
        if not has_form(kernel) and kernel.kind not in ("touched", "halt", "awake", "changed"):
            yield f"'{kernel.name}': a kernel of kind '{kernel.kind}' has no form for a GPU"


def _names(plan: Plan) -> Iterator[str]:
    for name, group in plan.groups.items():
        for variable in group.variables:
            if variable.name.endswith("space"):
                what = f"{_place(name, group)}: '{variable.name}' ends in 'space'"
                yield f"{what}, which Brian2CUDA takes for a list of spikes"


def _races(plan: Plan) -> Iterator[str]:
    """Threads run in no order: none may change what another one sums up in the same statement."""
    for code in plan.codes:
        kernel = plan.kernels.get(code.kernel)
        if kernel and kernel.source[0] == code.population and kernel.source[1] in _ASSIGNED.findall(code.text):
            where = _place(code.population, plan.groups[code.population])
            yield f"{where}: '{kernel.source[1]}' is summed up and changed in one statement"


def _place(name: str, group: Group) -> str:
    return f"projections.{group.of[1]}" if group.of[0] == "edges" else f"populations.{name}"


def for_gpu(plan: Plan) -> Plan:
    """The plan with the steps at which cells last fired in place of lists of spikes, and without an early end."""
    plan = _without_news(without_awake_lists(plan))
    kernels = {name: _by_step(kernel) for name, kernel in plan.kernels.items() if kernel.kind != "halt"}
    read = {kernel.source[0] for kernel in kernels.values() if kernel.spikes}
    groups = {name: _remembering(group) if name in read else group for name, group in plan.groups.items()}
    codes = [_scaled(code, kernels) for code in plan.codes if not code.kernel or code.kernel in kernels]
    return in_blocks(without_lists(replace(plan, groups=groups, kernels=kernels, codes=codes), FIRED))


def _without_news(plan: Plan) -> Plan:
    """Every cell asks in every step whether its trial has ended."""
    asked = {name for name, kernel in plan.kernels.items() if kernel.kind == "changed"}
    kernels = {
        name: replace(kernel, kind="spread", only="", events="") if name in asked else kernel
        for name, kernel in plan.kernels.items()
    }
    codes = [
        replace(code, text=f"ended = {code.kernel}_get(i)") if code.kernel in asked else code
        for code in plan.codes
        if code.events != TOLD
    ]
    groups = {
        name: replace(group, lists=[key for key in group.lists if key != TOLD]) for name, group in plan.groups.items()
    }
    return replace(plan, groups=groups, kernels=kernels, codes=codes)


def _scaled(code: Code, kernels: Mapping[str, Kernel]) -> Code:
    """A kernel of C++ that changes weights also changes their scale; every thread of a GPU gives that of its cell."""
    kernel = kernels.get(code.kernel)
    return replace(code, text=f"{kernel.scale} = {kernel.name}_get(i)") if kernel and kernel.scale else code


def _by_step(kernel: Kernel) -> Kernel:
    return replace(kernel, source=(kernel.source[0], FIRED)) if kernel.spikes else kernel


def _remembering(group: Group) -> Group:
    return replace(group, variables=[*group.variables, Variable(FIRED, ONE, "integer")])


def values_for_gpu(plan: Plan, values: Values) -> Values:
    """The numbers of a run, with what is stored by source also gathered by target."""
    return replace(values, arrays=arrays_for_gpu(plan, values.arrays))


def arrays_for_gpu(plan: Plan, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Arrays of a run of C++, and those that kernels of a GPU want besides."""
    found = {**arrays, **arrays_of(plan, arrays), **cells_of_edges(plan, arrays)}
    for kernel in plan.kernels.values():
        found |= gathered(kernel, arrays)
    return found
