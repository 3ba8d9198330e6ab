"""Circuit -> the statements of one step: holds, outputs and projections in order, spikes and their delivery."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuroam.circuit import Projection
from neuroam.order import Step
from neuroam.sim import weights
from neuroam.sim.advance import move_filter
from neuroam.sim.awake import AWAKE, listed_cells, opens, reads_list, rest, wake_up, while_awake
from neuroam.sim.edges import edges_key, messages, owner_of_weights
from neuroam.sim.gates import gates, silenced, still
from neuroam.sim.listed import kernel_scale, of_lines
from neuroam.sim.structure import Draft, Kernel, Line, Table, Variable, lower
from neuroam.sim.words import device_words, scaled, source_dimension, variable_of
from neuroam.units import ONE

FLAGS = 100_000  # in the slot "synapses": the flags of masks come before all deliveries


def hold_states(draft: Draft) -> None:
    """States that the protocol overwrites, before anything else in a step."""
    for (name, state), signal in draft.trials.holds.items():
        if name not in draft.populations:
            continue
        dimension = next(v.dimension for v in draft.groups[name].variables if v.name == state)
        rows = draft.room(f"holds of {name}.{state}", signal.table.shape[0], 4)
        draft.groups[name].tables.append(Table(f"hold_{state}", ("hold", name, state), dimension, rows, hold=True))
        text = f"{state} = hold_{state}(t_in_timesteps, i, {state})"
        draft.add(f"hold_{name}_{state}", name, "start", 0, text)


def arrive(draft: Draft) -> None:
    """What was sent over delayed graded projections, before anything reads it: the same for outputs and for states."""
    for projection in draft.projections.values():
        if projection.source != "spike" and projection.delayed:
            name = projection.name
            draft.add(f"arrive_{name}", projection.post, "start", 3, f"in_{name} = late_{name}")
            if _moves_within(draft, projection):
                move_filter(draft, projection, "start", 4)


def _moves_within(draft: Draft, projection: Projection) -> bool:
    """Whether the filter of a projection takes in what arrives in a step before anything reads it."""
    return projection.filter is not None and projection.source != "spike" and not draft.continuous


def evaluate(draft: Draft, order: Sequence[Step], when: str, first: int, suffix: str) -> None:
    """Outputs, reductions and graded projections, each after what it reads."""
    position = first
    for step in order:
        if step.kind == "project":
            projection = draft.projections[step.owner]
            if opens(draft, projection):
                rest(draft, projection.post, when, position)
            elif projection.only and projection.only == draft.populations[projection.post].only:
                position = wake_up(draft, projection.post, when, position)
            _project(draft, projection, when, position, suffix)
            if _moves_within(draft, projection) and not projection.delayed:
                position += 1
                move_filter(draft, projection, when, position + 2)
        elif step.kind == "output":
            position = wake_up(draft, step.owner, when, position)
            text = dict(draft.populations[step.owner].cell.outputs)[step.name]
            words = device_words(draft, step.owner, text)
            for condition in while_awake(draft, step.owner):
                words = f"int({condition})*({words})"
            if silenced(draft, step.owner):
                words = f"(1 - {silenced(draft, step.owner)})*({words})"
            code = f"{step.name} = {still(draft, step.name, words)}"
            events = listed_cells(draft, step.owner)
            draft.add(f"{step.owner}_{step.name}{suffix}", step.owner, when, position, code, events=events)
        else:
            _reduce(draft, step, when, position, suffix)
        position += 3
    for name in draft.populations:
        position = wake_up(draft, name, when, position)


def _reduce(draft: Draft, step: Step, when: str, order: int, suffix: str) -> None:
    group, cell = draft.groups[step.owner], draft.populations[step.owner].cell
    reduction = next(r for r in cell.reductions if r.name == step.name)
    kernel = f"red_{list(draft.groups).index(step.owner)}_{step.name}"
    source = (step.owner, f"arg_{step.name}")
    draft.kernels[kernel] = Kernel(kernel, reduction.kind, False, source, step.owner, group.size, group.size)
    argument = f"arg_{step.name}"
    code = f"{argument} = {still(draft, argument, device_words(draft, step.owner, reduction.argument))}"
    draft.add(f"{step.owner}_arg_{step.name}{suffix}", step.owner, when, order, code)
    unit = cell.dimensions[step.name]
    scale = "" if unit == ONE else f"*{unit.base_text()}"
    text = f"{step.name} = {kernel}_get(i){scale}"
    draft.add(f"{step.owner}_{step.name}{suffix}", step.owner, when, order + 1, text, kernel)


def kernel_for(draft: Draft, projection: Projection) -> str:
    """The kernel of a projection, made at first need."""
    name = f"proj_{lower(projection.name, draft.projections)}"
    draft.kernel_of[projection.name] = name
    if name not in draft.kernels:
        make = _of_messages if projection.message else of_lines if projection.pre in draft.lines else _of_weights
        draft.kernels[name] = make(draft, projection, name)
    return name


def _of_messages(draft: Draft, projection: Projection, name: str) -> Kernel:
    edges, post = edges_key(projection.name), draft.groups[projection.post]
    why = "every edge has a message of its own"
    return Kernel(
        name, "edges", False, (edges, "carried"), projection.post, draft.groups[edges].size, post.size, why=why
    )


def _of_weights(draft: Draft, projection: Projection, name: str) -> Kernel:
    kind, why = weights.choose(draft.circuit.matrices[projection.matrix].weights)
    owner, edges = owner_of_weights(draft, projection), 0
    if opens(draft, projection):
        kind, why = "sparse", "it says which cells are awake, and makes a list of those"
    if owner:
        kind, why = "sparse", "the weights change: every trial has its own, edge by edge"
    pre, post = draft.groups[projection.pre], draft.groups[projection.post]
    spikes = projection.source == "spike"
    masked = bool(projection.only) and not spikes and not owner
    columns = pre.size if masked else post.size
    if kind == "sparse":
        entries = weights.entries(draft.circuit, projection, zeros=bool(owner))
        own = draft.groups[edges_key(owner)].size if owner else 0
        edges = own or draft.room(f"entries of {projection.name}", entries)
    return Kernel(
        name,
        kind,
        spikes,
        (projection.pre, "_spikespace" if spikes else projection.source),
        projection.post,
        pre.size,
        post.size,
        stride=-(-columns // weights.LANES) * weights.LANES if kind == "dense" else 0,
        edges=edges,
        own=edges_key(owner) if owner else "",
        only=variable_of(draft, projection.post, projection.only)[0] if masked else "",
        events=_list_of(draft, projection, kind, masked) if not owner and not spikes else "",
        opens=opens(draft, projection),
        by_trial=kind == "ones" and not owner and not masked and AWAKE in draft.groups[projection.post].lists,
        why=why,
    )


def _list_of(draft: Draft, projection: Projection, kind: str, masked: bool) -> str:
    """The list of target cells that a masked kernel visits, or of source cells that another one does; "" for all."""
    if opens(draft, projection):
        return AWAKE
    if masked:
        return AWAKE if projection.only == draft.populations[projection.post].only else ""
    return AWAKE if kind in ("sparse", "ones") and reads_list(draft, projection.pre, projection.source) else ""


def _project(draft: Draft, projection: Projection, when: str, order: int, suffix: str) -> None:
    if suffix and (projection.delayed or projection.box):  # remembered is what there was at the start of a step
        return
    flag = _flag(draft, projection, when, order)
    if projection.message:
        messages(draft, projection, when, order)
    kernel = kernel_for(draft, projection)
    source = source_dimension(draft, projection)
    unit = "" if source == ONE else f"*{source.base_text()}"
    value = _remembered(draft, projection, f"{kernel_scale(draft, projection)}{kernel}_get(i)") + unit
    name = "late" if projection.delayed else "in"
    value = value if projection.delayed else scaled(projection, value)
    value = value if draft.kernels[kernel].only else f"{flag}{value}"
    # once the list is made, nobody reads what comes in elsewhere
    events = listed_cells(draft, projection.post) if AWAKE in draft.groups[projection.post].lists else ""
    events = "" if projection.delayed else events
    text = f"{name}_{projection.name} = {value}"
    draft.add(f"{projection.name}{suffix}", projection.post, when, order + 2, text, kernel, events)


def _flag(draft: Draft, projection: Projection, when: str, order: int) -> str:
    """What a value is multiplied by where ``only`` masks it: 1 where the flag is not zero; "" without a mask."""
    if not projection.only:
        return ""
    flag, statement = variable_of(draft, projection.post, projection.only)
    if statement:
        draft.add(f"flag_{projection.name}", projection.post, when, order, statement)
    unit = draft.populations[projection.post].cell.dimensions[projection.only]
    return f"int({flag} != {'0' if unit == ONE else f'0*{unit.base_text()}'})*"


def _remembered(draft: Draft, projection: Projection, value: str) -> str:
    """A value as the post cell gets it: its mean over a box, after its delay."""
    lines = draft.groups[projection.post].lines
    for kind, seconds in (("box", projection.box), ("delay", projection.delay)):
        steps = int(np.max(np.rint(np.asarray(seconds) / draft.circuit.dt), initial=0))
        steps = min(steps, draft.trials.n_steps + 2)  # what is older than the run is zero
        if steps:
            line = Line(
                f"{kind}_{projection.name}",
                kind,
                projection.name,
                draft.room(f"{kind} of {projection.name}", steps + 1),
            )
            if line not in lines:
                lines.append(line)
            value = f"{line.name}(t_in_timesteps, i, {value})"
    return value


def deliver(draft: Draft) -> None:
    """Spikes of this step reach their targets (after their delay)."""
    for position, projection in enumerate(draft.projections.values()):
        if projection.source != "spike":
            continue
        kernel = kernel_for(draft, projection)
        pulses = draft.populations[projection.post].cell.pulses
        sums = f"{kernel_scale(draft, projection)}{kernel}_get(i)"
        value = scaled(projection, _remembered(draft, projection, sums))
        value = _flag(draft, projection, "synapses", position - FLAGS) + value
        if projection.slot in pulses:
            text = f"{pulses[projection.slot]} += {value}"
        elif projection.filter is not None:
            text = f"s_{projection.name} += {value}"
        else:
            text = f"in_{projection.name} = {value}"
        draft.add(projection.name, projection.post, "synapses", position, text, kernel)


def fire(draft: Draft) -> None:
    """Conditions and consequences of spikes."""
    for name, population in draft.populations.items():
        event = population.cell.event
        if event is None:
            continue
        when = _drawn_before(draft, name, device_words(draft, name, event.when))
        lines = [_statement(draft, name, line) for line in event.then]
        if event.refractory:
            when = f"({when}) and (ref_left <= 0)"
            lines.append("ref_left = ref_steps")
        for condition in [*gates(draft), *([f"{silenced(draft, name)} <= 0"] if silenced(draft, name) else [])]:
            when = f"({when}) and ({condition})"
        draft.groups[name].threshold = when
        draft.groups[name].reset = "\n".join(lines)


def _drawn_before(draft: Draft, name: str, text: str) -> str:
    """A condition whose random numbers are variables, drawn for all cells before it is looked at."""
    for draw in draft.groups[name].noises:
        one = f"{draw.name}(t_in_timesteps, i)"
        if one in text:
            draft.groups[name].variables.append(Variable(f"drawn_{draw.name}", ONE))
            draft.add(f"draw_{name}", name, "thresholds", -1, f"drawn_{draw.name} = {one}")
            text = text.replace(one, f"drawn_{draw.name}")
    return text


def _statement(draft: Draft, name: str, line: str) -> str:
    variable, _, value = line.partition(" = ")
    return f"{variable} = {device_words(draft, name, value)}"
