"""Sequence networks whose units do not see themselves: two layers of two-body synapses against the sum over j != i."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import neuroam

SIZE, COUNT = 15, 12
BASE = {
    "patterns.memory": {"bernoulli": {"size": SIZE, "count": COUNT}},
    "epochs.step.show": {"corrupt": [{"flip": {"fraction": 0.2}}]},
    "epochs.step.duration": "3 steps", "networks": 1, "measure": {}, "sweep": {}, "seed": 12,
}  # fmt: skip


def overlaps(state, stored):
    """As every unit sees them, (patterns, units): the sum over all others, over N - 1."""
    own = stored * state
    return (own.sum(axis=1, keepdims=True) - own) / (state.size - 1)


def replay(model, settings, step, exact=True):
    network = neuroam.run("capacity_sequence", model, BASE | settings, device="numpy").run.networks[0]
    states = network.recording.traces["features", "s"].values
    stored = network.circuit.patterns["memory"].bipolar
    follows = np.roll(stored, -1, axis=0)
    assert (states[:, 0] != stored[network.trials.cued]).any()
    for trial in states:
        for before, after in pairwise(trial):
            drive = step(overlaps(before, stored), stored, follows)
            drive[np.abs(drive) < 1e-12] = 0.0
            told = np.ones(SIZE, dtype=bool) if exact else drive != 0.0  # zero counts as +1
            assert np.array_equal(after[told], np.where(drive >= 0.0, 1.0, -1.0)[told])


@pytest.mark.parametrize(("d", "one_sided"), [(1, 0), (2, 0), (3, 0), (2, 1), (3, 1)])
def test_powers(d, one_sided):
    def step(m, stored, follows):
        return (follows * (np.maximum(m, 0.0) if one_sided else m) ** d).sum(axis=0)

    replay(
        "sequence_dense_self_free",
        {"populations.motifs.params.d": d, "populations.motifs.params.one_sided": one_sided},
        step,
    )


def test_an_exponential():
    def step(m, stored, follows):
        return (follows * np.exp((SIZE - 1) * (m - 1))).sum(axis=0)

    replay("sequence_exponential_self_free", {}, step)


@pytest.mark.parametrize(("fast", "slow"), [(2, 3), (3, 2), (2, 2)])
def test_a_mixed_network(fast, slow):
    def step(m, stored, follows):  # the scale of the cells is N, that of m is N - 1
        m = m * (SIZE - 1) / SIZE
        return (stored * m**fast + 2.5 * follows * m**slow).sum(axis=0)

    powers = {"populations.present.params.d": fast, "populations.past.params.d": slow}
    replay("sequence_mixed_self_free", powers, step, exact=False)  # its sums are no whole numbers


def test_a_unit_that_sees_itself_is_another_network():
    """What is compared above is not the same for both."""

    def step(m, stored, follows):
        return (follows * m).sum(axis=0)

    with pytest.raises(AssertionError):
        replay("sequence_dense", {"populations.motifs.params.d": 1}, step)
