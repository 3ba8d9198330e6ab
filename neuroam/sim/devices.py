"""Where a program runs: one function per device, and the choice between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import BuildError, EnvironmentLacks
from neuroam.sim import cuda, cuda_tools, lend, pulse
from neuroam.sim.build import build, compiled_with, compiler, write_program
from neuroam.sim.collect import Raw
from neuroam.sim.cuda_plan import values_for_gpu
from neuroam.sim.execute import execute
from neuroam.sim.pulse import NotFinite, Tick
from neuroam.sim.structure import Blueprint, Plan
from neuroam.sim.values import Values

DEVICES = ("auto", "numpy", "cpp", "cuda")


@dataclass(frozen=True)
class Ready:
    """What a device makes of a blueprint: ``run`` simulates one batch and tells how far it is."""

    run: Callable[[Values, Tick], Raw]
    cache_hit: bool


Device = Callable[[Blueprint, Mapping[str, NDArray[Any]]], Ready]


def choose(name: str) -> tuple[str, str]:
    """The device that ``name`` stands for, and what to tell the person ("" for nothing)."""
    if name == "auto":
        if compiler() or lend.borrows():
            return "cpp", ""
        return "numpy", "no C++ compiler found: running on numpy, which is slower (install g++ for C++)"
    if name == "cpp" and compiler() is None and not lend.borrows():
        raise EnvironmentLacks("no C++ compiler found: install g++, set CXX, or use --device numpy")
    if name == "cuda":
        cuda_tools.require("run")
    return name, ""


def numpy_device(blueprint: Blueprint, _: Mapping[str, NDArray[Any]]) -> Ready:
    """Brian2's numpy target in this process: no compiler, slow steps."""
    return Ready(partial(_run_numpy, blueprint), cache_hit=False)


def import_brian() -> None:
    """Import Brian2 where it is installed: it listens for Ctrl-C, so only the main thread of a process can."""
    with suppress(ImportError):
        import brian2  # noqa: F401


def _run_numpy(blueprint: Blueprint, values: Values, tick: Tick) -> Raw:
    import brian2

    from neuroam.sim.emit import duration, emit

    brian2.BrianLogger.log_level_error()
    brian2.set_device("runtime")
    brian2.prefs.codegen.target = "numpy"
    brian2.prefs.core.stop_on_keyboard_interrupt = False  # else Brian2 ends an interrupted run as if it were done
    plan = blueprint.plan
    try:
        with np.errstate(all="ignore"):
            emitted = emit(blueprint, dict(values.arrays))
            pulse.add_to_numpy(emitted, blueprint, values.arrays)
            _set(emitted, values)
            emitted.network.run(
                duration(plan),
                report=lambda _elapsed, completed, *_: tick(completed),
                report_period=pulse.PERIOD * brian2.second,
                namespace={},
            )
    except NotFinite:
        raise
    except Exception as error:
        raise BuildError(f"the code generator refused the circuit: {error.__cause__ or error}") from error
    return _raw(emitted, plan)


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


def cpp_device(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]]) -> Ready:
    """A compiled program, run once per batch with other numbers."""
    program, hit = (lend.borrow if lend.borrows() else build)(blueprint, arrays)
    return Ready(partial(execute, program), hit)


def cuda_device(blueprint: Blueprint, arrays: Mapping[str, NDArray[Any]]) -> Ready:
    """The same on a GPU, which does not tell how far it is."""
    program, hit = cuda.build(blueprint, arrays)
    plan = cuda.prepare(blueprint).plan

    def run(values: Values, tick: Tick) -> Raw:
        return execute(program, values_for_gpu(plan, values), tick)

    return Ready(run, hit)


DEVICE: dict[str, Device] = {"numpy": numpy_device, "cpp": cpp_device, "cuda": cuda_device}

COMPILED_WITH: dict[str, Callable[[], dict[str, str]]] = {
    "numpy": dict,
    "cpp": compiled_with,
    "cuda": cuda.compiled_with,
}
BUILD = {"cpp": build, "cuda": cuda.build}
WRITE = {"cpp": write_program, "cuda": cuda.write_program}
