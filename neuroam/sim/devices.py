"""Where a program runs: one function per device, and the choice between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from neuroam.errors import BuildError, EnvironmentLacks
from neuroam.sim import cuda, cuda_tools
from neuroam.sim.build import build, compiler
from neuroam.sim.collect import Raw
from neuroam.sim.cuda_plan import values_for_gpu
from neuroam.sim.execute import execute
from neuroam.sim.structure import Plan, Wanted
from neuroam.sim.values import Values

DEVICES = ("auto", "numpy", "cpp", "cuda")


@dataclass(frozen=True)
class Ran:
    """What a device gives back for several batches."""

    batches: list[Raw]
    cache_hit: bool
    build_seconds: float
    run_seconds: float


Device = Callable[[Plan, int, Iterable[Values], Wanted], Ran]


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


def numpy_device(plan: Plan, batch: int, runs: Iterable[Values], recorded: Wanted) -> Ran:
    """Brian2's numpy target in this process: no compiler, slow steps."""
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
                emitted = emit(plan, batch, dict(run.arrays), recorded)
                _set(emitted, run)
                emitted.network.run(duration(plan), namespace={})
        except Exception as error:
            raise BuildError(f"the code generator refused the circuit: {error.__cause__ or error}") from error
        if float(emitted.network.t) < float(duration(plan)) - 0.5 * plan.dt:
            raise KeyboardInterrupt  # Brian2 catches Ctrl-C and ends a run early as if it were done
        batches.append(_raw(emitted, plan))
    return Ran(batches, False, 0.0, perf_counter() - started)


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


def cpp_device(plan: Plan, batch: int, runs: Iterable[Values], recorded: Wanted) -> Ran:
    """A compiled program, run once per batch with other numbers."""
    runs = iter(runs)
    first = next(runs)
    started = perf_counter()
    program, hit = build(plan, batch, dict(first.arrays), recorded)
    built = perf_counter()
    batches = [execute(program, first), *(execute(program, run) for run in runs)]
    return Ran(batches, hit, built - started, perf_counter() - built)


def cuda_device(plan: Plan, batch: int, runs: Iterable[Values], recorded: Wanted) -> Ran:
    """The same on a GPU."""
    prepared = cuda.prepare(plan)
    numbers = (values_for_gpu(prepared, run) for run in runs)
    first = next(numbers)
    started = perf_counter()
    program, hit = cuda.build(prepared, batch, first, recorded)
    built = perf_counter()
    batches = [execute(program, first), *(execute(program, run) for run in numbers)]
    return Ran(batches, hit, built - started, perf_counter() - built)


DEVICE: dict[str, Device] = {"numpy": numpy_device, "cpp": cpp_device, "cuda": cuda_device}
