"""What is different about a plan on a GPU, and what a GPU cannot do.

Its list of spikes is in no order, so every cell whose spikes are read keeps the step at which it last fired, and
sparse weights are gathered by target (see `neuroam.sim.cuda_kernels`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from neuroam.sim.cuda_kernels import gathered, has_form
from neuroam.sim.structure import Group, Kernel, Plan, Variable
from neuroam.sim.values import Values
from neuroam.units import ONE

FIRED = "fired_at"
# Every thread visits all cells of a reduction, or counts them 64 times to find the k-th largest: bounds that keep a
# step near a millisecond at ten cycles per visit (an estimate, not a measurement).
MAX_REDUCED = 65_536
MAX_RANKED = 4_096

_ASSIGNED = re.compile(r"^\s*(\w+)\s*[-+*/]?=(?!=)", re.MULTILINE)


def unsupported(plan: Plan) -> list[str]:
    """Why a plan cannot run on a GPU, one sentence for every reason; empty if it can."""
    return [*_long_reductions(plan), *_delays(plan), *_forms(plan), *_names(plan), *_races(plan)]


def _long_reductions(plan: Plan) -> Iterator[str]:
    for kernel in plan.kernels.values():
        if kernel.spikes or kernel.kind in ("dense", "sparse"):
            continue
        most = MAX_RANKED if kernel.kind.startswith("kth") else MAX_REDUCED
        if kernel.size_in > most:
            what = f"'{kernel.kind}' over the {kernel.size_in} cells of '{kernel.source[0]}'"
            yield f"{what}: every thread would visit all of them, and {most} is the most that stays fast"


def _delays(plan: Plan) -> Iterator[str]:
    for name, kernel in plan.kernel_of.items():
        if plan.kernels[kernel].delay_steps:
            yield f"projection '{name}' delays spikes: a GPU keeps no list of earlier ones"


def _forms(plan: Plan) -> Iterator[str]:
    for kernel in plan.kernels.values():
        if not has_form(kernel):
            yield f"'{kernel.name}': a kernel of kind '{kernel.kind}' has no form for a GPU"


def _names(plan: Plan) -> Iterator[str]:
    for name, group in plan.groups.items():
        for variable in group.variables:
            if variable.name.endswith("space"):
                what = f"populations.{name}: '{variable.name}' ends in 'space'"
                yield f"{what}, which Brian2CUDA takes for a list of spikes"


def _races(plan: Plan) -> Iterator[str]:
    """Threads run in no order: none may change what another one sums up in the same statement."""
    for code in plan.codes:
        kernel = plan.kernels.get(code.kernel)
        if kernel and kernel.source[0] == code.population and kernel.source[1] in _ASSIGNED.findall(code.text):
            yield f"populations.{code.population}: '{kernel.source[1]}' is summed up and changed in one statement"


def for_gpu(plan: Plan) -> Plan:
    """The plan with the steps at which cells last fired in place of lists of spikes."""
    kernels = {name: _by_step(kernel) for name, kernel in plan.kernels.items()}
    read = {kernel.source[0] for kernel in kernels.values() if kernel.spikes}
    groups = {name: _remembering(group) if name in read else group for name, group in plan.groups.items()}
    return replace(plan, groups=groups, kernels=kernels)


def _by_step(kernel: Kernel) -> Kernel:
    return replace(kernel, source=(kernel.source[0], FIRED)) if kernel.spikes else kernel


def _remembering(group: Group) -> Group:
    return replace(group, variables=[*group.variables, Variable(FIRED, ONE, "integer")])


def values_for_gpu(plan: Plan, values: Values) -> Values:
    """The numbers of a run, with sparse weights also gathered by target."""
    arrays = dict(values.arrays)
    for kernel in plan.kernels.values():
        if kernel.kind == "sparse":
            arrays |= gathered(kernel, arrays)
    return replace(values, arrays=arrays)
