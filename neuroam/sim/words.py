"""Cell text -> device text: what inputs, controls and random draws stand for."""

from __future__ import annotations

from neuroam.circuit import Population, Projection
from neuroam.formula import device_text, names, substitute
from neuroam.sim.structure import Draft, Variable
from neuroam.units import ONE, Dimension


def source_dimension(draft: Draft, projection: Projection) -> Dimension:
    """The dimension of a graded signal."""
    return draft.populations[projection.pre].cell.dimensions[projection.source]


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


def slot_sum(draft: Draft, name: str, slot: str) -> str:
    """The sum of everything that feeds one input slot."""
    pulsed = slot in draft.populations[name].cell.pulses
    feeding = [p for p in draft.into(name) if p.slot == slot and not pulsed]
    terms = [f"s_{p.name}" if p.filter else f"in_{p.name}" for p in feeding]
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
