"""Noise inside cells helps recall: Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682.

Numbers are those of an independent numpy program that came with the task, over 3 networks; ours are for networks that
nothing was chosen on.  Its constraint weights are described, not given: ours have a somewhat weaker 1 % quantile.
"""

from __future__ import annotations

import numpy as np
import pytest

import neuroam

ERRORS = "epochs.{}.show.corrupt"


def off_by_one(epoch, share):
    return {ERRORS.format(epoch): [{"add": {"fraction": share, "amplitude": 1}}]}


@pytest.mark.parametrize(
    ("upsilon", "expected"),
    [
        pytest.param(0.0, [0.979, 0.075, 0.003], marks=pytest.mark.slow),
        pytest.param(0.2, [0.976, 0.406, 0.082], marks=pytest.mark.slow),
        (0.4, [0.893, 0.557, 0.288]),
    ],
)
def test_a_visit_repairs_a_cluster_as_often_as_the_reference(upsilon, expected):
    """R1: 600 visits each, tolerance 0.05 (0.04 there, for 3000)."""
    for errors, chance in enumerate(expected, start=1):
        settings = {"controls.upsilon": upsilon, "seed": 12} | off_by_one("visit", errors / 40)
        settings |= {"populations.turn.params.rounds": 1}
        found = neuroam.run("correct_cluster", settings=settings).measures["pattern_error_rate"]
        assert 1 - float(found.mean()) == pytest.approx(chance, abs=0.05)


def recalled(model, diffusion, **more):
    settings = {"controls.diffusion": diffusion, "seed": 13, **more}
    found = neuroam.run("recall_noisy", model, settings).measures
    return float(found["symbol_error_rate"].mean()), float(found["pattern_error_rate"].mean()), found


def test_noise_carries_cells_over_barriers():
    """R9 in small: without noise recall stalls, with some of it every cluster is satisfied in the end."""
    few = {"patterns.memory.subspace.count": 4}
    stuck, _, found = recalled("noisy_clusters", 0.0, **few)
    assert 0.02 < stuck < 0.11
    assert (found["satisfied_clusters"].isel(time=-1) < 1).any()
    assert np.allclose(found["errors_per_cluster"].sum("cluster") / 5, 400 * found["symbol_error_rate"], rtol=1e-12)
    free, share, found = recalled("noisy_clusters", 0.01, **few)
    assert (free, share) == (0.0, 0.0)
    assert (found["satisfied_clusters"].isel(time=-1) == 1).all()
    assert (found["satisfied_clusters"].isel(time=0) < 0.2).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("diffusion", "symbols", "patterns"), [(0.0, 0.058, 0.73), (0.01, 0.0, 0.0), (0.02, 0.0, 0.0), (0.05, 0.414, 1.0)]
)
def test_the_parallel_form_is_that_of_the_reference(diffusion, symbols, patterns):
    """R9 at eps = 0.125, b = 0.4: tolerance 0.015 for symbols, 0.1 for patterns, plus the error of 120 trials of ours."""
    found, share, _ = recalled("noisy_clusters", diffusion, networks=3)
    assert found == pytest.approx(symbols, abs=0.02)
    assert share == pytest.approx(patterns, abs=0.14)


@pytest.mark.slow
def test_spiking_constraint_cells_do_the_same():
    stuck, *_ = recalled("noisy_clusters_lif", 0.0)
    free, *_ = recalled("noisy_clusters_lif", 0.01)
    lost, *_ = recalled("noisy_clusters_lif", 0.05)
    assert 0.05 < stuck < 0.11
    assert free == 0.0
    assert 0.38 < lost < 0.54


ADD = "epochs.recall.show.corrupt.0.add"


def in_turn(*, upsilon, errors=0.125, seed=14, count=100, **more):
    """Symbol and pattern error rate and steps of `noise_benefit`, with all measures."""
    settings = {
        "controls.upsilon": upsilon,
        f"{ADD}.fraction": errors,
        "patterns.memory.subspace.count": count,
        "seed": seed,
    }
    found = neuroam.run("noise_benefit", settings=settings | more).measures
    return *(float(found[name].mean()) for name in ("symbol_error_rate", "pattern_error_rate", "steps")), found


@pytest.mark.parametrize(("upsilon", "symbols", "patterns"), [(0.0, 0.1197, 1.0), (0.4, 0.0, 0.0)])
def test_visits_in_turn_leave_what_the_reference_leaves(upsilon, symbols, patterns):
    """R3 at eps = 0.125 in small, 100 trials: ends early in both cases."""
    found = in_turn(upsilon=upsilon)
    assert found[0] == pytest.approx(symbols, abs=0.003)
    assert found[1] == patterns


# Below: 3 networks of 100 patterns, as there.  Tolerances are the brief's: 0.02 where some patterns are recalled and some not,
# 0.003 elsewhere, and at most 2 % of the patterns where it says that all are recalled.
THREE = {"networks": 3}
SOME, SURE, ALL = 0.02, 0.003, 0.02


@pytest.mark.slow
@pytest.mark.parametrize(
    ("upsilon", "nu", "symbols"),
    [(0.2, 0.0, 0.0676), (0.2, 0.3, 0.0231), (0.2, 0.5, 0.0861), (0.3, 0.0, 0.0014), (0.5, 0.0, 0.0), (0.7, 0.3, 0.00002),
     (0.8, 0.0, 0.1043), (0.9, 0.0, 0.1209)],
)  # fmt: skip
def test_r3_errors_against_noise(upsilon, nu, symbols):
    found, patterns, *_ = in_turn(upsilon=upsilon, **THREE, **{"controls.nu": nu})
    assert found == pytest.approx(symbols, abs=SOME if 0 < symbols < 0.12 else SURE)
    assert symbols > 0 or patterns <= ALL


@pytest.mark.slow
@pytest.mark.parametrize(
    ("upsilon", "errors", "symbols", "patterns"),
    [(0.0, 0.075, 0.0038, 0.07), (0.0, 0.1, 0.083, 0.99), (0.1, 0.1, 0.031, 0.41), (0.2, 0.1, 0.0016, 0.02),
     (0.3, 0.15, 0.022, 0.18), (0.4, 0.15, 0.0, 0.0), (0.4, 0.175, 0.0005, 0.003), (0.4, 0.2, 0.039, 0.26)],
)  # fmt: skip
def test_r2_errors_against_the_errors_of_the_cue(upsilon, errors, symbols, patterns):
    found, share, *_ = in_turn(upsilon=upsilon, errors=errors, **THREE)
    assert found == pytest.approx(symbols, abs=SOME)
    assert share <= ALL if patterns == 0 else share == pytest.approx(patterns, abs=0.1)


@pytest.mark.slow
def test_r4_noise_saves_work():
    """Within-cluster steps at eps = 0.05: least between 0.3 and 0.4, 60 % below those without noise."""
    steps = [in_turn(upsilon=upsilon, errors=0.05)[2] for upsilon in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)]
    assert steps == pytest.approx([735, 526, 392, 296, 300, 441, 995], rel=0.2)
    assert min(steps) < 0.5 * steps[0]
    failing = in_turn(upsilon=0.0, errors=0.05, **{"controls.nu": 0.5})
    assert failing[1] > 0.85
    helped = in_turn(upsilon=0.3, errors=0.05, **{"controls.nu": 0.5})
    assert helped[1] == 0.0
    assert helped[2] == pytest.approx(728, rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize(("phi", "without", "with_noise"), [(0.8, 0.106, 0.0), (0.7, 0.054, 0.0), (0.65, 0.037, 0.0)])
def test_r5_noise_beats_every_threshold(phi, without, with_noise):
    settings = {"populations.pattern.params.phi": phi}
    still, *_ = in_turn(upsilon=0.0, **THREE, **settings)
    assert still == pytest.approx(without, abs=SOME)
    assert in_turn(upsilon=0.2, **settings)[1] <= ALL + with_noise


@pytest.mark.slow
def test_r6_undoing_a_failed_visit_makes_strong_noise_safe():
    assert in_turn(upsilon=0.4, **{"projections.leave.weights": 0})[0] == pytest.approx(0.71, abs=0.1)  # collapse


@pytest.mark.slow
@pytest.mark.xfail(reason="0.053 and 0.079 for seeds 21 and 14 here, 0.030 there: not understood", strict=True)
def test_r6_weak_noise_does_better_if_failed_visits_are_kept():
    found = in_turn(upsilon=0.2, **THREE, **{"projections.leave.weights": 0})
    assert found[0] == pytest.approx(0.030, abs=SOME)


@pytest.mark.slow
def test_r7_what_is_left_are_stopping_sets():
    """Without noise few unsatisfied clusters hold exactly one error."""
    *_, found = in_turn(upsilon=0.0, **{"measure.errors_per_cluster": {"port": "memory"}})
    left = found["errors_per_cluster"].values
    single, wrong = (left == 1).sum(), (left > 0).sum()
    assert wrong > 4000
    assert single / wrong < 0.01
    assert 3 <= np.bincount(left.astype(int).ravel())[1:].argmax() + 1 <= 6


@pytest.mark.slow
@pytest.mark.parametrize(("steps", "symbols"), [(5, 0.071), (20, 0.064)])
def test_r8_the_length_of_a_visit_matters_little(steps, symbols):
    found, *_ = in_turn(upsilon=0.2, **THREE, **{"populations.turn.params.steps": steps})
    assert found == pytest.approx(symbols, abs=SOME)


@pytest.mark.slow
@pytest.mark.parametrize(("upsilon", "symbols"), [(0.0, 0.120), (0.2, 0.096), (0.4, 0.0)])
def test_errors_of_one_and_two_levels(upsilon, symbols):
    found, *_ = in_turn(upsilon=upsilon, **THREE, **{f"{ADD}.amplitude": [1.0, 2.0]})
    assert found == pytest.approx(symbols, abs=SOME if upsilon == 0.2 else SURE)


RING = {"patterns.memory": {"ring_subspace": {"size": 400, "generators": 100, "count": 100}}}


@pytest.mark.slow
@pytest.mark.parametrize(("errors", "symbols"), [(0.1, [0.089, 0.052, 0.025]), (0.05, [0.021, 0.008, 0.008])])
def test_a_ring_of_windows_has_exponentially_many_patterns(errors, symbols):
    projected = {"measure.projected_error_rate": {"port": "memory"}}
    for upsilon, expected in zip((0.0, 0.2, 0.4), symbols, strict=True):
        settings = {"controls.upsilon": upsilon, f"{ADD}.fraction": errors, "seed": 15} | RING | projected
        found = neuroam.run("noise_benefit", settings=settings).measures
        assert float(found["symbol_error_rate"].mean()) == pytest.approx(expected, abs=0.01)
        if errors == 0.1:
            assert float(found["projected_error_rate"].mean()) == pytest.approx(0.0045, abs=0.002)


@pytest.mark.slow
def test_learned_constraints_recall_like_constructed_ones():
    """60 trials as there: SER 0.119, 0.074 and 0; a stage of a minute."""
    for upsilon, expected in ((0.0, 0.119), (0.2, 0.074), (0.4, 0.0)):
        settings = {"epochs.recall.set.upsilon": upsilon, "seed": 16}
        found = neuroam.run("recall_learned", settings=settings).measures
        assert float(found["symbol_error_rate"].mean()) == pytest.approx(expected, abs=SOME if upsilon == 0.2 else SURE)


@pytest.mark.slow
def test_every_constraint_is_learned_and_stays_sparse():
    residual = neuroam.run("learn_constraints", settings={"seed": 16}).measures["residual"]
    assert float(residual.max()) < 0.01
    assert float(residual["synapses"].mean()) == pytest.approx(33, abs=3)
    assert int(residual["synapses"].min()) >= 21  # more than the rank of the patterns of a cluster
