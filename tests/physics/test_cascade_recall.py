"""The circuits that recall from cascade synapses do what their decoders say, and keep what they were taught."""

from __future__ import annotations

import numpy as np
import pytest

import neuroam
from neuroam import latents
from neuroam.cascades import Cascade, means, spread
from neuroam.evaluate import as_array

AGES = [0, 2, 5]
SIZE, COUNT = 60, 90


def once(**more):
    small = {
        "patterns.memory.bernoulli": {"size": SIZE, "count": COUNT, "coding_level": 0.4},
        "trials.patterns": [COUNT - 1 - age for age in AGES],
        "networks": 1,
    }
    return neuroam.run("recall_by_age_once", settings=small | more, device="numpy").run.networks[0]


@pytest.mark.parametrize("gate", ["pre_gated", "post_gated", "xor"])
@pytest.mark.parametrize("aware", [True, False])
def test_every_cell_decides_by_its_log_odds_given_the_cue(gate, aware):
    """The circuit of pools and gains against the formula; no cell is so undecided that rounding could matter."""
    decoder = {"of": "memory", "gate": gate, "ages": 6, "aware": aware}
    found = once(**{"matrices.w.cascade.gate": gate, "matrices.decoder.cascade_decoder": decoder})
    weights, cues = as_array(found.circuit.matrices["w"].weights), found.trials.cues["memory"]
    decided = found.recording.traces["e", "s"].values[:, 1]  # after one step
    synapses, prior = Cascade(gate, level=0.4), np.log(0.4 / 0.6)
    for age, cue, bits in zip(AGES, cues, decided, strict=True):
        mean = means(synapses, age)
        terms = latents.two_latent(mean, spread(synapses, age), SIZE) if aware else latents.independent(mean, SIZE)
        odds = prior + np.where(cue > 0.5, 1, -1) * np.log(9) + latents.evaluate(terms, weights, cue)
        assert np.abs(odds).min() > 1e-6
        assert np.array_equal(bits, odds > 0)


def test_every_trial_has_the_age_of_its_pattern():
    found = once()
    ages = found.trials.controls["age"].table
    assert ages.shape == (1, 3, 1)
    assert list(ages[0, :, 0]) == AGES
    assert list(found.trials.cued) == [COUNT - 1 - age for age in AGES]


def test_a_stream_leaves_the_synapses_that_theory_expects():
    """Online, 12 networks: the share of strong synapses by age and bits within four standard errors."""
    shares = {age: [] for age in (0, 1, 6)}
    small = {"patterns.memory.bernoulli": {"size": SIZE, "count": COUNT, "coding_level": 0.4}, "networks": 12}
    small["projections.recurrent.plastic.cascade.levels"] = 3
    for network in neuroam.run("store_cascade", settings=small, device="numpy").run.networks:
        edges, x = network.recording.weights["recurrent"], network.circuit.patterns["memory"].values
        assert edges.pre.size == SIZE * (SIZE - 1)
        assert set(np.unique(edges.values)) == {0.0, 1.0}
        for age, list_ in shares.items():
            post, pre = x[-1 - age, edges.post], x[-1 - age, edges.pre]
            list_.append([[edges.values[0, (post == a) & (pre == b)].mean() for b in (0, 1)] for a in (0, 1)])
    for age, list_ in shares.items():
        error = np.std(list_, axis=0, ddof=1) / np.sqrt(len(list_))
        assert (np.abs(np.mean(list_, axis=0) - means(Cascade("pre_gated", 3, 0.4), age)) < 4 * error).all()
