"""Which variables a program looks at in every step."""

from __future__ import annotations

import pytest

from neuroam.resolve import resolve
from neuroam.sim.plan import plan
from neuroam.sim.pulse import fragile
from neuroam.spec.load import load

SETTINGS = ["patterns.memory.bernoulli={size: 6, count: 2}", "trials=4", "epochs.settle.duration=10 steps"]


def looked_at(model, *more):
    circuit, trials = resolve(load("recall_random", model, [*SETTINGS, *more]))
    found = fragile(plan(circuit, trials), circuit, trials)
    return {f"{name}.{variable}": cells for (name, variable), cells in found.items()}


SOFTMAX = {"hidden.top": "first", "hidden.total": "first", "hidden.g": "all"}
POWER = {"features.x": "all", "hidden.g": "all"}


@pytest.mark.parametrize(
    ("model", "more", "found"),
    [
        ("two_body_lif", [], dict.fromkeys(["features.v", "hidden.v", "pairs.v", "pool.v"], "fired")),
        ("two_body_softmax", [], SOFTMAX),
        ("two_body_softmax", ["epochs.cue.as=clamp"], {**SOFTMAX, "features.x": "all"}),
        ("two_body_discrete", [], POWER),
    ],
)
def test_what_may_come_back_from_infinity(model, more, found):
    """Resets, reductions, outputs, clamps, jumps; not what moves by its equation, nor outputs that are states or signs."""
    assert looked_at(model, *more) == found
