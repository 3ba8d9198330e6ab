"""Circuit -> the statements of one step: holds, outputs and projections in order, spikes and their delivery."""

from __future__ import annotations

from collections.abc import Sequence

from neuroam.circuit import Projection
from neuroam.order import Step
from neuroam.sim import weights
from neuroam.sim.structure import Draft, Kernel, Table, lower, size_class
from neuroam.sim.words import device_words, source_dimension
from neuroam.units import ONE


def hold_states(draft: Draft) -> None:
    """States that the protocol overwrites, before anything else in a step."""
    for (name, state), signal in draft.trials.holds.items():
        if name not in draft.populations:
            continue
        dimension = draft.populations[name].cell.dimensions[state]
        rows = size_class(signal.table.shape[0], 4)
        draft.groups[name].tables.append(Table(f"hold_{state}", dimension, rows, hold=True))
        text = f"{state} = hold_{state}(t_in_timesteps, i, {state})"
        draft.add(f"hold_{name}_{state}", name, "start", 0, text)


def evaluate(draft: Draft, order: Sequence[Step], when: str, first: int, suffix: str) -> None:
    """Outputs, reductions and graded projections, each after what it reads."""
    position = first
    for step in order:
        if step.kind == "project":
            _project(draft, draft.projections[step.owner], when, position, suffix)
        elif step.kind == "output":
            text = dict(draft.populations[step.owner].cell.outputs)[step.name]
            code = f"{step.name} = {device_words(draft, step.owner, text)}"
            draft.add(f"{step.owner}_{step.name}{suffix}", step.owner, when, position, code)
        else:
            _reduce(draft, step, when, position, suffix)
        position += 2


def _reduce(draft: Draft, step: Step, when: str, order: int, suffix: str) -> None:
    group, cell = draft.groups[step.owner], draft.populations[step.owner].cell
    reduction = next(r for r in cell.reductions if r.name == step.name)
    kernel = f"red_{list(draft.groups).index(step.owner)}_{step.name}"
    source = (step.owner, f"arg_{step.name}")
    draft.kernels[kernel] = Kernel(kernel, reduction.kind, False, source, step.owner, group.size, group.size)
    code = f"arg_{step.name} = {device_words(draft, step.owner, reduction.argument)}"
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
        kind, why = weights.choose(draft.circuit.matrices[projection.matrix].weights)
        pre, post = draft.groups[projection.pre], draft.groups[projection.post]
        spikes = projection.source == "spike"
        source = (projection.pre, "_spikespace" if spikes else projection.source)
        draft.kernels[name] = Kernel(
            name,
            kind,
            spikes,
            source,
            projection.post,
            pre.size,
            post.size,
            stride=-(-post.size // weights.LANES) * weights.LANES if kind == "dense" else 0,
            edges=size_class(weights.entries(draft.circuit, projection)) if kind == "sparse" else 0,
            why=why,
        )
    return name


def _project(draft: Draft, projection: Projection, when: str, order: int, suffix: str) -> None:
    kernel = kernel_for(draft, projection)
    source = source_dimension(draft, projection)
    unit = "" if source == ONE else f"*{source.base_text()}"
    text = f"in_{projection.name} = {_weighted(projection, kernel)}{unit}"
    draft.add(f"{projection.name}{suffix}", projection.post, when, order, text, kernel)


def _weighted(projection: Projection, kernel: str) -> str:
    scale = f"*ctl_{projection.scale}(t_in_timesteps, i)" if projection.scale else ""
    return f"gain_{projection.name}*{kernel}_get(i){scale}"


def deliver(draft: Draft) -> None:
    """Spikes of this step reach their targets (after their delay)."""
    for position, projection in enumerate(draft.projections.values()):
        if projection.source != "spike":
            continue
        kernel = kernel_for(draft, projection)
        pulses = draft.populations[projection.post].cell.pulses
        value = _weighted(projection, kernel)
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
        when = device_words(draft, name, event.when)
        lines = [_statement(draft, name, line) for line in event.then]
        if event.refractory:
            when = f"({when}) and (ref_left <= 0)"
            lines.append("ref_left = ref_steps")
        draft.groups[name].threshold = when
        draft.groups[name].reset = "\n".join(lines)


def _statement(draft: Draft, name: str, line: str) -> str:
    variable, _, value = line.partition(" = ")
    return f"{variable} = {device_words(draft, name, value)}"
