"""Dual rows measure the coefficients of a state in the patterns."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.evaluate import as_array
from neuroam.rules.dual_rows import dual_rows

RNG = np.random.default_rng(4)


def made(count: int, size: int) -> Sources:
    """Correlated bits: two thirds are on."""
    bits = (RNG.random((count, size)) < 2 / 3).astype(float)
    return Sources({"memory": PatternSet("memory", bits, True)}, {"memory": "bits"})


def rows(sources: Sources, **settings: object) -> np.ndarray:
    return as_array(dual_rows(sources, of="memory", **settings))  # type: ignore[arg-type]


def test_independent_patterns_do_not_disturb_each_other() -> None:
    sources = made(20, 60)
    assert rows(sources) @ sources.patterns["memory"].bipolar.T == pytest.approx(np.eye(20), abs=1e-12)


@pytest.mark.parametrize("count", [20, 90])
def test_the_product_is_the_pseudo_inverse_of_the_overlaps_times_them(count: int) -> None:
    """Also with more patterns than units, where O has rank 60; for any state."""
    sources, state = made(count, 60), RNG.choice([-1.0, 1.0], 60)
    x = sources.patterns["memory"].bipolar
    expected = np.linalg.pinv(x @ x.T / 60, rcond=1e-10) @ (x @ state / 60)
    assert rows(sources) @ state == pytest.approx(expected, abs=1e-10)


def test_pattern_stored_three_times_has_three_rows_of_a_third() -> None:
    sources = made(5, 60)
    bits = sources.patterns["memory"].values
    twice = Sources({"memory": PatternSet("memory", np.vstack([bits, bits[:1], bits[:1]]), True)}, {"memory": "bits"})
    alone = rows(sources)
    expected = np.vstack([alone[:1] / 3, alone[1:], alone[:1] / 3, alone[:1] / 3])
    assert rows(twice) == pytest.approx(expected, abs=1e-12)


def test_a_lag_shifts_the_rows() -> None:
    sources = made(5, 60)
    assert np.array_equal(rows(sources, lag=1, periodic=True), np.roll(rows(sources), -1, axis=0))
    assert not rows(sources, lag=1)[-1].any()


def test_a_cutoff_leaves_weak_directions_out() -> None:
    sources = made(20, 60)
    values = np.linalg.svd(sources.patterns["memory"].bipolar, compute_uv=False)
    share = float(np.sqrt(values[9] * values[10]) / values[0])
    assert np.linalg.matrix_rank(rows(sources, cutoff=share)) == 10


def test_without_patterns_there_are_no_rows() -> None:
    assert rows(made(0, 60)).shape == (0, 60)
