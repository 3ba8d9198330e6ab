"""The values of controls in time and over trials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Signal
from neuroam.resolve.context import Context
from neuroam.resolve.spans import Span
from neuroam.spec.protocol import ControlOfPattern, ControlRamp
from neuroam.units import ONE, in_words


def control(
    context: Context, circuit: Circuit, name: str, spans: list[Span], n_steps: int, cued: NDArray[np.int64]
) -> Signal:
    """A control keeps its value until an epoch sets it; a ramp goes on to its end."""
    values = np.full((n_steps, 1), context.spec.model.spec.controls[name].value)
    for span in spans:
        if span.spec is None or name not in span.spec.set:
            continue
        setting = span.spec.set[name]
        if isinstance(setting, ControlOfPattern):
            shown = cued if span.pattern is None else np.full_like(cued, span.pattern)
            values = np.broadcast_to(values, (n_steps, cued.size)).copy()
            values[span.start :] = _of_patterns(context, circuit, name, span, setting, shown)
            continue
        if not isinstance(setting, ControlRamp):
            values[span.start :] = setting.value
            continue
        length = setting.ramp.over.in_steps(circuit.dt) if setting.ramp.over else span.stop - span.start
        first, last = setting.ramp.from_.value, setting.ramp.to.value
        stop = min(span.start + length, n_steps)
        values[span.start :] = last
        values[span.start : stop, :] = (np.arange(stop - span.start) * ((last - first) / length) + first)[:, None]
    _refuse_beyond_limits(context, name, spans, values)
    changes = np.concatenate([[0], np.flatnonzero(np.diff(values, axis=0).any(axis=1)) + 1])
    row = (np.searchsorted(changes, np.arange(n_steps), side="right") - 1).astype(np.int32)
    return Signal(row, np.broadcast_to(values[changes][:, :, None], (len(changes), cued.size, 1)).copy())


def _refuse_beyond_limits(context: Context, name: str, spans: list[Span], values: Array) -> None:
    """At the first step with a value that the model excludes, and the epoch that set it."""
    limits = context.spec.model.spec.limits.get(name)
    if limits is None:
        return
    least, most = (np.inf * side if q is None else q.value for q, side in ((limits.from_, -1), (limits.to, 1)))
    wrong = (values < least) | (values > most) | (limits.whole & (values != np.round(values)))
    if not wrong.any():
        return
    step, trial = (int(place[0]) for place in np.nonzero(wrong))
    setting = [span for span in spans if span.spec is not None and name in span.spec.set and span.start <= step]
    document = context.protocol if setting else context.model
    path: tuple[str | int, ...] = ("epochs", setting[-1].number, "set", name) if setting else ("controls", name)
    given = [f"from {limits.from_}" * (limits.from_ is not None), f"to {limits.to}" * (limits.to is not None)]
    words = " ".join(["whole numbers" * limits.whole or "values", *filter(None, given)])
    what = f"'{name}' becomes {values[step, trial]:g}, and '{context.spec.model.name}' takes {words}"
    fix = f"choose another value, or limits.{name} of the model if it is ready for this one"
    context.refuse(document, path, what, fix)


def _of_patterns(
    context: Context, circuit: Circuit, name: str, span: Span, setting: ControlOfPattern, shown: NDArray[np.int64]
) -> Array:
    """An attribute of the pattern of every trial."""
    port, _, attribute = setting.attribute.partition(".")
    known = circuit.patterns[port].attributes
    unit = context.attribute_units.get((port, attribute), ONE)
    wanted = context.spec.model.spec.controls[name].dimension
    path = ("epochs", span.number, "set", name, "attribute")
    if attribute not in known or attribute not in circuit.patterns[port].per_row:
        what = f"the patterns of '{port}' have no '{attribute}' of every row"
        fix = f"add '{attribute}: NUMBER', or a value function, beside the pattern function"
        context.refuse(context.protocol, path, what, fix)
    elif unit != wanted:
        what = f"'{setting.attribute}' is {in_words(unit)} but the control '{name}' is {in_words(wanted)}"
        context.refuse(context.protocol, path, what, "choose an attribute in the unit of the control")
    else:
        return known[attribute][shown]
    context.stop_if_wrong()
    raise AssertionError("refused above")
