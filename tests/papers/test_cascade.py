"""Recall from cascade synapses by age: binary synapses of 5 levels, 400 cells, 20 networks.

Numbers are those of an independent numpy program that came with the task (R5), its tolerances too: 0.02, or twice the
interval over networks where errors are bimodal.  The equations are those of this package's own derivation, and the
publication (Savin, Dayan & Lengyel 2014) could not be compared with.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import neuroam

AGES = [0, 1, 3, 5, 8, 12, 20]
SEED = 3


def errors(protocol: str, gate: str, *, aware: bool = True, **more: Any) -> tuple[np.ndarray, np.ndarray, Any]:
    """Mean error and its 95 % interval by age, and all measures."""
    decoder = {"of": "memory", "gate": gate, "levels": 5, "ages": 21, "aware": aware}
    settings = {"seed": SEED, "matrices.w.cascade.gate": gate, "matrices.decoder.cascade_decoder": decoder} | more
    found = neuroam.run(protocol, settings=settings).measures
    wrong = found["bit_error"].to_numpy()
    return wrong.mean(axis=0), 1.96 * wrong.std(axis=0, ddof=1) / np.sqrt(len(wrong)), found


def agrees(found: np.ndarray, interval: np.ndarray, expected: list[float]) -> np.ndarray:
    return np.abs(found - expected) <= np.maximum(0.02, 2 * interval)


@pytest.mark.slow
@pytest.mark.parametrize("gate", ["pre_gated", "post_gated"])
def test_one_decision_from_the_cue(gate):
    """Better than the reference at age 1 (0.045 there, about 0.013 here), and the same at every other age."""
    expected = [0.001, 0.045, 0.029, 0.043, 0.056, 0.069, 0.088]
    found, interval, measures = errors("recall_by_age_once", gate)
    same = agrees(found, interval, expected)
    assert same[[0, 2, 3, 4, 5, 6]].all(), found
    assert found[1] < expected[1]
    assert (np.diff(found) > 0).all()
    cue = measures["cue_error"].to_numpy().mean(axis=0)
    assert np.allclose(cue, 0.1, rtol=0, atol=0.02)
    assert (found[:6] < 0.8 * cue[:6]).all()


@pytest.mark.slow
def test_gibbs_sampling_is_captured_by_newer_patterns():
    """From age 5 on: a decoder for an old memory rewards any strong alignment, and newer ones are stronger."""
    found, interval, measures = errors("recall_by_age", "pre_gated")
    assert agrees(found, interval, [0.000, 0.010, 0.046, 0.220, 0.440, 0.489, 0.486]).all(), (found, interval)
    captured = measures["capture"].to_numpy().mean(axis=0)
    assert captured[0] == 0
    assert (captured[4:] > 0.8).all()


@pytest.mark.slow
def test_who_takes_weights_for_independent_recalls_nothing_but_the_newest():
    found, interval, _ = errors("recall_by_age", "pre_gated", aware=False)
    assert agrees(found, interval, [0.030, 0.463, 0.454, 0.461, 0.445, 0.453, 0.454]).all(), (found, interval)


@pytest.mark.slow
def test_xor_needs_no_rescue():
    """Its synapses are uncorrelated: taking them for independent costs nothing at ages 0, 1 and 3."""
    young = {"trials.patterns": [270, 269, 267]}
    found, interval, _ = errors("recall_by_age", "xor", aware=False, **young)
    assert agrees(found, interval, [0.000, 0.000, 0.001]).all(), (found, interval)


def test_knowing_the_correlations_pays_in_a_small_network():
    """120 cells, ages 0 to 5, one decision: better than the cue; and worse than the cue for who ignores them."""
    small = {
        "patterns.memory.bernoulli.size": 120,
        "trials.patterns": [270, 269, 267, 265],
        "networks": 3,
    }
    mean = {aware: errors("recall_by_age_once", "pre_gated", aware=aware, **small) for aware in (True, False)}
    cue = float(mean[True][2]["cue_error"].mean())
    assert mean[True][0].mean() < cue < mean[False][0].mean()
    assert mean[True][0][0] < 0.5 * cue
