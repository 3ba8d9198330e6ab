"""A cue as log-odds: what the channel of an epoch says, and the coding level."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.errors import SpecError
from neuroam.resolve import resolve
from neuroam.spec.load import load

CHANNEL = "[{channel: {r01: 0.05, r10: 0.2}}]"


def trials(model, corrupt, *settings):
    base = ["patterns.memory.bernoulli={size: 12, count: 3, coding_level: 0.2}", "networks=1", "record={}"]
    every = ["measure={cue_error: {port: memory}}", f"epochs.recall.show.corrupt={corrupt}", *settings]
    return resolve(load("recall_correlated", model, [*base, *every]))[1]


def test_evidence_and_prior_add_up():
    found = trials("correlation_ignoring", CHANNEL)
    cue, drive = found.cues["memory"], found.drives["e", "ext"].table[0]
    prior = np.log(0.2 / 0.8)
    expected = np.where(cue == 1, np.log(0.8 / 0.05), np.log(0.2 / 0.95)) + prior  # by hand: Bayes for one bit
    assert cue.mean() not in (0, 1)
    assert drive == pytest.approx(expected, abs=1e-12)


def test_units_that_are_not_shown_leave_the_prior():
    found = trials("correlation_ignoring", "[{mask: {fraction: 0.5}}, {channel: {r01: 0.05, r10: 0.2}}]")
    hidden = np.isnan(found.cues["memory"])
    assert hidden.sum() == hidden.size // 2
    assert found.drives["e", "ext"].table[0][hidden] == pytest.approx(np.log(0.25), abs=1e-12)


def test_what_cells_take_for_granted_need_not_be_true():
    given = "epochs.recall.as={log_odds: {r01: 0.1, r10: 0.1}}"
    found = trials("correlation_ignoring", "[{flip: {fraction: 0.25}}]", given)
    assert np.unique(found.drives["e", "ext"].table[0] - np.log(0.25)) == pytest.approx([-np.log(9), np.log(9)])


def test_cells_may_start_from_the_cue():
    found = trials("correlation_ignoring_rate", CHANNEL)
    assert np.array_equal(found.initial["e", "x"], found.cues["memory"])


def test_a_cue_that_nothing_is_known_of_is_refused():
    with pytest.raises(SpecError, match="how often it errs, and the epoch has 0 channels"):
        trials("correlation_ignoring", "[{flip: {fraction: 0.25}}]")
    with pytest.raises(SpecError, match="have no state 'y'"):
        trials("correlation_ignoring", CHANNEL, "epochs.recall.as={log_odds: {state: y}}")


def test_what_all_trials_are_taught_is_not_their_cue():
    settings = ["patterns.memory.bernoulli={size: 12, count: 3, coding_level: 0.5}", "trials=3"]
    found = resolve(load("store_correlated", None, settings))[1]
    stored = resolve(load("store_correlated", None, settings))[0].patterns["memory"].values
    assert (found.cues["memory"] != stored[found.cued]).mean() < 0.4  # the first pattern would agree with a third only
    assert not np.array_equal(found.cues["memory"], np.tile(stored[0], (3, 1)))
