"""``stream``: one pattern after another as one epoch is what as many epochs would be."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

MODEL = {
    "cells": {"slow": {"inputs": {"drive": 1}, "params": {"tau": "5 ms"}, "equations": ["tau*dx/dt = drive - x"], "output": {"g": "x"}}},
    "populations": {"a": {"size": {"units": "memory"}, "cell": "slow"}},
    "projections": {},
    "ports": {"memory": {"population": "a", "code": "levels", "cue": {"current": {"amplitude": 2.0}}}},
}  # fmt: skip
PATTERNS = {"memory": {"bernoulli": {"size": 5, "count": 4}}}


def run(simulate, device, *epochs, trials=2):
    shown = [{"show": {}, "into": "memory", **epoch} if "rest" not in epoch["name"] else epoch for epoch in epochs]
    record = {"a": {"variables": ["x"], "every": "1 steps"}}
    made = {"patterns": PATTERNS, "epochs": shown, "trials": trials, "record": record, "seed": 4}
    found = simulate(MODEL, made, device=device)
    return found.recordings[0].traces["a", "x"].values, found.run.networks[0].trials


@pytest.mark.parametrize(
    "device", ["numpy", pytest.param("cpp", marks=pytest.mark.skipif(shutil.which("g++") is None, reason="no g++"))]
)
def test_a_stream_is_one_epoch_after_another(simulate, device):
    rest = {"name": "rest", "duration": "1 ms"}
    found, world = run(simulate, device, rest, {"name": "all", "stream": {"passes": 2}, "duration": "3 ms"})
    series = {"each": {"pattern": [0, 1, 2, 3] * 2}, "duration": "3 ms", "name": "all"}
    expected, _ = run(simulate, device, rest, series)
    assert np.array_equal(found, expected)
    assert np.ptp(found) > 0.5
    (epoch,) = [e for e in world.epochs if e.name == "all"]
    assert epoch.patterns.tolist() == [0, 1, 2, 3] * 2
    assert (epoch.start, epoch.stop) == (10, 250)


def test_every_pass_has_an_order_of_its_own_and_the_seed_decides(simulate):
    epoch = {"name": "all", "stream": {"passes": 3, "order": "random"}, "duration": "1 ms"}
    first, world = run(simulate, "numpy", epoch)
    passes = world.epochs[0].patterns.reshape(3, 4)
    assert (np.sort(passes, axis=1) == np.arange(4)).all()
    assert len({tuple(row) for row in passes.tolist()}) > 1
    again, _ = run(simulate, "numpy", epoch)
    assert np.array_equal(first, again)


def test_two_streams_and_a_cue_between_them(simulate):
    one = {"name": "one", "stream": {}, "duration": "2 ms"}
    two = {"name": "two", "stream": {}, "duration": "2 ms"}
    found, _ = run(simulate, "numpy", one, {"name": "cue", "duration": "2 ms"}, two)
    listed = {"each": {"pattern": [0, 1, 2, 3]}, "duration": "2 ms"}
    expected, _ = run(
        simulate, "numpy", {"name": "one", **listed}, {"name": "cue", "duration": "2 ms"}, {"name": "two", **listed}
    )
    assert np.array_equal(found, expected)
