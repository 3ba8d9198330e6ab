"""Populations of which few cells are awake at a time: the others stand still, and cost nothing.

A population with ``only: INPUT`` lists the cells whose input is not zero, once it is known; outputs and updates run for
the cells on that list.  What cells on the last list had put out goes back to zero first.  Kernels that read such
outputs, or are masked by the same flag, visit the list too.
"""

from __future__ import annotations

from dataclasses import replace

from neuroam.circuit import Projection
from neuroam.sim.gates import still
from neuroam.sim.structure import Draft, Kernel, Plan
from neuroam.sim.words import variable_of
from neuroam.units import ONE, Dimension

AWAKE = "_awake"  # not a name that a cell may use


def listed_cells(draft: Draft, name: str) -> str:
    """The list of the cells of a population that are awake; "" if all always are."""
    return AWAKE if name in draft.populations and draft.populations[name].only else ""


def reads_list(draft: Draft, name: str, variable: str) -> bool:
    """Whether a variable of a population is zero in all cells that are not on its list."""
    return bool(listed_cells(draft, name)) and variable in dict(draft.populations[name].cell.outputs)


def opens(draft: Draft, projection: Projection) -> bool:
    """Whether a projection alone says which of its post cells are awake: its kernel makes the list."""
    slot = draft.populations[projection.post].only
    plain = projection.instantaneous and projection.source != "spike" and not projection.scale
    alone = sum(p.slot == slot for p in draft.into(projection.post)) == 1
    return projection.slot == slot and plain and alone and (projection.post, slot) not in draft.trials.drives


def rest(draft: Draft, name: str, when: str, order: int) -> None:
    """What cells on the last list had put out goes back to zero, and their flags do if a projection sets them."""
    population = draft.populations[name]
    draft.groups[name].lists.append(AWAKE)
    lines = []
    for output, _ in population.cell.outputs:
        lines.append(f"{output} = {still(draft, output, _zero(population.cell.dimensions[output]))}")
    lines += [f"in_{p.name} = {_zero(population.cell.dimensions[p.slot])}" for p in draft.into(name) if opens(draft, p)]
    if lines:
        draft.add(f"rest_{name}", name, when, order, "\n".join(lines), events=AWAKE)


def _zero(unit: Dimension) -> str:
    return "0.0" if unit == ONE else f"0*{unit.base_text()}"


def wake_up(draft: Draft, name: str, when: str, order: int) -> int:
    """Make the list of a population if this is the first time that a step needs it; the next free place."""
    if not listed_cells(draft, name) or AWAKE in draft.groups[name].lists:
        return order
    group = draft.groups[name]
    flag, statement = variable_of(draft, name, draft.populations[name].only)
    if statement:
        draft.add(f"flag_{name}", name, when, order, statement)
    rest(draft, name, when, order + 1)
    kernel = f"awake_{group.name}"
    draft.kernels[kernel] = Kernel(kernel, "awake", False, (name, flag), name, group.size, group.size, events=AWAKE)
    draft.add(f"awake_{name}", name, when, order + 2, "", kernel)
    return order + 3


def while_awake(draft: Draft, name: str) -> list[str]:
    """The condition under which the cells of a population are computed; none where all always are.

    Cells on the list meet it; it is for devices without lists.
    """
    if not listed_cells(draft, name):
        return []
    flag = draft.populations[name].only
    return [f"{variable_of(draft, name, flag)[0]} != {_zero(draft.populations[name].cell.dimensions[flag])}"]


def without_awake_lists(plan: Plan) -> Plan:
    """The plan with statements for all cells, which leave those that stand still as they are: for a GPU."""
    made = {name for name, kernel in plan.kernels.items() if kernel.kind == "awake"}
    kernels = {
        name: replace(kernel, events="", opens=False) if kernel.events == AWAKE else kernel
        for name, kernel in plan.kernels.items()
        if name not in made
    }
    codes = [replace(c, events="") if c.events == AWAKE else c for c in plan.codes if c.kernel not in made]
    groups = {
        name: replace(group, lists=[key for key in group.lists if key != AWAKE]) for name, group in plan.groups.items()
    }
    return replace(plan, groups=groups, kernels=kernels, codes=codes)
