"""Cell text -> device text: what inputs, controls and random draws stand for."""

from __future__ import annotations

from neuroam.circuit import Population, Projection
from neuroam.formula import device_text, names, substitute
from neuroam.sim.structure import Draft, Variable
from neuroam.units import ONE, Dimension


def source_dimension(draft: Draft, projection: Projection) -> Dimension:
    """The dimension of a graded signal."""
    return draft.cell_of(projection.pre).dimensions[projection.source]


def is_refractory(population: Population) -> bool:
    """Whether the cells of a population have a refractory time."""
    return population.cell.event is not None and bool(population.cell.event.refractory)


def moves(population: Population) -> bool:
    """Whether a population has states that change."""
    return bool(population.cell.states)


def _table(draft: Draft, name: str, text: str, *, noise: bool = False) -> dict[str, str]:
    """What the names in ``text`` stand for on the device."""
    population = draft.populations[name]
    table: dict[str, str] = {}
    read = names(text, reductions=True)
    if "size" in read:
        table["size"] = number_of_cells(draft, name)
    for slot in population.cell.inputs:
        if slot in read and slot not in population.cell.pulses:
            table[slot] = slot_sum(draft, name, slot)
    for control in draft.circuit.controls:
        if control in population.cell.params:
            table[control] = f"ctl_{control}(t_in_timesteps, i)"
    if "xi" in read and noise:
        draw = draft.new_noise(name, "gaussian")
        table["xi"] = f"{draw}(t_in_timesteps, i)/sqrt(dt)"
    return table


def number_of_cells(draft: Draft, name: str) -> str:
    """The variable that holds how many cells there are: a number of the run, not of the program."""
    shared = Variable("n_cells", ONE, "shared")
    if shared not in draft.groups[name].variables:
        draft.groups[name].variables.append(shared)
    return shared.name


def inflow(projection: Projection) -> str:
    """What a projection brings in this step; of a delayed graded one, the variable holds what was stored for it."""
    if projection.source != "spike" and projection.delayed:
        return scaled(projection, f"in_{projection.name}")
    return f"in_{projection.name}"


def scaled(projection: Projection, value: str) -> str:
    """A value times the gain, and the control that scales it."""
    scale = f"*ctl_{projection.scale}(t_in_timesteps, i)" if projection.scale else ""
    return f"gain_{projection.name}*{value}{scale}"


def variable_of(draft: Draft, name: str, read: str) -> tuple[str, str]:
    """The variable that holds what others may read of a cell, and the statement that must come before ("" if none).

    States, outputs and reductions are variables anyhow; the sum of an input slot and a shared number become one.
    """
    cell, group = draft.populations[name].cell, draft.groups[name]
    if read in cell.states or read in dict(cell.outputs) or read in {r.name for r in cell.reductions}:
        return read, ""
    text = device_words(draft, name, read)
    if text in {variable.name for variable in group.variables}:
        return text, ""
    seen = Variable(f"seen_{read}", cell.dimensions[read])
    if seen not in group.variables:
        group.variables.append(seen)
    return seen.name, f"{seen.name} = {text}"


def slot_sum(draft: Draft, name: str, slot: str) -> str:
    """The sum of everything that feeds one input slot."""
    pulsed = slot in draft.populations[name].cell.pulses
    feeding = [p for p in draft.into(name) if p.slot == slot and not pulsed]
    terms = [f"s_{p.name}" if p.filter else inflow(p) for p in feeding]
    if (name, slot) in draft.trials.drives:
        terms.append(f"stim_{slot}(t_in_timesteps, i)")
    unit = draft.populations[name].cell.dimensions[slot]
    zero = "0.0" if unit == ONE else f"0*{unit.base_text()}"
    return " + ".join(terms) or zero


def device_words(draft: Draft, name: str, text: str, *, noise: bool = False) -> str:
    """Cell text as Brian2 sees it: inputs, controls and random draws filled in."""
    result = substitute(text, _table(draft, name, text, noise=noise))
    for call, kind in (("rand()", "uniform"), ("randn()", "gaussian")):
        while call in result:
            draw = draft.new_noise(name, kind)
            result = result.replace(call, f"{draw}(t_in_timesteps, i)", 1)
    return device_text(result)
