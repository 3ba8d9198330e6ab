"""The numbers of the residual loop, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import Dense, PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.rules.centred import centred
from neuroam.units import SECOND, Quantity
from neuroam.values.whitening import unit_variance, whitening_ridge, whitening_share, whitening_time


def sources(size: int, count: int, level: float, **matrices: np.ndarray) -> Sources:
    patterns = {"memory": PatternSet("memory", np.zeros((count, size)), True, level)}
    return Sources(patterns, {}, {name: Dense(values) for name, values in matrices.items()})


def test_numbers() -> None:
    given = sources(400, 120, 0.5)
    assert unit_variance(given, of="memory", per=20).value == pytest.approx(0.0125)
    assert unit_variance(given, of="memory", summed=True).value == pytest.approx(30.0)
    assert whitening_ridge(given, of="memory").value == pytest.approx(5.0)
    assert whitening_share(given, of="memory").value == pytest.approx(0.3 / 1.05)
    assert whitening_ridge(sources(100, 3, 0.5), of="memory").value == 2.5
    assert whitening_share(sources(100, 300, 0.5), of="memory").value == pytest.approx(1 / 1.1)  # no more than all


def test_the_fastest_direction_has_the_given_time() -> None:
    given = sources(100, 3, 0.5, c=np.diag([3.0, -7.0, 1.0]))
    found = whitening_time(given, of="memory", through="c", fastest=Quantity(2e-3, SECOND))
    assert found.value == pytest.approx(2e-3 * 9.5)
    assert found.dimension == SECOND


def test_the_ridge_is_above_the_noise_of_binary_synapses() -> None:
    """Independent weights of +-s: eigenvalues up to 2 s sqrt(N); the diagonal does not count."""
    rng = np.random.default_rng(1)
    upper = np.triu(0.3 * rng.choice([-1.0, 1.0], (400, 400)), 1)
    noise = upper + upper.T
    given = sources(400, 3, 0.5, c=noise + 5 * np.eye(400))
    found = whitening_ridge(given, of="memory", noise_of="c").value
    assert found == pytest.approx(2.8 * 0.3 * 20, rel=0.01)
    assert np.linalg.eigvalsh(noise)[0] == pytest.approx(-found / 1.4, rel=0.03)
    assert whitening_ridge(given, of="memory", noise_of="c", edges=0.1).value == pytest.approx(5.0)  # share of N v
    slow = whitening_time(given, of="memory", through="c", fastest=Quantity(1e-3, SECOND), noise_of="c").value
    assert slow == pytest.approx(1e-3 * (found + np.linalg.norm(noise + 5 * np.eye(400), 2)))


def test_weights_of_both_directions_are_centred_together() -> None:
    w = np.random.default_rng(2).random((12, 12)) * (1 - np.eye(12))
    found = centred(sources(12, 3, 0.5, w=w), of="w", port="memory", diagonal=False).values
    same = centred(sources(12, 3, 0.5, w=(w + w.T) / 2), of="w", port="memory", diagonal=False).values
    assert np.array_equal(found, found.T)
    assert np.allclose(found, same, rtol=0, atol=1e-12)
    assert np.abs(found.sum(axis=1)).max() < 1e-9
    assert not np.diagonal(found).any()


def test_what_has_no_variance_is_refused() -> None:
    with pytest.raises(FunctionError, match="no variance"):
        whitening_share(sources(10, 3, 1.0), of="memory")
    with pytest.raises(FunctionError, match="no covariance"):
        centred(sources(10, 3, 0.0, w=np.zeros((10, 10))), of="w", port="memory")
    for wrong in (np.ones((10, 10)), np.zeros((10, 9)), np.zeros((2, 2))):
        with pytest.raises(FunctionError, match="three or more cells"):
            centred(sources(10, 3, 0.5, w=wrong), of="w", port="memory")
