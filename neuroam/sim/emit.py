"""Plan -> Brian2 objects, one function per noun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import brian2
import numpy as np
from brian2.groups.group import CodeRunner
from brian2.units.fundamentalunits import Unit, get_or_create_dimension

from neuroam import formula
from neuroam.sim import kernels, noise, pick, signals
from neuroam.sim.cuda_kernels import on_device
from neuroam.sim.kernels import Arrays
from neuroam.sim.structure import Code, Group, Plan, Wanted
from neuroam.units import Dimension

LAST = 1_000_000  # monitors look after everything else of their slot


@dataclass(frozen=True)
class Emitted:
    """A network and its parts by name."""

    network: Any
    groups: dict[str, Any]
    spikes: dict[str, Any]
    traces: dict[tuple[str, str], Any]


def emit(plan: Plan, batch: int, arrays: Arrays, recorded: Wanted) -> Emitted:
    """All Brian2 objects of a plan for ``batch`` trials; ``arrays`` are read when the program runs."""
    brian2.defaultclock.dt = plan.dt * brian2.second
    groups = {name: _group(group, plan, batch, arrays) for name, group in plan.groups.items()}
    for kernel in plan.kernels.values():
        population, variable = kernel.source
        for code in (code for code in plan.codes if code.kernel == kernel.name):
            _add_kernel(kernel, code, groups, population, variable, batch, arrays)
    runners = [_runner(code, groups[code.population]) for code in plan.codes]
    spikes = {name: brian2.SpikeMonitor(groups[name], name=f"spikes_{groups[name].name}") for name in recorded.spikes}
    traces = {}
    for number, ((name, variable), every) in enumerate(recorded.traces.items()):
        clock = {} if every == 1 else {"dt": every * plan.dt * brian2.second}
        label = f"trace_{number}_{groups[name].name}"
        traces[name, variable] = brian2.StateMonitor(
            groups[name], variable, record=True, when="start", order=LAST, name=label, **clock
        )
    network = brian2.Network(*groups.values(), *runners, *spikes.values(), *traces.values())
    return Emitted(network, groups, spikes, traces)


def _group(group: Group, plan: Plan, batch: int, arrays: Arrays) -> Any:
    flags = {"cell": "", "integer": "", "shared": " (shared, constant)", "shared integer": " (shared, constant)"}
    lines = []
    for variable in group.variables:
        kind = "integer" if "integer" in variable.kind else _unit_text(variable.dimension)
        lines.append(f"{variable.name} : {kind}{flags[variable.kind]}")
    lines += [f"trig_{k.name} : 1 (shared)" for k in plan.kernels.values() if _runs_in(k.name, group, plan)]
    events = {"threshold": group.threshold, "reset": group.reset} if group.threshold else {}
    return brian2.NeuronGroup(
        group.size * batch,
        "\n".join(lines),
        name=group.name,
        namespace=_functions(group, batch, arrays),
        **events,
    )


def _runs_in(kernel: str, group: Group, plan: Plan) -> bool:
    return any(code.kernel == kernel and plan.groups[code.population] is group for code in plan.codes)


def _functions(group: Group, batch: int, arrays: Arrays) -> dict[str, Any]:
    functions: dict[str, Any] = {"int_power": _int_power()}
    for table in group.tables:
        functions[table.name] = signals.brian_function(
            group.name, table, group.size, batch, arrays, _unit(table.dimension)
        )
    for draw in group.noises:
        label = f"{draw.name}_{group.name}"
        words, trials = arrays[f"{label}_key"], arrays[f"{label}_trial"]
        if draw.kind == "pick":
            functions[draw.name] = pick.brian_function(label, trials, group.size, words)
            continue
        key = int(words[0]) | int(words[1]) << 32
        functions[draw.name] = noise.brian_function(
            "gaussian" if draw.kind == "gaussian" else "uniform", label, draw.stream, trials, group.size, key
        )
    return functions


_INT_POWER = """
static inline double int_power(const double x, const double n) {
  double result = 1.0; const int count = (int)n;
  for (int k=0; k<count; k++) result = result*x;
  return result;
}
"""


def _int_power() -> Any:
    function = brian2.Function(formula.int_power, arg_units=[1, 1], return_unit=1)
    function.implementations.add_implementation("numpy", formula.int_power)
    for target, text in {"cpp": _INT_POWER, "cuda": on_device(_INT_POWER)}.items():
        function.implementations.add_implementation(target, text)
    return function


def _add_kernel(
    kernel: Any, code: Code, groups: dict[str, Any], population: str, variable: str, batch: int, arrays: Arrays
) -> None:
    target, source = groups[code.population], groups[population]
    read = source.variables[variable]
    pointer = "_ptr" + brian2.get_device().get_array_name(read)
    target.namespace.update(kernels.brian_functions(kernel, batch, read, pointer, arrays))
    reference = f"_src_{kernel.name}"
    if reference not in target.variables:
        target.variables.add_reference(reference, source, variable, index="0")


def _runner(code: Code, group: Any) -> Any:
    text, needed = code.text, []
    if code.kernel:
        text = f"trig_{code.kernel} = {code.kernel}_step(t_in_timesteps)\n{text}"
        needed = [f"_src_{code.kernel}"]
    runner = CodeRunner(
        group,
        "stateupdate",
        code=text,
        clock=group.clock,
        when=code.when,
        order=code.order,
        name=code.name,
        needed_variables=needed,
    )
    group.contained_objects.append(runner)
    return runner


def _unit_text(dimension: Dimension) -> str:
    return dimension.base_text()


def _unit(dimension: Dimension) -> Any:
    powers = [float(power) for power in dimension.powers]
    return Unit(1.0, dim=get_or_create_dimension(powers)) if any(powers) else 1


def duration(plan: Plan) -> Any:
    """One step more than asked for: the state after the last step is the sample before the next."""
    return np.round(plan.n_steps + 1) * plan.dt * brian2.second
