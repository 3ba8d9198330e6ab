"""Is the second opinion a good one?  Its parts against known numbers, and a check that can fail."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from typer.testing import CliRunner

from neuroam import cli
from neuroam.reference import integrate, philox
from neuroam.reference.cells import advanced
from neuroam.resolve import resolve
from neuroam.sim import noise
from neuroam.sim.values import take
from neuroam.spec.load import load
from neuroam.verifying import compare, main, shorten
from neuroam.verifying.compare import Deviation

KEY = 0x1234_5678_9ABC_DEF0


def small(steps=40, model=None):
    circuit, trials = resolve(load("recall_random", model))
    return circuit, shorten.shortened(take(trials, np.arange(2)), steps)


def test_random_numbers_are_those_of_the_devices():
    trials, cells = np.array([0, 3, 70_000]), np.arange(50)
    mine = philox.uniform(KEY, 17, trials, 12345, cells)
    assert_array_equal(mine, noise.uniform(KEY, 17, trials[:, None], 12345, cells))
    theirs = noise.gaussian(KEY, 17, trials[:, None], 12345, cells)
    assert_allclose(philox.gaussian(KEY, 17, trials, 12345, cells), theirs, rtol=0, atol=noise.NORMAL_ERROR)


def test_philox_gives_the_published_numbers():
    # kat_vectors of Random123, philox4x32 with 10 rounds: counter and key of zeros give 6627e8d5 e169c58d ...
    bits = (0x6627E8D5 << 20) | (0xE169C58D >> 12)
    assert philox.uniform(0, 0, np.zeros(1), 0, np.zeros(1))[0, 0] == (2 * bits + 1) / 2**53


def test_linear_equations_are_solved_exactly():
    x, dt = np.array([0.0, 2.0]), 0.7
    leak = advanced(lambda x: (3.0 - x) / 0.5, x, dt)
    assert_allclose(leak, 3.0 + (x - 3.0) * np.exp(-dt / 0.5), rtol=1e-14)
    assert_allclose(advanced(lambda x: (3.0 - x) / 0.5, x, dt, jumps=True), 3.0)
    assert_allclose(advanced(lambda _: np.full(2, 4.0), x, dt), x + 4.0 * dt)


@pytest.mark.parametrize("model", ["two_body_softmax", "two_body_lif"])
def test_a_gain_that_differs_a_little_is_found(model):
    circuit, trials = small(200, model)
    every = main.sampling(circuit, trials)
    wanted = integrate(circuit, trials, every)
    assert all(deviation.fine for deviation in compare(wanted, integrate(circuit, trials, every)))
    projection = next(p for p in circuit.projections.values() if not np.any(p.delay))
    other = replace(projection, gain=projection.gain * (1 + 1e-4))
    changed = replace(circuit, projections={**circuit.projections, projection.name: other})
    assert not all(deviation.fine for deviation in compare(wanted, integrate(changed, trials, every)))


def test_the_largest_deviation_has_its_place():
    circuit, trials = small()
    every = main.sampling(circuit, trials)
    wanted, found = (integrate(circuit, trials, every) for _ in range(2))
    found.traces["features", "x"].values[1, 7, 3] += 1.0
    largest = max(compare(wanted, found), key=lambda deviation: deviation.share)
    assert (largest.name, largest.trial, largest.step, largest.cell) == ("features.x", 1, 7, 3)
    assert largest.found - largest.wanted == pytest.approx(1.0)
    found.traces["features", "x"].values[0, 2, 1] = np.nan
    assert not all(deviation.fine for deviation in compare(wanted, found))


def test_one_spike_too_many_is_no_agreement():
    circuit, trials = small(600, "two_body_lif")
    wanted = integrate(circuit, trials, {})
    spikes = wanted.spikes["hidden"]
    assert spikes.step.size > 10
    fewer = replace(spikes, **{key: getattr(spikes, key)[1:] for key in ("trial", "step", "cell")})
    found = replace(wanted, spikes={**wanted.spikes, "hidden": fewer})
    deviation = next(d for d in compare(wanted, found) if d.name == "hidden spikes")
    place = (int(spikes.trial[0]), int(spikes.step[0]), int(spikes.cell[0]))
    assert (deviation.trial, deviation.step, deviation.cell) == place
    assert (deviation.wanted, deviation.found, deviation.fine) == (1.0, 0.0, False)


def test_trials_that_are_shortened_begin_in_the_same_way():
    circuit, trials = resolve(load("recall_random"))
    trials = take(trials, np.arange(1))
    every = {("features", "g"): 1}
    whole = integrate(circuit, shorten.shortened(trials, 90), every).traces["features", "g"].values
    part = integrate(circuit, shorten.shortened(trials, 30), every).traces["features", "g"].values
    assert_array_equal(part, whole[:, :31])


def test_the_command_says_that_all_is_well():
    found = CliRunner().invoke(cli.app, ["verify", "recall_random", "--device", "numpy", "--steps", "30"])
    assert found.exit_code == 0
    assert "all spikes are the same" in found.stdout


def test_the_command_says_what_is_not(monkeypatch):
    def wrong(circuit, trials, every):
        made = integrate(circuit, trials, every)
        made.traces["features", "g"].values[0, 5, 2] += 0.5
        return made

    monkeypatch.setattr(main, "integrate", wrong)
    arguments = ["verify", "recall_random", "--device", "numpy", "--steps", "30"]
    found = CliRunner().invoke(cli.app, arguments)
    assert found.exit_code == 1
    assert "DIFFERS" in found.stdout
    assert "features.g, trial 0, 0.5 ms, cell 2" in found.stdout
    told = json.loads(CliRunner().invoke(cli.app, [*arguments, "--json"]).stdout)
    assert not told["fine"]
    worst = max(told["checks"][0]["deviations"], key=lambda one: one["share"])
    assert (worst["name"], worst["trial"], worst["step"], worst["cell"]) == ("features.g", 0, 5, 2)


def test_what_is_not_a_number_is_never_fine():
    assert not Deviation("x", float("nan"), 1).fine
