"""Density evolution and escape against numbers that came with the task, and against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.theory import correctable_share, correction_probability, escape_rate, one_step_correction, remaining_errors

# P_c(e) for e = 1 to 4 by the half-width of the noise, and the threshold of one pass (brief of the task, R1 and R2)
CASES = {
    0.0: ([0.979, 0.075, 0.003, 0.0], 0.094),
    0.1: ([0.992, 0.241, 0.024, 0.0], 0.110),
    0.2: ([0.976, 0.406, 0.082, 0.012], 0.127),
    0.3: ([0.953, 0.543, 0.230, 0.058], 0.152),
    0.4: ([0.893, 0.557, 0.288, 0.109], 0.162),
    0.6: ([0.579, 0.251, 0.104, 0.036], 0.003),
}


@pytest.mark.parametrize("upsilon", CASES)
def test_thresholds_are_those_of_the_reference(upsilon: float) -> None:
    corrected, expected = CASES[upsilon]
    assert correctable_share(corrected, 40, 4) == pytest.approx(expected, abs=0.002)
    assert correctable_share(corrected[:1], 40, 4) == pytest.approx(0.0867 if upsilon < 0.5 else 0.003, abs=0.004)


def cluster(rng: np.random.Generator, constraints: int = 20, units: int = 40) -> np.ndarray:
    """Random constraints on 32 of 40 units each, root mean square 1."""
    w = np.where(
        np.argsort(rng.random((constraints, units)), axis=1) < 32, rng.standard_normal((constraints, units)), 0
    )
    return w / np.sqrt((w**2).sum(axis=1, keepdims=True) / 32)


def test_trying_visits_agrees_with_the_exact_single_step() -> None:
    rng = np.random.default_rng(7)
    clusters = [cluster(rng) for _ in range(20)]
    for upsilon in (0.0, 0.2, 0.4):
        exact = np.mean([one_step_correction(w, 0.95, upsilon) for w in clusters])
        # two steps: one that repairs, and one in which every constraint is silent
        tried = correction_probability(clusters, 1, upsilon=upsilon, psi=1e-9, steps=2, visits=150, rng=rng)
        once = correction_probability(clusters, 1, upsilon=upsilon, psi=1e-9, steps=1, visits=150, rng=rng)
        assert once == 0.0  # it was repaired at best, and nobody has said so yet
        assert tried == pytest.approx(exact, abs=0.03)  # 3000 visits
        longer = correction_probability(clusters, 1, upsilon=upsilon, psi=1e-9, visits=150, rng=rng)
        assert longer >= tried - 0.03


def test_noise_repairs_two_errors_more_often_until_it_is_too_strong() -> None:
    rng = np.random.default_rng(8)
    clusters = [cluster(rng) for _ in range(20)]
    chances = [correction_probability(clusters, 2, upsilon=u, visits=50, rng=rng) for u in (0.0, 0.4, 0.85)]
    assert chances[1] > chances[0] + 0.3
    assert chances[1] > chances[2] + 0.3
    silent = correction_probability(clusters, 1, nu=0.0, psi=50.0, visits=5, rng=rng)
    assert silent == 0.0  # no constraint complains, and the error stays
    assert np.isnan(correction_probability(clusters, 41, rng=rng))
    assert np.isnan(correction_probability([], 1, rng=rng))


def test_retries_and_perfect_clusters_help() -> None:
    corrected = CASES[0.4][0]
    assert correctable_share(corrected, 40, 4, 40) > correctable_share(corrected, 40, 4)
    assert remaining_errors(0.2, [1.0] * 40, 40, 4) == 0.0
    assert remaining_errors(0.2, [0.0], 40, 4) == pytest.approx(0.2)


@pytest.mark.parametrize("upsilon", [0.0, 0.2, 0.4])
def test_one_step_of_a_cluster_is_what_a_simulation_finds(upsilon: float) -> None:
    rng = np.random.default_rng(4)
    w = rng.standard_normal((20, 40)) * (rng.random((20, 40)) < 0.8)
    signs, contacts = np.sign(w), (w != 0).sum(axis=0)
    repaired = 0
    for _ in range(4000):
        x = np.zeros(40)
        x[rng.integers(40)] = rng.choice([-1.0, 1.0])
        heard = signs.T @ np.sign(w @ x) / contacts + rng.uniform(-upsilon, upsilon, 40)
        x -= np.sign(heard) * (np.abs(heard) >= 0.95)
        repaired += not x.any()
    assert one_step_correction(w, 0.95, upsilon) == pytest.approx(repaired / 4000, abs=0.025)


@pytest.mark.parametrize(("barrier", "feedback", "diffusion"), [(0.4, 0.25, 0.01), (0.6, 0.4, 0.015)])
def test_cells_escape_as_kramers_says(barrier: float, feedback: float, diffusion: float) -> None:
    """Mean time to pass the top, over 400 cells; the formula is for high barriers and good to a tenth or two here."""
    tau, dt, rng = 0.05, 2e-4, np.random.default_rng(7)
    top = -0.5 + np.arcsin(feedback / barrier) / (2 * np.pi)
    z = np.full(400, -np.arcsin(feedback / barrier) / (2 * np.pi))
    passed = np.full(400, np.nan)
    for step in range(int(40 / dt)):
        z += (-barrier * np.sin(2 * np.pi * z) - feedback) * dt / tau
        z += np.sqrt(2 * diffusion * dt / tau) * rng.standard_normal(400)
        passed[np.isnan(passed) & (z < top - 0.2)] = step * dt
        if not np.isnan(passed).any():
            break
    assert not np.isnan(passed).any()
    assert 1 / passed.mean() == pytest.approx(float(escape_rate(barrier, feedback, diffusion, tau)), rel=0.2)


def test_nothing_escapes_without_noise_and_all_beyond_the_barrier() -> None:
    assert escape_rate(0.4, 0.1, 0.0, 0.05) == 0.0
    assert np.isinf(escape_rate(0.4, 0.5, 0.01, 0.05))
    assert (np.diff(escape_rate(0.4, np.linspace(0, 0.39, 9), 0.02, 0.05)) > 0).sum() >= 7
