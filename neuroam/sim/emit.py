"""Plan -> Brian2 objects, one function per noun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import brian2
import numpy as np
import sympy
from brian2.codegen.runtime.numpy_rt.numpy_rt import NumpyCodeObject
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.groups.group import CodeRunner
from brian2.units.fundamentalunits import Unit, get_or_create_dimension

from neuroam import arithmetic
from neuroam.sim import draws, kernels, lines, lookups, noise, pick, signals
from neuroam.sim.awake import AWAKE
from neuroam.sim.cuda_kernels import on_device
from neuroam.sim.kernels_numpy import Arrays
from neuroam.sim.structure import Blueprint, Code, Group, Kernel, Lookup, Plan
from neuroam.units import Dimension

# Brian2 lets sympy see every expression, and sympy takes a condition turned into a number for something that cannot be
# compared: ``a + int(b > 0) > 1`` would be refused.
brian2.DEFAULT_FUNCTIONS["int"].sympy_func = sympy.Function("int_", real=True)
# Statements for a list of cells: Brian2's own template for that has no place for our kernels.
for _made in (CPPStandaloneCodeObject, NumpyCodeObject):
    _made.templater = _made.templater.derive("neuroam.sim")
LAST = 1_000_000  # monitors look after everything else of their slot


@dataclass(frozen=True)
class Emitted:
    """A network and its parts by name."""

    network: Any
    groups: dict[str, Any]
    spikes: dict[str, Any]
    traces: dict[tuple[str, str], Any]


def emit(blueprint: Blueprint, arrays: Arrays) -> Emitted:
    """All Brian2 objects of a blueprint; ``arrays`` are read when the program runs."""
    plan, recorded = blueprint.plan, blueprint.recorded
    brian2.prefs.core.default_float_dtype = np.float32 if blueprint.precision == "single" else np.float64
    brian2.defaultclock.dt = plan.dt * brian2.second
    groups = {name: _group(group, blueprint, arrays) for name, group in plan.groups.items()}
    for name, group in plan.groups.items():
        for look in group.lookups:
            _add_lookup(look, group, groups[name], groups[look.source[0]], blueprint, arrays)
    for code in plan.codes:
        if code.kernel:
            _add_kernel(plan.kernels[code.kernel], groups[code.population], groups, blueprint, arrays)
    runners = [_runner(code, groups[code.population], plan) for code in plan.codes]
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


def _group(group: Group, blueprint: Blueprint, arrays: Arrays) -> Any:
    plan, batch = blueprint.plan, blueprint.batch
    flags = {"cell": "", "integer": "", "shared": " (shared, constant)", "shared integer": " (shared, constant)"}
    equations = []
    for variable in group.variables:
        kind = "integer" if "integer" in variable.kind else _unit_text(variable.dimension)
        equations.append(f"{variable.name} : {kind}{flags[variable.kind]}")
    equations += [f"trig_{k.name} : 1 (shared)" for k in plan.kernels.values() if _runs_in(k.name, group, plan)]
    equations += ["trig_draws : 1 (shared)"] if group.noises else []
    events = {"threshold": group.threshold, "reset": group.reset} if group.threshold else {}
    functions = _functions(group, blueprint, arrays)
    made = brian2.NeuronGroup(group.size * batch, "\n".join(equations), name=group.name, namespace=functions, **events)
    for name in group.lists:
        made.variables.add_array(name, size=group.size * batch + 1, dtype=np.int32, read_only=True)
    _draw_for_lists(group, made, blueprint)
    return made


def _draw_for_lists(group: Group, made: Any, blueprint: Blueprint) -> None:
    """Random numbers of the cells on a list, where only those draw."""
    codes = [code for code in blueprint.plan.codes if blueprint.plan.groups[code.population] is group]
    for draw in group.noises:
        one, label = f"{draw.name}(t_in_timesteps, i)", f"{draw.name}_{group.name}"
        if not any(one in code.text and code.events == AWAKE for code in codes):
            continue
        pointer = "_ptr" + brian2.get_device().get_array_name(made.variables[AWAKE])
        function = made.namespace[draw.name]
        made.namespace |= draws.brian_functions(
            function, label, draw.name, draw.kind, draw.stream, blueprint.batch, group.size, pointer
        )


def _runs_in(kernel: str, group: Group, plan: Plan) -> bool:
    return any(code.kernel == kernel and plan.groups[code.population] is group for code in plan.codes)


def _functions(group: Group, blueprint: Blueprint, arrays: Arrays) -> dict[str, Any]:
    batch = blueprint.batch
    functions: dict[str, Any] = {"int_power": _int_power()}
    for table in group.tables:
        functions[table.name] = signals.brian_function(
            group.name, table, group.size, batch, arrays, _unit(table.dimension)
        )
    for line in group.lines:
        functions[line.name] = lines.brian_function(line, group.name, group.size, batch, arrays, blueprint.real)
    for draw in group.noises:
        label = f"{draw.name}_{group.name}"
        words, trials = arrays[f"{label}_key"], arrays[f"{label}_trial"]
        if draw.kind == "pick":
            functions[draw.name] = pick.brian_function(label, trials, group.size, words)
            continue
        key = int(words[0]) | int(words[1]) << 32
        kind: noise.Kind = "gaussian" if draw.kind == "gaussian" else "uniform"
        functions[draw.name] = noise.brian_function(kind, label, draw.stream, trials, group.size, key)
        functions |= draws.brian_functions(functions[draw.name], label, draw.name, kind, draw.stream, batch, group.size)
    return functions


_INT_POWER = f"""
static inline double int_power(const double x, const double n) {{
  if (!(n >= 0.0 && n <= {arithmetic.MAX_EXPONENT}.0)) return NAN;
  double result = 1.0; const int count = (int)n;
  for (int k=0; k<count; k++) result = result*x;
  return result;
}}
"""


def _int_power() -> Any:
    function = brian2.Function(arithmetic.int_power, arg_units=[1, 1], return_unit=1)
    function.implementations.add_implementation("numpy", arithmetic.int_power)
    for target, text in {"cpp": _INT_POWER, "cuda": on_device(_INT_POWER)}.items():
        function.implementations.add_implementation(target, text)
    return function


def _add_lookup(look: Lookup, group: Group, here: Any, there: Any, blueprint: Blueprint, arrays: Arrays) -> None:
    variable = there.variables[look.source[1]]
    pointer = "_ptr" + brian2.get_device().get_array_name(variable)
    here.variables.add_reference(f"_look_{look.name}", there, look.source[1], index="0")
    here.namespace[look.name] = lookups.brian_function(
        look, group.name, group.size, variable.get_value, pointer, arrays, blueprint.real, _unit(look.dimension)
    )


def _add_kernel(kernel: Kernel, target: Any, groups: dict[str, Any], blueprint: Blueprint, arrays: Arrays) -> None:
    read, pointers = {}, {}
    for key, (group, name) in kernels.variables_read(kernel).items():
        variable = groups[group].variables[name]
        read[key] = variable.get_value
        pointers[key] = "_ptr" + brian2.get_device().get_array_name(variable)
        reference = f"_{key}_{kernel.name}"
        if reference not in target.variables:
            target.variables.add_reference(reference, groups[group], name, index="0")
    target.namespace.update(kernels.brian_functions(kernel, blueprint.batch, read, pointers, arrays, blueprint.real))


def _runner(code: Code, group: Any, plan: Plan) -> Any:
    text, needed = code.text, []
    for draw in plan.groups[code.population].noises if code.events in ("", AWAKE) else []:
        one = f"{draw.name}(t_in_timesteps, i)"
        if draw.kind != "pick" and one in text:
            ready = text.replace(one, f"{draw.name}_ready(t_in_timesteps, i)")
            text = f"trig_draws = {draw.name}_fill(t_in_timesteps)\n{ready}"
    if code.kernel:
        text = f"trig_{code.kernel} = {code.kernel}_step(t_in_timesteps)\n{text}"
        needed = [f"_{key}_{code.kernel}" for key in kernels.variables_read(plan.kernels[code.kernel])]
    needed += [f"_look_{name}" for name in code.reads]
    events = {"eventspace_variable": group.variables[code.events]} if code.events else {}
    runner = CodeRunner(
        group,
        "listed" if events else "stateupdate",
        code=text,
        template_kwds=events,
        clock=group.clock,
        when=code.when,
        order=code.order,
        name=code.name,
        needed_variables=needed + ([code.events] if events else []),
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
