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
GATED = ["pre_gated", "post_gated"]


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
@pytest.mark.parametrize("gate", GATED)
def test_one_decision_from_the_cue(gate):
    """As the reference but for age 1: 0.045 there, and 0.01 to 0.02 here.

    There it was put down to a trace that is weaker at age 1 than at age 2.  Only the trace of XOR is; that of gated
    synapses falls in every step (tests/unit/theory), since half of the patterns leave them alone.  The reference itself
    has 0.010 and 0.012 at age 1 with Gibbs sampling and with whitening.  A program written for this question alone
    (its own synapses, 251 patterns, 12 networks of 400 cells) found 0.0002, 0.015, 0.019, 0.018 and 0.026 at ages 0, 1,
    2, 3 and 5, with intervals of 0.004 to 0.009; and the log-odds of a Gaussian vector of all 1560 weights of 40 cells,
    without any algebra, are ours to 1e-12.  No other reading of "one pass" that was tried, such as drawing the bits, one
    cell after the other, leaving the cue out, or the moments of another age, had more errors at age 1 than at age 5.
    """
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
@pytest.mark.parametrize("gate", GATED)
def test_gibbs_sampling_is_captured_by_newer_patterns(gate):
    """From age 5 on: a decoder for an old memory rewards any strong alignment, and newer ones are stronger."""
    found, interval, measures = errors("recall_by_age", gate)
    assert agrees(found, interval, [0.000, 0.010, 0.046, 0.220, 0.440, 0.489, 0.486]).all(), (found, interval)
    captured = measures["capture"].to_numpy().mean(axis=0)
    assert captured[0] == 0
    assert (captured[4:] > 0.5).all()
    assert np.abs(captured - 2 * found).max() < 0.15  # half of the bits are wrong where another pattern is recalled


@pytest.mark.slow
@pytest.mark.parametrize("gate", GATED)
def test_who_takes_weights_for_independent_recalls_nothing_but_the_newest(gate):
    found, interval, _ = errors("recall_by_age", gate, aware=False)
    assert agrees(found, interval, [0.030, 0.463, 0.454, 0.461, 0.445, 0.453, 0.454]).all(), (found, interval)


@pytest.mark.slow
def test_xor_needs_no_rescue():
    """Its synapses are uncorrelated: taking them for independent costs nothing at ages 0, 1 and 3; then capture."""
    found, interval, measures = errors("recall_by_age", "xor", aware=False)
    assert agrees(found, interval, [0.000, 0.000, 0.001, *found[3:]]).all(), (found, interval)
    assert (measures["capture"].to_numpy().mean(axis=0)[4:] > 0.5).all()


@pytest.mark.slow
@pytest.mark.parametrize("gate", GATED)
def test_residual_cells_need_no_age(gate):
    """Rates, zero diagonal, lambda 1.4 times the edge of the noise, kappa 16 (brief, section 8)."""
    measures = neuroam.run("recall_any_age", settings={"seed": SEED, "matrices.w.cascade.gate": gate}).measures
    wrong = measures["bit_error"].to_numpy()
    assert np.abs(wrong.mean(axis=0) - [0.000, 0.012, 0.023, 0.032, 0.043, 0.059, 0.096]).max() < 0.02
    assert not measures["capture"].any()


@pytest.mark.slow
def test_synapses_that_learned_in_the_run_are_read_as_well_as_drawn_ones():
    """Stored one pattern per step by the plastic component, or by the rule in numpy: same patterns, same cues.

    One decision, whose errors are not bimodal; within twice the 95 % interval of the difference.
    """
    drawn, one, _ = errors("recall_by_age_once", "pre_gated")
    stage = {"stages": ["store_cascade"], "matrices.w": {"learned": "store_cascade"}, "seed": SEED}
    wrong = neuroam.run("recall_by_age_once", settings=stage).measures["bit_error"].to_numpy()
    other = 1.96 * wrong.std(axis=0, ddof=1) / np.sqrt(len(wrong))
    assert (np.abs(wrong.mean(axis=0) - drawn) <= 2 * np.hypot(one, other)).all(), (wrong.mean(axis=0), drawn)


@pytest.mark.slow
def test_without_shared_noise_nobody_needs_to_know():
    """The control: every synapse has its own noise, and a decoder that expects just that."""
    expected = [0.000, 0.000, 0.000, 0.005, 0.013, 0.031, 0.075]
    for age, error in zip(AGES, expected, strict=True):
        settings = {
            "seed": SEED, "matrices.w": {"cascade_surrogate": {"of": "memory"}}, "trials.patterns": [0],
            "patterns.memory.bernoulli.count": age + 1,
        }  # fmt: skip
        found = neuroam.run("recall_by_age", "correlation_cascade_ignoring", settings).measures["bit_error"]
        assert abs(float(found.mean()) - error) < 0.02, age


@pytest.mark.slow
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
