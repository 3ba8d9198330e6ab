"""Circuit -> the variables, tables and noise sources of every group."""

from __future__ import annotations

from collections.abc import Iterator

from neuroam.circuit import Population, Projection
from neuroam.formula import dimension
from neuroam.sim.structure import Draft, Noise, Table, Variable
from neuroam.sim.words import moves, source_dimension
from neuroam.units import ONE


def declare(draft: Draft, name: str) -> None:
    """Everything that the cells of one population hold."""
    group, population = draft.groups[name], draft.populations[name]
    group.variables = [*_of_cell(draft, population)]
    for projection in draft.into(name):
        group.variables += _of_projection(draft, population, projection)
    group.tables += _tables(draft, population)
    if draft.circuit.update == "one_cell" and moves(population):
        group.noises.append(Noise("pick", "pick", 0))


def _of_cell(draft: Draft, population: Population) -> Iterator[Variable]:
    cell = population.cell
    refractory = cell.event.refractory if cell.event else ""
    for state in cell.states:
        yield Variable(state, cell.dimensions[state])
    for param in cell.params:
        # the refractory time is counted in steps (below), and Brian2 keeps its name for itself
        if param not in draft.circuit.controls and param != refractory:
            yield Variable(param, cell.dimensions[param], _kind(population.params[param]))
    for reduction in cell.reductions:
        argument = dimension(reduction.argument, cell.dimensions)
        assert argument is not None
        yield Variable(reduction.name, cell.dimensions[reduction.name])
        yield Variable(f"arg_{reduction.name}", argument)
    for output, _ in cell.outputs:
        yield Variable(output, cell.dimensions[output])
    if refractory:
        yield Variable("ref_left", ONE, "integer")
        scalar = isinstance(population.params[refractory], float)
        yield Variable("ref_steps", ONE, "shared integer" if scalar else "integer")


def _kind(value: object) -> str:
    return "shared" if isinstance(value, float) else "cell"


def _of_projection(draft: Draft, population: Population, projection: Projection) -> Iterator[Variable]:
    slot = population.cell.dimensions[projection.slot]
    if projection.slot not in population.cell.pulses:
        if projection.filter is None or "inflow" in projection.filter.rate:
            late = projection.source != "spike" and projection.delayed
            unit = source_dimension(draft, projection) if late else slot
            yield Variable(f"in_{projection.name}", unit)
            if late:
                yield Variable(f"late_{projection.name}", unit)
        if projection.filter is not None:
            yield Variable(f"s_{projection.name}", slot)
    source = ONE if projection.source == "spike" else source_dimension(draft, projection)
    yield Variable(f"gain_{projection.name}", slot / source, _kind(projection.gain))
    if projection.filter is not None:
        for key, unit in projection.filter.dimensions.items():
            yield Variable(f"{key}_{projection.name}", unit, "shared")


def _tables(draft: Draft, population: Population) -> Iterator[Table]:
    cell = population.cell
    for (owner, slot), signal in draft.trials.drives.items():
        if owner == population.name:
            rows = draft.room(f"drives of {owner}.{slot}", signal.table.shape[0], 4)
            yield Table(f"stim_{slot}", ("drive", owner, slot), cell.dimensions[slot], rows)
    for control in draft.circuit.controls:
        if control in cell.params or any(p.scale == control for p in draft.into(population.name)):
            rows = draft.room(f"values of {control}", draft.trials.controls[control].table.shape[0], 4)
            yield Table(f"ctl_{control}", ("control", control), cell.dimensions.get(control, ONE), rows, per_trial=True)
    if population.name in draft.trials.silenced:
        yield switch("silenced", "silence", population.name)


def switch(name: str, *of: str) -> Table:
    """A table that says in which steps something is on."""
    return Table(name, of, ONE, 4, per_trial=True)
