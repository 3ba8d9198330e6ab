"""The values of controls in time and over trials."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Signal
from neuroam.resolve.context import Context
from neuroam.resolve.spans import Span, steps_of
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
        length = steps_of(setting.ramp.over, circuit.dt) if setting.ramp.over else span.stop - span.start
        rising = np.linspace(setting.ramp.from_.value, setting.ramp.to.value, length, endpoint=False)
        values[span.start :] = setting.ramp.to.value
        stop = min(span.start + length, n_steps)
        values[span.start : stop] = rising[: stop - span.start, None]
    changes = np.concatenate([[0], np.flatnonzero(np.diff(values, axis=0).any(axis=1)) + 1])
    row = (np.searchsorted(changes, np.arange(n_steps), side="right") - 1).astype(np.int32)
    return Signal(row, np.broadcast_to(values[changes][:, :, None], (len(changes), cued.size, 1)).copy())


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
