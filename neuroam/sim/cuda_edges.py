"""Learning at spikes on a GPU: no list of the edges of cells that fired, but a look at every edge.

An edge asks whether its cell fired in this step; if not, its statements leave everything as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.sim.structure import Code, Kernel, Lookup, Plan, Variable
from neuroam.units import ONE

FIRED_NOW = "fired_now"
SIDES = {"touched_source": "pre", "touched_target": "post"}


def without_lists(plan: Plan, fired_at: str) -> Plan:
    """The plan with statements for all edges in place of statements for the edges on a list.

    ``fired_at`` is the variable that holds the step at which a cell last fired.
    """
    touched = {kernel.name: kernel for kernel in plan.kernels.values() if kernel.kind == "touched"}
    if not touched:
        return plan
    groups = dict(plan.groups)
    for kernel in touched.values():
        cells, look = groups[kernel.source[0]], _look(kernel)
        if FIRED_NOW not in {variable.name for variable in cells.variables}:
            groups[kernel.source[0]] = replace(cells, variables=[*cells.variables, Variable(FIRED_NOW, ONE)])
        edges = groups[kernel.target]
        groups[kernel.target] = replace(edges, lookups=[*edges.lookups, look], lists=[])
    kernels = {name: replace(kernel, events="") for name, kernel in plan.kernels.items() if name not in touched}
    codes = []
    for code in plan.codes:
        if code.kernel in touched:  # in place of making the list
            cells_name = touched[code.kernel].source[0]
            text = f"{FIRED_NOW} = int({fired_at} == t_in_timesteps)"
            codes.append(replace(code, population=cells_name, text=text, kernel=""))
        else:
            codes.append(_gated(code) if code.events else code)
    return replace(plan, groups=groups, kernels=kernels, codes=codes)


def _look(kernel: Kernel) -> Lookup:
    side = SIDES[kernel.events]
    return Lookup(f"look_{side}_{FIRED_NOW}", (kernel.source[0], FIRED_NOW), side, kernel.size_in, ONE)


def _gated(code: Code) -> Code:
    look = f"look_{SIDES[code.events]}_{FIRED_NOW}"
    hit = f"int(({look}(i) > 0.5) and (learn_on(t_in_timesteps, i) > 0))"
    lines = []
    for line in code.text.split("\n"):
        target, _, value = line.partition(" = ")
        kept = "" if target.startswith("share_") else f" + (1 - {hit})*{target}"
        lines.append(f"{target} = {hit}*({value}){kept}")
    return replace(code, text="\n".join(lines), events="", reads=(*code.reads, look))


def cells_of_edges(plan: Plan, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """For the lookups of `without_lists`: the cell of every edge, from what C++ has, the edges of every cell."""
    found = {}
    for group in plan.groups.values():
        for look in group.lookups:
            if look.source[1] != FIRED_NOW:
                continue
            kernel = f"touch_{look.side}_{group.name.removeprefix('edge_')}"
            start, edge = arrays[f"p_{kernel}"], arrays[f"j_{kernel}"]
            at = np.zeros(group.size, dtype=np.int32)
            at[edge[: start[-1]]] = np.repeat(np.arange(start.size - 1), np.diff(start))
            found[f"at_{look.name}_{group.name}"] = at
    return found
