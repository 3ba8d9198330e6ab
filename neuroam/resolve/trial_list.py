"""How many trials there are, and what each of them is: the pattern that it cues, its condition, when its cue begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuroam.resolve.context import Context, apply
from neuroam.resolve.spans import Span, cue_port
from neuroam.values import value

FINEST = 1e-3  # cues begin at whole milliseconds: every other time is one more row of the table of a drive


def conditions_of(context: Context) -> tuple[str, ...]:
    """The names of the conditions, in order; the same in all epochs that have any."""
    shows = (epoch.show for epoch in context.spec.protocol.spec.epochs)
    return next((tuple(show.conditions) for show in shows if show is not None and show.conditions), ())


def trial_count(context: Context) -> int:
    """Trials of one network."""
    trials = context.spec.protocol.spec.trials
    if trials.number is not None:
        return trials.number
    conditions = max(1, len(conditions_of(context)))
    if trials.patterns is not None:
        return len(trials.patterns) * conditions
    port = cue_port(context)
    return max(1, (trials.each_pattern or 1) * (context.patterns[port].count if port else 1)) * conditions


def conditions_in(context: Context, stored: int, count: int) -> NDArray[np.int64]:
    """The condition of every trial: it changes when all patterns have been cued; empty if there are none."""
    conditions, wanted = conditions_of(context), context.spec.protocol.spec.trials.patterns
    if not conditions:
        return np.empty(0, dtype=np.int64)
    around = len(wanted) if wanted is not None else max(1, stored)
    return np.arange(count, dtype=np.int64) // around % len(conditions)


def cued_in(context: Context, stored: int, count: int) -> NDArray[np.int64]:
    """The pattern of every trial; where the first shown epoch names one, it is that in all of them."""
    wanted = context.spec.protocol.spec.trials.patterns
    for k, pattern in enumerate(wanted or []):
        if pattern >= stored:
            what, fix = f"there is no pattern {pattern}: {stored} are stored", f"use 0 to {stored - 1}"
            context.refuse(context.protocol, ("trials", "patterns", k), what, fix)
    context.stop_if_wrong()
    if wanted is not None:
        return np.resize(np.array(wanted, dtype=np.int64), count)
    cued = np.arange(count, dtype=np.int64)
    if not stored:
        return cued
    first = next((epoch.show for epoch in context.spec.protocol.spec.epochs if epoch.show is not None), None)
    return cued % stored if first is None or first.pattern is None else np.full_like(cued, first.pattern)


def onsets_of(context: Context, span: Span, count: int, dt: float) -> NDArray[np.int64] | None:
    """How many steps after the beginning of a span the cue of every trial begins; None if with it."""
    assert span.spec is not None
    assert span.spec.show is not None
    call = span.spec.show.onset
    if call is None:
        return None
    path = ("epochs", span.number, "show", "onset")
    rng = context.seeds.stream("trial", f"onset:{span.name}:{span.occurrence}")
    drawn = apply(context, value, call, context.protocol, path, {"size": count, "rng": rng})
    if drawn is None:
        return None
    step = max(1, round(FINEST / dt))
    found: NDArray[np.int64] = np.rint(np.maximum(drawn[0], 0) / (step * dt)).astype(np.int64) * step
    if found.max(initial=0) >= span.stop - span.start:
        what = f"a cue begins {found.max() * dt * 1e3:g} ms after its epoch, which ends before that"
        context.refuse(context.protocol, path, what, "make the epoch longer, or the times shorter")
    return found
