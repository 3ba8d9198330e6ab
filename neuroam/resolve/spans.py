"""Epochs in steps, with repetitions and gaps written out, and what is on in which of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Until
from neuroam.resolve.context import Context
from neuroam.spec.plasticity import readable
from neuroam.spec.protocol import EpochSpec
from neuroam.spec.protocol_checks import MAX_STEPS
from neuroam.units import ONE, SECOND, in_words

MAX_SPANS = 100_000


@dataclass(frozen=True)
class Span:
    """One occurrence of an epoch; ``pattern`` overrides the trial's own, ``spec`` is None for a gap.

    A stream shows ``patterns`` after one another.
    """

    name: str
    start: int
    stop: int
    number: int
    occurrence: int = 0
    spec: EpochSpec | None = None
    pattern: int | None = None
    patterns: NDArray[np.int64] | None = None


def spans_of(spans: list[Span], n_steps: int, names: Callable[[EpochSpec], list[str]]) -> dict[str, NDArray[np.bool_]]:
    """In which steps something is on, by its name."""
    found: dict[str, NDArray[np.bool_]] = {}
    for span in spans:
        for name in names(span.spec) if span.spec is not None else []:
            found.setdefault(name, np.zeros(n_steps, dtype=bool))[span.start : span.stop] = True
    return found


def learning(context: Context, spans: list[Span], n_steps: int) -> dict[str, NDArray[np.bool_]]:
    """In which steps each plastic projection learns."""
    plastic = {name: np.zeros(n_steps, dtype=bool) for name in context.spec.model.plastic}
    return plastic | spans_of(spans, n_steps, lambda spec: list(spec.learn))


def learned(context: Context, spans: list[Span], n_steps: int) -> dict[str, NDArray[np.bool_]]:
    """The last step of every epoch that learns."""
    found = {name: np.zeros(n_steps, dtype=bool) for name in context.spec.model.plastic}
    for span in spans:
        for name in span.spec.learn if span.spec is not None else []:
            found[name][span.stop - 1] = True
    return found


def until(context: Context, spans: list[Span]) -> Iterator[Until]:
    """Where trials may end early: a flag is a variable that only one population has."""
    for span in spans:
        flag = span.spec.until if span.spec is not None else None
        if flag is None:
            continue
        owners = [name for name, cell in context.spec.model.cells.items() if flag in readable(cell)]
        if len(owners) != 1:
            path = ("epochs", span.number, "until")
            what = f"several populations have a variable '{flag}': {', '.join(owners)}"
            context.refuse(context.protocol, path, what, "give one of the cells another name for it")
            continue
        yield Until(owners[0], flag, span.start, span.stop)


def lay_out(context: Context, dt: float) -> list[Span]:
    """Epochs in steps, one after the other, with repetitions and gaps written out."""
    spans: list[Span] = []
    at = 0
    for number, epoch in enumerate(context.spec.protocol.spec.epochs):
        port = epoch.into or cue_port(context)
        rows: list[int | None] = [None]
        if epoch.each == "pattern":
            rows = list(range(context.patterns[port].count)) if port else [None]
        elif epoch.each is not None:
            rows = list(epoch.each.pattern)
        if epoch.stream is not None:
            rng = context.seeds.stream("cue", f"stream:{epoch.name}")
            for occurrence in range(epoch.times):
                spans.append(_streamed(context, epoch, number, at, dt, port, rng, occurrence))
                at = spans[-1].stop
            continue
        occurrence = 0
        for row, length in zip(rows, _lengths(context, epoch, number, rows, dt), strict=True):
            for _ in range(epoch.times):
                stop = at + length
                spans.append(Span(epoch.name, at, stop, number, occurrence, epoch, row))
                at = stop
                occurrence += 1
                if epoch.gap is not None:
                    spans.append(Span(f"{epoch.name}_gap", at, at + epoch.gap.in_steps(dt), number))
                    at = spans[-1].stop
                _refuse_endless(context, number, at, len(spans))
    return spans


def _lengths(context: Context, epoch: EpochSpec, number: int, rows: list[int | None], dt: float) -> list[int]:
    """Steps of the epoch for each of these pattern rows: the same for all, or what an attribute says, rounded."""
    attribute = epoch.duration.attribute
    if not attribute:
        return [epoch.duration.in_steps(dt)] * len(rows)
    wanted = [row for row in rows if row is not None]
    values = _times(context, attribute, number, max(wanted, default=-1) + 1)
    context.stop_if_wrong()
    return [max(1, round(float(values[row]) / dt)) for row in wanted]


def _times(context: Context, attribute: str, number: int, count: int) -> NDArray[np.float64]:
    """An attribute with a time above zero for at least ``count`` pattern rows, in seconds."""
    port, _, name = attribute.partition(".")
    known = context.patterns[port].attributes
    values = known.get(name, np.empty(0))
    unit = context.attribute_units.get((port, name), ONE)
    what, fix = "", "give the patterns times such as {uniform: {low: 60 ms, high: 300 ms}}"
    if name not in known:
        what, fix = f"the patterns of '{port}' have no '{name}'", f"add '{name}: ...' beside the pattern function"
    elif unit != SECOND:
        what = f"'{attribute}' is {in_words(unit)}, not a time"
    elif values.size < count:
        what = f"'{attribute}' has {values.size} values, and none for pattern {count - 1}"
        fix = f"show patterns 0 to {values.size - 1}"
    elif not (values > 0).all():
        what = f"'{attribute}' has a time that is not above zero"
    if what:
        context.refuse(context.protocol, ("epochs", number, "duration"), what, fix)
    return values


def _refuse_endless(context: Context, number: int, steps: int, spans: int) -> None:
    if steps > MAX_STEPS or spans > MAX_SPANS:
        what = f"more than {MAX_STEPS} steps" if steps > MAX_STEPS else f"more than {MAX_SPANS} epochs"
        context.refuse(context.protocol, ("epochs", number), f"{what} in one trial", "make it shorter")
        context.stop_if_wrong()


def _streamed(
    context: Context, epoch: EpochSpec, number: int, at: int, dt: float, port: str | None,
    rng: np.random.Generator, occurrence: int,
) -> Span:  # fmt: skip
    """All patterns of a port, pass after pass."""
    assert epoch.stream is not None
    count = context.patterns[port].count if port else 0
    stop = at + count * epoch.stream.passes * epoch.duration.in_steps(dt)
    _refuse_endless(context, number, stop, occurrence + 1)
    shown = [
        rng.permutation(count) if epoch.stream.order == "random" else np.arange(count)
        for _ in range(epoch.stream.passes)
    ]
    return Span(epoch.name, at, stop, number, occurrence, epoch, None, np.concatenate(shown).astype(np.int64))


def cue_port(context: Context) -> str | None:
    """The port whose patterns are cued: that of the first epoch that shows something, else the only one."""
    protocol = context.spec.protocol.spec
    for epoch in protocol.epochs:
        if epoch.show is not None:
            return epoch.into or next(iter(protocol.patterns))
    return next(iter(protocol.patterns), None)
