"""How do states move?  Exponential Euler, Euler, Runge-Kutta of the whole network, and updates in discrete time."""

from __future__ import annotations

from collections.abc import Sequence

from neuroam.formula import names, substitute
from neuroam.order import Step
from neuroam.sim.advance import advance, filter_rate
from neuroam.sim.awake import listed_cells, while_awake
from neuroam.sim.gates import gates
from neuroam.sim.steps import evaluate
from neuroam.sim.structure import Draft, Variable
from neuroam.sim.words import device_words, is_refractory, moves, slot_sum
from neuroam.units import ONE, Dimension


def rates(draft: Draft, name: str) -> list[tuple[str, str]]:
    """Variable and rate of every differential equation of a population, those of its filters included.

    In discrete time the filters of graded signals have moved already.
    """
    found = [(ode.variable, ode.rate) for ode in draft.populations[name].cell.odes]
    found += [
        filter_rate(projection)
        for projection in draft.into(name)
        if projection.filter is not None and (draft.continuous or projection.source == "spike")
    ]
    return found


def update(draft: Draft, name: str) -> None:
    """All states of one population move by one step, from the old values of all."""
    population = draft.populations[name]
    waits = " and ".join(f"({gate})" for gate in ["ref_left > 0", *gates(draft)])
    lines = [f"ref_left = ref_left - int({waits})"] if is_refractory(population) else []
    moved: list[str] = []
    own = {ode.variable for ode in population.cell.odes}
    for variable, rate in rates(draft, name):
        draft.groups[name].ode_texts.append(f"d{variable}/dt = {readable(draft, name, rate)}")
        jumps = not draft.continuous and variable in own
        lines += advance(draft, name, variable, rate, str(len(moved)), jumps=jumps)
        moved.append(variable)
    for variable, value in population.cell.updates:
        lines.append(f"new_{len(moved)} = {device_words(draft, name, value)}")
        moved.append(variable)
    held = population.cell.event.hold if population.cell.event and is_refractory(population) else ()
    for i, variable in enumerate(moved):
        conditions = [
            *(_turn(draft, name) if variable in population.cell.states else []),
            *while_awake(draft, name),
            *gates(draft),
            *(["ref_left <= 0"] if variable in held else []),
        ]
        lines.append(f"{variable} = {_where(conditions, f'new_{i}', variable)}")
    if lines:
        draft.add(f"update_{name}", name, "groups", 0, "\n".join(lines), events=listed_cells(draft, name))


def readable(draft: Draft, name: str, rate: str) -> str:
    """A rate with its inputs written out, for people."""
    cell = draft.populations[name].cell
    read = [slot for slot in cell.inputs if slot not in cell.pulses]
    table = {slot: slot_sum(draft, name, slot) for slot in read}
    return substitute(rate, {key: text for key, text in table.items() if key in names(rate)})


def _where(conditions: Sequence[str], new: str, old: str) -> str:
    """The new value where every condition holds, else the old one."""
    if not conditions:
        return new
    is_open = " and ".join(f"({condition})" for condition in conditions)
    return f"int({is_open})*{new} + (1 - int({is_open}))*{old}"


def _turn(draft: Draft, name: str) -> list[str]:
    """The condition under which a cell moves in this step; none where all cells move in every step."""
    moving = [other for other, population in draft.populations.items() if moves(population)]
    size = draft.groups[name].size
    if draft.circuit.update == "one_cell" and name in moving:
        draft.groups[name].variables += [Variable(key, ONE, "shared") for key in ("n_moving", "n_before")]
        return [f"floor(pick(t_in_timesteps, i)*n_moving) == n_before + i % {size}"]
    if draft.circuit.update == "alternate" and name in moving:
        return [f"t_in_timesteps % {len(moving)} == {moving.index(name)}"]
    return []


def runge_kutta(draft: Draft, order: Sequence[Step]) -> None:
    """Classical Runge-Kutta of the whole network: every stage evaluates outputs and projections again."""
    span = 3 * len(order) + 20
    moving = {name: rates(draft, name) for name in draft.populations if rates(draft, name)}
    for name, equations in moving.items():
        for variable, rate in equations:
            unit = _state_dimension(draft, name, variable)
            draft.groups[name].ode_texts.append(f"d{variable}/dt = {readable(draft, name, rate)}")
            draft.groups[name].variables += [
                Variable(f"old_{variable}", unit),
                Variable(f"sum_{variable}", unit),
            ]
    for stage, (step, weight) in enumerate(((0.5, 1.0), (0.5, 2.0), (1.0, 2.0), (0.0, 1.0))):
        first = stage * span
        if stage:
            evaluate(draft, order, "groups", first, f"_stage{stage}")
        for name, equations in moving.items():
            lines = [f"new_{i} = dt*({device_words(draft, name, rate)})" for i, (_, rate) in enumerate(equations)]
            for i, (variable, _) in enumerate(equations):
                lines += _stage_lines(variable, f"new_{i}", stage, step, weight, gates(draft))
            draft.add(f"stage_{name}_{stage}", name, "groups", first + span - 1, "\n".join(lines))


def _state_dimension(draft: Draft, name: str, variable: str) -> Dimension:
    return next(v.dimension for v in draft.groups[name].variables if v.name == variable)


def _stage_lines(
    variable: str, slope: str, stage: int, step: float, weight: float, conditions: Sequence[str]
) -> list[str]:
    if stage == 0:
        return [
            f"old_{variable} = {variable}",
            f"sum_{variable} = {slope}",
            f"{variable} = old_{variable} + {step}*{slope}",
        ]
    lines = [f"sum_{variable} = sum_{variable} + {weight}*{slope}"]
    if stage < 3:
        return [*lines, f"{variable} = old_{variable} + {step}*{slope}"]
    end = _where(conditions, f"(old_{variable} + sum_{variable}/6.0)", f"old_{variable}")
    return [*lines, f"{variable} = {end}"]
