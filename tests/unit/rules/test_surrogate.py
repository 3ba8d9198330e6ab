"""Surrogate weights have the means and variances of additive ones, and share no noise."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam import load
from neuroam.circuit import PatternSet, Sources
from neuroam.errors import FunctionError, SpecError
from neuroam.resolve import resolve
from neuroam.rules.surrogate import surrogate
from neuroam.tables import entries, expansion, weight_covariances

SIZE, COUNT, LEVEL = 6, 12, 0.3


def sources(x: np.ndarray) -> Sources:
    return Sources({"memory": PatternSet("memory", x, True, LEVEL)}, {})


@pytest.mark.parametrize("table", ["simple_hebb", "covariance", "pre_gated", "post_gated"])
def test_moments_given_the_target(table: str) -> None:
    """20 000 draws: standard errors of 1 % of a variance, and 0.007 of a correlation."""
    x = (np.random.default_rng(1).random((COUNT, SIZE)) < LEVEL).astype(float)
    x[0] = [1, 1, 0, 0, 1, 0]
    rng = np.random.default_rng(2)
    drawn = np.array([surrogate(sources(x), rng, of="memory", table=table).values for _ in range(20_000)])  # type: ignore[arg-type]
    bits, away = x[0].astype(int), ~np.eye(SIZE, dtype=bool)
    variance = (COUNT - 1) * weight_covariances(table, LEVEL).variance  # type: ignore[arg-type]
    mean = entries(table, LEVEL)[bits[:, None], bits[None, :]] + (COUNT - 1) * expansion(table, LEVEL).constant  # type: ignore[arg-type]
    assert np.abs(drawn.mean(axis=0) - mean)[away].max() < 5 * np.sqrt(variance / 20_000)
    assert drawn.var(axis=0)[away] == pytest.approx(variance, rel=0.06)
    for other in (drawn[:, 0, 2], drawn[:, 2, 1], drawn[:, 2, 0], drawn[:, 3, 4]):
        assert abs(np.corrcoef(drawn[:, 0, 1], other)[0, 1]) < 0.035
    mutual = np.corrcoef(drawn[:, 0, 1], drawn[:, 1, 0])[0, 1]
    assert mutual == pytest.approx(0.0 if "gated" in table else 1.0, abs=0.035)
    assert (drawn[:, ~away] == 0).all()


def test_all_patterns_kept_are_the_additive_weights() -> None:
    x = (np.random.default_rng(3).random((COUNT, SIZE)) < LEVEL).astype(float)
    found = surrogate(sources(x), np.random.default_rng(0), of="memory", kept=COUNT, gain=2.0).values
    expected = 2.0 * x.T @ x
    np.fill_diagonal(expected, 0.0)
    assert np.allclose(found, expected, rtol=0, atol=1e-12)


def test_what_cannot_be_kept_is_refused() -> None:
    x = np.ones((2, SIZE))
    with pytest.raises(FunctionError, match="does not hold 3 binary patterns"):
        surrogate(sources(x), np.random.default_rng(0), of="memory", kept=3)
    graded = Sources({"memory": PatternSet("memory", x / 3, False)}, {})
    with pytest.raises(FunctionError, match="does not hold 1 binary patterns"):
        surrogate(graded, np.random.default_rng(0), of="memory")


@pytest.mark.parametrize(
    ("kept", "trials", "asked"),
    [(1, 2, "trial 1 asks for pattern 1"), (3, {"patterns": [0, 4]}, "trial 1 asks for pattern 4")],
)
def test_a_pattern_that_is_not_kept_cannot_be_asked_for(kept, trials, asked):
    """It would look forgotten."""
    settings = {
        "patterns.memory.bernoulli": {"size": 10, "count": 5},
        "trials": trials,
        "matrices.w.surrogate.kept": kept,
    }
    with pytest.raises(SpecError) as refused:
        resolve(load("recall_correlated", "correlation_control", settings))
    problem = refused.value.problems[0]
    assert problem.path == "trials"
    assert problem.what == f"{asked}, and 'w' (surrogate) keeps only the first {kept}"


def test_a_pattern_that_is_kept_can():
    settings = {"patterns.memory.bernoulli": {"size": 10, "count": 5}, "trials": 3, "matrices.w.surrogate.kept": 3}
    assert resolve(load("recall_correlated", "correlation_control", settings))[1].count == 3
