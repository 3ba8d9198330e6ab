"""Gains and delays per pattern row, and rounds that change them: what is refused, and what a run directory keeps."""

from __future__ import annotations

import numpy as np
import pytest

import neuroam
import neuroam.errors
from neuroam.errors import SpecError
from neuroam.resolve import resolve

SMALL = {"patterns.memory.bernoulli": {"size": 40, "count": 4}, "epochs.replay.duration": "1500 ms", "seed": 3}
LOOP = {"repeat": {"times": 2, "adjust": {"projections.advance.gain": {"dwell_feedback": {"port": "motifs"}}}}}


def test_a_number_multiplies_the_weights():
    plain, _ = resolve(neuroam.load("replay_two_layer", settings=SMALL | {"projections.advance.gain": 1}))
    twice, _ = resolve(neuroam.load("replay_two_layer", settings=SMALL | {"projections.advance.gain": 2}))
    assert twice.projections["advance"].gain == 2 * plain.projections["advance"].gain


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"projections.advance.gain": "2 mV"}, "'gain' multiplies the weights, so it is a plain number"),
        ({"projections.advance.gain": {"each_row": "memory.dwel"}}, "the patterns of 'memory' have no 'dwel'"),
        ({"projections.advance.gain": {"each_row": {"uniform": {"low": "1 ms", "high": "2 ms"}}}}, "not a plain number|not.*number"),
        ({"patterns.memory": {"bernoulli": {"size": 40, "count": 4}}}, "no pattern set has 'memory.dwell'"),
        ({"patterns.memory.dwell": {"uniform": {"low": "-9 ms", "high": "-1 ms"}}}, "a time that is not above zero"),
        ({"patterns.memory.dwell": {"uniform": {"low": "9 ms", "high": "1 ms"}}}, "'low' is above 'high'"),
        ({"patterns.memory.dwell": {"uniform": {"low": "90 mV", "high": "280 mV"}}}, "holds no times, but is"),
        ({"patterns.memory.dwell": [100, 90, 80, 70]}, "holds no times, but is"),
        ({"patterns.memory.dwell": ["100 ms", "90 ms"]}, "'dwell' has 2 values for 4 patterns"),
        ({"patterns.memory.dwell": ["100 ms", "90 mV"]}, "have different units"),
        ({"patterns.memory.dwell": ["100 ms", "90 mss"]}, "mss"),
        ({"patterns.memory.dwell": []}, "neither a pattern function nor values"),
        ({"repeat": {"times": 1, "adjust": {"projections.advance.gain": {"order": {"port": "motifs"}}}}},
         "'order' gives no factor for each pattern row"),
        ({"projections.recognise.delay": {"each_row": "motifs.dwell"}}, "the patterns of 'motifs' have no 'dwell'"),
        ({"projections.stabilise.delay": {"each_row": "memory.dwell"}}, "'features' has no cell per pattern"),
        ({"repeat": {"times": 1, "adjust": {"projections.recognise.gain": {"dwell_feedback": {"port": "motifs"}}}}},
         "leads to no gain of pattern rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_per_row(settings, said):
    with pytest.raises(SpecError, match=said):
        resolve(neuroam.load("replay_two_layer", settings=SMALL | settings))


def test_rounds_change_the_gains_and_are_kept(tmp_path):
    result = neuroam.run("replay_two_layer", settings=SMALL | LOOP | {"networks": 2})
    assert result.measures["dwell_error"].dims == ("network", "repeat", "trial", "pattern")
    first = neuroam.run("replay_two_layer", settings=SMALL)
    assert np.array_equal(
        result.measures["dwell_error"].isel(network=0, repeat=0), first.measures["dwell_error"], equal_nan=True
    )
    network = result.run.networks[1]
    factors = network.adjusted["projections.advance.gain"]
    assert factors.shape == (4,)
    assert not np.allclose(factors, 1)
    reopened = neuroam.reopen(result.save(tmp_path / "kept"))
    again = reopened.run.networks[1]
    assert np.array_equal(again.adjusted["projections.advance.gain"], factors)
    mine, yours = (one.circuit.matrices["next_by_advance"].weights.values for one in (network, again))
    assert np.array_equal(mine, yours)
    reopened.figure("overlap")


def lengths(settings):
    _, trials = resolve(neuroam.load("learn_slow_weights", settings=SHORT | settings))
    return [(epoch.name, epoch.pattern, epoch.stop - epoch.start) for epoch in trials.epochs]


SHORT = {"patterns.memory.bernoulli": {"size": 40, "count": 4}, "seed": 3}
EPOCH = {"name": "learn", "duration": "memory.dwell", "show": {}, "into": "memory"}


def test_every_pattern_is_shown_for_its_own_time():
    circuit, trials = resolve(neuroam.load("learn_slow_weights", settings=SHORT))
    steps = np.rint(circuit.patterns["memory"].attributes["dwell"] / circuit.dt).astype(int).tolist()
    assert len(set(steps)) == 4
    assert lengths({}) == [(name, row, steps[row]) for name in ("first", "second") for row in range(4)]
    assert trials.n_steps == 2 * sum(steps)
    assert np.flatnonzero(trials.learned["advance"]).tolist() == (np.cumsum(steps * 2) - 1).tolist()
    chosen = EPOCH | {"each": {"pattern": [2, 0]}, "times": 2, "gap": "5 ms"}
    shown = [(("learn", row, steps[row]), ("learn_gap", None, 10)) for row in (2, 2, 0, 0)]
    assert lengths({"epochs": [chosen]}) == [span for pair in shown for span in pair]


def test_a_time_per_pattern_that_is_less_than_a_step_is_one():
    brief = {"patterns.memory.dwell": {"uniform": {"low": "1 us", "high": "2 us"}}}
    assert {length for _, _, length in lengths(brief)} == {1}


def test_times_that_are_endless_are_refused():
    endless = {"patterns.memory.dwell": {"uniform": {"low": "9000 s", "high": "9999 s"}}}
    with pytest.raises(SpecError, match="more than 20000000 steps in one trial"):
        lengths(endless)


@pytest.mark.parametrize(
    ("given", "expected"), [("100 ms", [0.1] * 4), (["90 ms", "0.1 s", "80 ms", "70 ms"], [0.09, 0.1, 0.08, 0.07])]
)
def test_times_may_be_written_down(given, expected):
    circuit, _ = resolve(neuroam.load("replay_two_layer", settings=SMALL | {"patterns.memory.dwell": given}))
    assert np.allclose(circuit.patterns["memory"].attributes["dwell"], expected)
