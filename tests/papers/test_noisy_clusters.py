"""Noise inside cells helps recall: Karbasi, Salavati, Shokrollahi & Varshney (2013) NIPS 26:1682.

Numbers are those of an independent numpy program that came with the task, over 3 networks; ours are for networks that
nothing was chosen on.  Its constraint weights are described, not given: ours have a somewhat weaker 1 % quantile.
"""

from __future__ import annotations

import pytest

import neuroam

ERRORS = "epochs.{}.show.corrupt"


def off_by_one(epoch, share):
    return {ERRORS.format(epoch): [{"add": {"fraction": share, "amplitude": 1}}]}


@pytest.mark.parametrize(
    ("upsilon", "expected"),
    [
        (0.0, [0.979, 0.075, 0.003]),
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
    assert (found["errors_per_cluster"].sum("cluster") / 5 == 400 * found["symbol_error_rate"]).all()
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("upsilon", "symbols", "bound"), [(0.0, 0.1197, 0.005), (0.4, 0.0, 0.0005), (0.5, 0.0, 0.0005)]
)
def test_visits_in_turn_leave_what_the_reference_leaves(upsilon, symbols, bound):
    """R3 at eps = 0.125."""
    count = 16 if upsilon == 0 else 100
    settings = {"controls.upsilon": upsilon, "patterns.memory.subspace.count": count, "seed": 14}
    found = neuroam.run("noise_benefit", settings=settings).measures
    assert float(found["symbol_error_rate"].mean()) == pytest.approx(symbols, abs=bound)
    assert float(found["pattern_error_rate"].mean()) == (1.0 if upsilon == 0 else 0.0)
