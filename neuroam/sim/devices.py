"""Where a program runs: one function per device, and the choice between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from time import perf_counter
from typing import Any

import numpy as np

from neuroam.errors import BuildError, EnvironmentLacks
from neuroam.sim import cuda, cuda_tools
from neuroam.sim.build import build, compiler, write_program
from neuroam.sim.collect import Raw
from neuroam.sim.cuda_plan import values_for_gpu
from neuroam.sim.execute import execute
from neuroam.sim.gates import CLOCK
from neuroam.sim.structure import Blueprint, Plan
from neuroam.sim.values import Values

DEVICES = ("auto", "numpy", "cpp", "cuda")


@dataclass(frozen=True)
class Ran:
    """What a device gives back for several batches."""

    batches: list[Raw]
    cache_hit: bool
    build_seconds: float
    run_seconds: float


Device = Callable[[Blueprint, Iterable[Values]], Ran]


def choose(name: str) -> tuple[str, str]:
    """The device that ``name`` stands for, and what to tell the person ("" for nothing)."""
    if name == "auto":
        if compiler():
            return "cpp", ""
        return "numpy", "no C++ compiler found: running on numpy, which is slower (install g++ for C++)"
    if name == "cpp" and compiler() is None:
        raise EnvironmentLacks("no C++ compiler found: install g++, set CXX, or use --device numpy")
    if name == "cuda":
        cuda_tools.require("run")
    return name, ""


def numpy_device(blueprint: Blueprint, runs: Iterable[Values]) -> Ran:
    """Brian2's numpy target in this process: no compiler, slow steps."""
    plan = blueprint.plan
    import brian2

    from neuroam.sim.emit import duration, emit

    brian2.BrianLogger.log_level_error()
    brian2.set_device("runtime")
    brian2.prefs.codegen.target = "numpy"
    started = perf_counter()
    batches = []
    for run in runs:
        try:
            with np.errstate(all="ignore"):
                emitted = emit(blueprint, dict(run.arrays))
                _set(emitted, run)
                emitted.network.run(duration(plan), namespace={})
        except Exception as error:
            raise BuildError(f"the code generator refused the circuit: {error.__cause__ or error}") from error
        if float(emitted.network.t) < float(duration(plan)) - 0.5 * plan.dt and not _all_ended(emitted):
            raise KeyboardInterrupt  # Brian2 catches Ctrl-C and ends a run early as if it were done
        batches.append(_raw(emitted, plan))
    return Ran(batches, False, 0.0, perf_counter() - started)


def _all_ended(emitted: Any) -> bool:
    clock = emitted.groups.get(CLOCK)
    return clock is not None and bool(clock.variables["ended"].get_value().all())


def _set(emitted: Any, run: Values) -> None:
    by_name = {group.name: group for group in emitted.groups.values()}
    for (group, variable), value in run.variables.items():
        by_name[group].variables[variable].set_value(value)


def _raw(emitted: Any, plan: Plan) -> Raw:
    spikes = {}
    for name, monitor in emitted.spikes.items():
        step = np.rint(np.asarray(monitor.variables["t"].get_value()) / plan.dt).astype(np.int64)
        spikes[name] = (np.array(monitor.variables["i"].get_value()), step)
    traces = {key: np.array(m.variables[key[1]].get_value()) for key, m in emitted.traces.items()}
    final = {
        (name, variable.name): np.array(emitted.groups[name].variables[variable.name].get_value())
        for name, group in plan.groups.items()
        for variable in group.variables
        if variable.kind == "cell"
    }
    return Raw(spikes, traces, final)


def cpp_device(blueprint: Blueprint, runs: Iterable[Values]) -> Ran:
    """A compiled program, run once per batch with other numbers."""
    runs = iter(runs)
    first = next(runs)
    started = perf_counter()
    program, hit = build(blueprint, first.arrays)
    built = perf_counter()
    batches = [execute(program, first), *(execute(program, run) for run in runs)]
    return Ran(batches, hit, built - started, perf_counter() - built)


def cuda_device(blueprint: Blueprint, runs: Iterable[Values]) -> Ran:
    """The same on a GPU."""
    runs = iter(runs)
    first = next(runs)
    started = perf_counter()
    program, hit = cuda.build(blueprint, first.arrays)
    built = perf_counter()
    plan = cuda.prepare(blueprint).plan
    batches = [execute(program, values_for_gpu(plan, run)) for run in chain([first], runs)]
    return Ran(batches, hit, built - started, perf_counter() - built)


DEVICE: dict[str, Device] = {"numpy": numpy_device, "cpp": cpp_device, "cuda": cuda_device}

BUILD = {"cpp": build, "cuda": cuda.build}
WRITE = {"cpp": write_program, "cuda": cuda.write_program}
