"""What a program does in every step beside the circuit: stops at a number that is not finite, tells how far it is.

Both come as lines of its output, which `execute` reads.  Brian2's own report asks for the time before every object of
every step, and so makes a small circuit take twice as long; this one asks in one step of sixteen.  A program whose
output nobody reads any more ends at its next report, so none is left behind when neuroam is killed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Cell, Circuit, Trials
from neuroam.formula import parse
from neuroam.sim.awake import AWAKE
from neuroam.sim.kernel_values import count
from neuroam.sim.structure import Blueprint, Plan

Tick = Callable[[float], None]  # gets the fraction that is done
PERIOD = 0.2  # seconds between two reports
BOUNDED = ("sign", "tanh", "sin", "cos")
PROGRESS = "progress "
NOT_FINITE = "not finite "
SLOT = {"when": "synapses", "order": -1_000_000}  # all states have moved, cells have fired, and none is reset yet

_CPP = """
static inline bool pulse_broken(const %REAL%* __restrict__ x, const size_t count) {
  %WORD% seen = 0;  // x - x is zero, unless x is not finite; no branch, so that this becomes vector code
  for (size_t k=0; k<count; k++) {
    const %REAL% zero = x[k] - x[k];
    %WORD% bits; std::memcpy(&bits, &zero, sizeof bits);
    seen |= bits;
  }
  return seen != 0;
}
static void pulse_stop(const char* name, const int trial, const int cell, const int64_t step) {
  std::printf("%NOT_FINITE%%s %d %d %lld\\n", name, trial, cell, (long long)step);
  std::fflush(stdout);
  std::_Exit(1);
}
static inline void pulse_cells(const char* name, const %REAL%* x, const int room, const int live, const int64_t step) {
  for (int b=0; b<%B%; b++) if (pulse_broken(x + (size_t)b*room, live))
    for (int n=0; n<live; n++) if (pulse_broken(x + (size_t)b*room + n, 1)) pulse_stop(name, b, n, step);
}
static inline void pulse_listed(
  const char* name, const %REAL%* x, const int room, const int live, const int64_t step, const int32_t* list
) {
  const int32_t count = list[(size_t)room*%B%];
  %WORD% seen = 0;
  for (int k=0; k<count; k++) {
    const %REAL% zero = x[list[k]] - x[list[k]];
    %WORD% bits; std::memcpy(&bits, &zero, sizeof bits);
    seen |= bits;
  }
  if (seen) for (int k=0; k<count; k++) if (pulse_broken(x + list[k], 1) && list[k] % room < live)
    pulse_stop(name, list[k]/room, list[k] % room, step);
}
static int pulse_step(const int64_t step) {
%LOOKS%
  if (step % 16 == 0) {
    static std::chrono::steady_clock::time_point next;
    const auto now = std::chrono::steady_clock::now();
    if (now >= next) {
      std::printf("%PROGRESS%%.4f\\n", (double)step/%STEPS%);
      std::fflush(stdout);
      next = now + std::chrono::milliseconds(%PERIOD%);
    }
  }
  return 0;
}
"""
_HEADERS = ["<chrono>", "<cstdint>", "<cstdio>", "<cstdlib>", "<cstring>"]


def ignore(fraction: float) -> None:
    """A `Tick` that tells nobody."""


class NotFinite(Exception):
    """A variable of a cell is NaN or infinite in some step; the trial counts from the first of its batch."""

    def __init__(self, population: str, variable: str, trial: int, cell: int, step: int) -> None:
        super().__init__(population, variable, trial, cell, step)
        self.key = (population, variable)
        self.trial, self.cell, self.step = trial, cell, step


def fragile(plan: Plan, circuit: Circuit, trials: Trials) -> dict[tuple[str, str], str]:
    """Variables of cells that can be not finite for some steps and finite at the end, where `collect` looks at all.

    A state that moves by its equation keeps a NaN or an infinity.  But outputs and reductions are made anew in every
    step, and a state is overwritten by a reset, by a clamp, and by an update in discrete time.  Outputs that cannot
    become infinite are left out.
    """
    found: dict[tuple[str, str], str] = {}
    for name, population in circuit.populations.items():
        cell = population.cell
        if cell.event is not None:
            found |= {(name, line.partition(" = ")[0]): "fired" for line in cell.event.then}
        found |= {(name, reduction.name): "first" for reduction in cell.reductions}
        which = "awake" if population.only else "all"
        found |= {(name, output): which for output, text in cell.outputs if not _stays_finite(cell, text)}
        jumping = cell.states if circuit.update != "continuous" else [variable for variable, _ in cell.updates]
        found |= {(name, state): which for state in jumping}
    found |= dict.fromkeys(trials.holds, "all")
    there = {(name, v.name) for name, group in plan.groups.items() for v in group.variables if v.kind == "cell"}
    return {key: cells for key, cells in found.items() if key in there}


def _stays_finite(cell: Cell, text: str) -> bool:
    """Whether the output is a state or an output under another name, or bounded."""
    tree = parse(text)
    bounded = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in BOUNDED
    return bounded or text in cell.states or text in dict(cell.outputs)


def live_cells(plan: Plan, circuit: Circuit) -> dict[str, NDArray[np.int32]]:
    """How many cells of each group there are: a group may have room for more, and those are not looked at."""
    return {"live_pulse": np.array([count(plan, circuit, name) for name in plan.groups], dtype=np.int32)}


def add_to_cpp(emitted: Any, blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Put the pulse into a network that becomes a C++ program."""
    import brian2
    from brian2.groups.group import CodeRunner

    function = brian2.Function(
        lambda _: 0, arg_units=[1], return_unit=1, stateless=False, arg_types=["integer"], return_type="integer"
    )
    function.implementations.add_implementation(
        "cpp",
        _cpp_text(emitted, blueprint),
        namespace={"live_pulse": arrays["live_pulse"]},
        compiler_kwds={"headers": _HEADERS},
        name="pulse_step",
    )
    group = next(iter(emitted.groups.values()))
    group.namespace["pulse_step"] = function
    group.variables.add_array("pulse", size=1, scalar=True, index="0")  # so that this is called once, not per cell
    code = "pulse = pulse_step(t_in_timesteps)"
    emitted.network.add(CodeRunner(group, "stateupdate", code=code, clock=group.clock, name="do_pulse", **SLOT))


def _cpp_text(emitted: Any, blueprint: Blueprint) -> str:
    import brian2

    places = list(blueprint.plan.groups)

    def array(name: str, variable: str) -> str:
        return f"brian::{brian2.get_device().get_array_name(emitted.groups[name].variables[variable])}"

    looks = []
    for (name, variable), cells in blueprint.recorded.finite.items():
        live = "1" if cells == "first" else f"_namespacelive_pulse[{places.index(name)}]"
        what = f'"{name} {variable}", {array(name, variable)}, {blueprint.plan.groups[name].size}, {live}, step'
        listed = {"fired": "_spikespace", "awake": AWAKE}.get(cells)
        looks.append(f"  pulse_listed({what}, {array(name, listed)});" if listed else f"  pulse_cells({what});")
    marks = {
        "%LOOKS%": "\n".join(looks),
        "%REAL%": blueprint.real,
        "%WORD%": "uint32_t" if blueprint.real == "float" else "uint64_t",
        "%B%": str(blueprint.batch),
        "%STEPS%": f"{blueprint.plan.n_steps + 1}.0",
        "%PERIOD%": str(round(PERIOD * 1e3)),
        "%PROGRESS%": PROGRESS,
        "%NOT_FINITE%": NOT_FINITE,
    }
    text = _CPP
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text


def add_to_numpy(emitted: Any, blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Let a network that runs in this process look at its numbers in every step, all of them: that costs least here."""
    import brian2

    live = dict(zip(blueprint.plan.groups, arrays["live_pulse"].tolist(), strict=True))
    watched = []
    for key, cells in blueprint.recorded.finite.items():
        by_trial = emitted.groups[key[0]].variables[key[1]].get_value().reshape(blueprint.batch, -1)
        x = by_trial[:, 0] if cells == "first" else by_trial.ravel()
        assert np.shares_memory(x, by_trial)
        watched.append((key, by_trial[:, : live[key[0]]], x, np.zeros_like(x)))

    def look() -> None:
        for key, by_trial, x, zeros in watched:
            if isfinite(x @ zeros):  # 0 times infinity is NaN, and so is 0 times NaN
                continue
            wrong = np.argwhere(~np.isfinite(by_trial))
            if wrong.size:
                step = round(float(emitted.network.t) / blueprint.plan.dt)
                raise NotFinite(*key, int(wrong[0, 0]), int(wrong[0, 1]), step)

    emitted.network.add(brian2.NetworkOperation(look, name="do_pulse", **SLOT))
