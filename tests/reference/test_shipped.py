"""Every shipped protocol does on a device what the independent integrator does."""

from __future__ import annotations

import pytest

from neuroam import shipped
from neuroam.sim import devices
from neuroam.spec.load import load
from neuroam.verifying import verify

FIRST = 60  # steps in the ordinary suite
MOST = 20_000  # in the slow one
LEARNS_FIRST = ("recall_learned", "replay_learned_timing", "recall_by_age_learned")  # stages that take up to a minute
QUICK = [pytest.param(name, marks=[pytest.mark.slow] * (name in LEARNS_FIRST)) for name in shipped.names("protocols")]


def differences(checks):
    return [f"{c.part} on {c.device}: {d}" for c in checks for d in c.deviations if not d.fine]


@pytest.mark.parametrize("name", QUICK)
def test_the_first_steps_of_every_protocol_are_those_of_the_reference(name):
    checks = list(verify(load(name), ["numpy"], trials=2, steps=FIRST, say=lambda _: None))
    assert checks
    assert all(check.deviations for check in checks)
    assert differences(checks) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped.names("protocols"))
def test_every_protocol_is_that_of_the_reference_to_its_end(name):
    checks = list(verify(load(name), [devices.choose("auto")[0]], trials=2, steps=MOST, say=lambda _: None))
    assert differences(checks) == []
