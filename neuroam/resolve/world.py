"""What the circuit is put through: epochs in steps, cues, drives, holds, controls and starting values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam import evaluate
from neuroam.circuit import Array, Circuit, Epoch, Outline, Projection, Signal, Trials
from neuroam.codes import encode
from neuroam.leaves import Call
from neuroam.resolve.context import Context, apply, is_too_large
from neuroam.resolve.controls import control
from neuroam.resolve.log_odds import log_odds
from neuroam.resolve.parameters import parameter
from neuroam.resolve.signals import Part, signal, unheld, with_streams
from neuroam.resolve.spans import Span, cue_port, lay_out, learned, learning, spans_of, until
from neuroam.resolve.token_ports import lists_of
from neuroam.resolve.trial_list import conditions_in, conditions_of, cued_in, onsets_of, trial_count
from neuroam.spec.protocol import EachSpec
from neuroam.stimuli import corruption
from neuroam.token_lines import CODE
from neuroam.units import in_words, quantity

Key = tuple[str, str]
DRIVES = ("current", "rates")


@dataclass
class World:
    """Values collected span by span before they become signals."""

    drives: dict[Key, list[Part]] = field(default_factory=dict)
    streams: dict[Key, list[tuple[Span, Array]]] = field(default_factory=dict)
    holds: dict[Key, list[Part]] = field(default_factory=dict)
    initial: dict[Key, Array] = field(default_factory=dict)
    cues: dict[str, Array] = field(default_factory=dict)
    taught: dict[str, Array] = field(default_factory=dict)  # first pattern of epochs for each: the cue if there is none
    listed: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    onset: Array = field(default_factory=lambda: np.empty(0))  # of the first cue that has one


def outlined(context: Context, circuit: Circuit) -> tuple[list[Span], Outline]:
    """How long and how many the trials of one network are; refused if they cannot fit into memory."""
    spans, count = lay_out(context, circuit.dt), trial_count(context)
    _refuse_too_many(context, circuit, spans, count)
    epochs = tuple(Epoch(span.name, span.start, span.stop, span.patterns, span.pattern) for span in spans)
    return spans, Outline(spans[-1].stop, epochs, count)


def make_trials(context: Context, circuit: Circuit, spans: list[Span], outline: Outline) -> Trials:
    """The world of one network, with as many trials as the outline has."""
    n_steps, count = outline.n_steps, outline.count
    port = cue_port(context)
    stored = circuit.patterns[port].count if port else 0
    cued, condition = cued_in(context, stored, count), conditions_in(context, stored, count)
    world = World()
    for name in circuit.populations:
        for (owner, state), value in evaluate.rest(circuit, [name]).items():
            world.initial[owner, state] = np.tile(value, (count, 1))
    _given_starts(context, circuit, world, count)
    start = {key: value.copy() for key, value in world.initial.items()}
    for place, span in enumerate(spans):
        if span.spec is not None:
            _show(context, circuit, world, place, span, cued, condition)
            _constant_drives(context, circuit, world, span, count)
    context.stop_if_wrong()
    drives = {key: signal(parts, n_steps, np.zeros) for key, parts in world.drives.items()}
    for key, streams in world.streams.items():
        drives[key] = with_streams(drives.get(key), streams, n_steps, count)
    _slave(context, circuit, world, drives)
    _reset(context, circuit, world, spans, start, count)
    return Trials(
        n_steps=n_steps,
        epochs=outline.epochs,
        index=np.arange(count, dtype=np.int64),
        cued=cued,
        cue_port=port or "",
        initial=world.initial,
        drives=drives,
        holds={key: signal(parts, n_steps, unheld) for key, parts in world.holds.items()},
        controls={name: control(context, circuit, name, spans, n_steps, cued) for name in circuit.controls},
        cues=world.taught | world.cues,
        noise_key=context.seeds.noise,
        lists=lists_of(context, circuit, spans, world.listed, n_steps, count),
        silenced=spans_of(spans, n_steps, lambda spec: [spec.silence] if spec.silence else []),
        learning=learning(context, spans, n_steps),
        learned=learned(context, spans, n_steps),
        until=tuple(until(context, spans)),
        conditions=conditions_of(context),
        condition=condition,
        onset=world.onset,
    )


def _refuse_too_many(context: Context, circuit: Circuit, spans: list[Span], count: int) -> None:
    """Trials times cells, and times shown patterns, must fit into memory."""
    cells = max((p.size for p in circuit.populations.values()), default=0)
    is_too_large(context, context.protocol, ("trials",), count, cells)
    for number, epoch in enumerate(context.spec.protocol.spec.epochs):
        port = circuit.ports.get(epoch.into or next(iter(context.spec.protocol.spec.patterns), ""))
        if epoch.show is not None and port is not None:
            shown = sum(span.number == number and span.spec is not None for span in spans)
            is_too_large(context, context.protocol, ("epochs", number, "show"), shown, count,
                         circuit.populations[port.population].size)  # fmt: skip
    context.stop_if_wrong()


def _given_starts(context: Context, circuit: Circuit, world: World, count: int) -> None:
    for name, start in context.spec.model.spec.start.items():
        if start == "slaved":
            continue
        population = circuit.populations[name]
        for state, leaf in start.items():
            dimension = population.cell.dimensions[state]
            value = parameter(
                context, leaf, ("start", name, state), dimension, population.size, f"start:{name}.{state}"
            )
            world.initial[name, state] = np.tile(np.broadcast_to(value, (population.size,)), (count, 1))


def _show(
    context: Context, circuit: Circuit, world: World, place: int, span: Span, cued: NDArray[np.int64],
    condition: NDArray[np.int64],
) -> None:  # fmt: skip
    """The cue of one span enters the population of its port."""
    assert span.spec is not None
    if span.spec.show is None:
        return
    port_name = span.spec.into or next(iter(context.spec.protocol.spec.patterns))
    port, patterns = circuit.ports[port_name], circuit.patterns[port_name]
    shown = cued if span.pattern is None else np.full_like(cued, span.pattern)
    if span.spec.show.pattern is not None:
        shown = np.full_like(cued, span.spec.show.pattern)
    path = ("epochs", span.number, "show")
    if span.patterns is not None and patterns.count and port.code == CODE:
        return
    if span.patterns is not None and patterns.count:
        _stream(context, circuit, world, span, port_name, len(cued))
        return
    if patterns.count == 0 or shown.max(initial=0) >= patterns.count:
        _no_such_pattern(context, span, int(shown.max(initial=0)), patterns.count)
        return
    if port.code == CODE:
        world.listed[place] = shown
        return
    cue = span.spec.as_ or next((Call(name, args) for name, args in port.cue.items()), None)
    if cue is None:
        fix = "add 'as: state', or 'as: {current: {amplitude: ...}}'"
        context.refuse(context.protocol, path, f"nothing says how a cue enters the port '{port_name}'", fix)
        return
    rows = _corrupted(context, span, patterns.values[shown], condition)
    (world.cues if span.pattern is None else world.taught).setdefault(port_name, rows)
    coded = encode(rows, port.code, patterns.binary)
    if cue.name == "log_odds":
        if "state" in _settings(cue):  # cells start from the cue, and do not have to find out
            start = Call("state", {"state": _settings(cue)["state"]})
            _enter(context, circuit, world, span, port_name, start, encode(rows, "bits", patterns.binary))
        coded = log_odds(context, span, port_name, port.code, rows, _settings(cue))
    _enter(context, circuit, world, span, port_name, cue, coded)


def _stream(context: Context, circuit: Circuit, world: World, span: Span, name: str, count: int) -> None:
    """Every pattern of a port is a row of the table of a drive."""
    port, patterns = circuit.ports[name], circuit.patterns[name]
    assert span.spec is not None
    cue = span.spec.as_ or next((Call(key, args) for key, args in port.cue.items()), None)
    if cue is None or cue.name not in DRIVES:
        what = f"a stream enters as a drive, and the cue of the port '{name}' is {cue.name if cue else 'not given'}"
        context.refuse(context.protocol, ("epochs", span.number, "stream"), what, "add 'as: current' or 'as: rates'")
        return
    path = ("epochs", span.number, "stream")
    if name in span.spec.drive:
        context.refuse(
            context.protocol, path, f"a stream and a drive both enter the port '{name}'", "remove one of them"
        )
        return
    size = circuit.populations[port.population].size
    if is_too_large(context, context.protocol, path, patterns.count, count, size):
        return
    only = World()
    _enter(context, circuit, only, span, name, cue, encode(patterns.values, port.code, patterns.binary))
    for key, parts in only.drives.items():
        world.streams.setdefault(key, []).append((span, parts[0].values))


def _reset(
    context: Context, circuit: Circuit, world: World, spans: list[Span], start: dict[Key, Array], count: int
) -> None:
    """All states as at the start, and nothing in the filters of projections, but for what a cue sets in that step.

    ``start`` is without the cue of the first epoch.
    """
    slaved = [name for name, given in context.spec.model.spec.start.items() if given == "slaved"]
    start |= {key: value for key, value in world.initial.items() if key[0] in slaved}
    for projection in circuit.projections.values():
        if projection.filter is not None:
            size = circuit.populations[projection.post].size
            start[projection.post, f"s_{projection.name}"] = np.zeros((count, size))
    for span in spans:
        if span.spec is not None and span.spec.reset and span.start > 0:
            for key, value in start.items():
                parts = world.holds.setdefault(key, [])
                if not any(part.start <= span.start < part.stop for part in parts):
                    parts.append(Part(span.start, span.start + 1, value))


def _no_such_pattern(context: Context, span: Span, pattern: int, count: int) -> None:
    assert span.spec is not None
    path: tuple[str | int, ...] = ("epochs", span.number, "show", "pattern")
    if isinstance(span.spec.each, EachSpec) and pattern == span.pattern:
        path = ("epochs", span.number, "each", "pattern", span.spec.each.pattern.index(pattern))
    what = f"there is no pattern {pattern}: {count} are stored"
    context.refuse(context.protocol, path, what, f"use 0 to {count - 1}" if count else "store some")


def _corrupted(context: Context, span: Span, rows: Array, condition: NDArray[np.int64]) -> Array:
    """Every trial's pattern, degraded as its condition says, with the random stream of that trial and epoch."""
    assert span.spec is not None
    assert span.spec.show is not None
    result = rows.copy()
    for trial in range(len(rows)):
        rng = context.seeds.stream("cue", f"{span.spec.name}:{span.occurrence}:{trial}")
        for path, call in _corruptions(span, condition[trial] if condition.size else None):
            changed = apply(context, corruption, call, context.protocol, path, {"pattern": result[trial], "rng": rng})
            if changed is None:
                return rows
            result[trial] = changed
    return result


def _corruptions(span: Span, condition: int | None) -> Iterator[tuple[tuple[str | int, ...], Call]]:
    """What degrades a cue, with its place in the protocol: in all conditions, and then in this one."""
    assert span.spec is not None
    assert span.spec.show is not None
    path = ("epochs", span.number, "show")
    yield from (((*path, "corrupt", k), call) for k, call in enumerate(span.spec.show.corrupt))
    if condition is not None and span.spec.show.conditions:
        name = list(span.spec.show.conditions)[condition]
        calls = span.spec.show.conditions[name]
        yield from (((*path, "conditions", name, k), call) for k, call in enumerate(calls))


def _enter(context: Context, circuit: Circuit, world: World, span: Span, port: str, cue: Call, coded: Array) -> None:
    population = circuit.populations[circuit.ports[port].population]
    cell = population.cell
    settings = _settings(cue)
    amplitude = quantity(settings.get("amplitude", 1)).value
    if coded.shape[1] * (int(population.labels["copy"].max(initial=0)) + 1) != population.size:
        what = f"the patterns of '{port}' code {coded.shape[1]} cells but '{population.name}' has {population.size}"
        fix = "let the size of the population and the code of the port agree"
        context.refuse(context.protocol, ("patterns", port), what, fix)
        return
    values = amplitude * coded[:, population.labels["place"]]
    if cue.name in ("state", "clamp"):
        if span.spec is not None and span.spec.show is not None and span.spec.show.onset is not None:
            what = f"a cue that enters as {cue.name} begins with its epoch"
            context.refuse(context.protocol, ("epochs", span.number, "show", "onset"), what, "add 'as: current'")
        state = str(settings.get("state", cell.states[0]))
        if span.start == 0:
            world.initial[population.name, state] = values
        stop = span.stop if cue.name == "clamp" else span.start + 1
        if cue.name == "clamp" or span.start > 0:
            world.holds.setdefault((population.name, state), []).append(Part(span.start, stop, values))
        return
    slot = str(settings.get("input", {"rates": "rate", "log_odds": "ext"}.get(cue.name, cell.inputs[0])))
    parts = world.drives.setdefault((population.name, slot), [])
    parts += _delayed(context, circuit, world, span, values)


def _delayed(context: Context, circuit: Circuit, world: World, span: Span, values: Array) -> Iterator[Part]:
    """A drive that begins later in some trials, in pieces: each has those trials in which it has begun."""
    onsets = onsets_of(context, span, len(values), circuit.dt)
    if onsets is None:
        yield Part(span.start, span.stop, values)
        return
    times = np.unique(onsets)
    path = ("epochs", span.number, "show", "onset")
    if is_too_large(context, context.protocol, path, times.size, *values.shape):
        return
    if not world.onset.size:
        world.onset = np.asarray(onsets * circuit.dt, dtype=float)
    for time, following in zip(times, [*times[1:], span.stop - span.start], strict=True):
        yield Part(span.start + int(time), span.start + int(following), values, onsets <= time)


def _settings(cue: Call) -> Mapping[str, Any]:
    """The settings of a cue kind; a plain value is its amplitude."""
    if isinstance(cue.args, dict):
        return cue.args
    return {} if cue.args is None else {"amplitude": cue.args}


def _constant_drives(context: Context, circuit: Circuit, world: World, span: Span, count: int) -> None:
    assert span.spec is not None
    for port, amount in span.spec.drive.items():
        population = circuit.populations[circuit.ports[port].population]
        slot = next((s for s in population.cell.inputs if population.cell.dimensions[s] == amount.dimension), None)
        if slot is None:
            what = f"no input of '{population.name}' is {in_words(amount.dimension)}"
            slots = (f"{s} ({in_words(population.cell.dimensions[s])})" for s in population.cell.inputs)
            fix = f"inputs: {', '.join(slots) or 'none'}"
            context.refuse(context.protocol, ("epochs", span.number, "drive", port), what, fix)
            continue
        values = np.full((count, population.size), amount.value)
        world.drives.setdefault((population.name, slot), []).append(Part(span.start, span.stop, values))


def _is_odd(circuit: Circuit, projection: Projection) -> bool:
    """Whether a projection brings something at once, but not its weights times the signal."""
    mean = projection.box or (projection.filter and circuit.update != "continuous" and projection.source != "spike")
    return bool(projection.only or projection.message or projection.plastic or mean)


def _slave(context: Context, circuit: Circuit, world: World, drives: Mapping[Key, Signal]) -> None:
    """Populations that start at their own input, in the order in which the model lists them."""
    now = {key: signal.table[signal.row[0]] for key, signal in drives.items() if signal.row[0] >= 0}
    for name, start in context.spec.model.spec.start.items():
        if start != "slaved":
            continue
        cell = circuit.populations[name].cell
        odd = next((p for p in circuit.projections.values() if _is_odd(circuit, p)), None)
        if odd is not None:
            what = f"'slaved' cannot be worked out beforehand where an input comes over '{odd.name}'"
            fix = "leave it out: an epoch in which nothing is shown brings the cells to their input"
            context.refuse(context.model, ("start", name), what, fix)
            continue
        found = evaluate.outputs(circuit, world.initial, now)
        shape = world.initial[name, cell.odes[0].variable].shape
        world.initial[name, cell.odes[0].variable] = np.broadcast_to(found[name, cell.inputs[0]], shape).copy()
