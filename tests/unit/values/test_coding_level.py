"""Threshold and inhibition lead to the levels that they were made for; the inhibition solves the circuit's equation."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import Dense, Ones, PatternSet, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.values.coding_level import inhibition_for_level, threshold_for_level

CELLS, UNITS, COUNT = 500, 12, 30
RNG = np.random.default_rng(3)
PATTERNS = RNG.gamma(1.0, 40.0, (COUNT, UNITS))
MATRIX = (RNG.random((CELLS, UNITS)) < 0.4).astype(float)


def sources(matrix: object = None, patterns: np.ndarray = PATTERNS) -> Sources:
    return Sources(
        {"odour": PatternSet("odour", patterns, False)}, {"odour": "rates"}, {"claws": matrix or Dense(MATRIX)}
    )


def by_steps(drive: np.ndarray, threshold: float, g: float) -> np.ndarray:
    """Activity of cells under inhibition that follows their mean, after many small steps."""
    pool = np.zeros(len(drive))
    for _ in range(4000):
        pool += 0.01 * (np.maximum(drive - threshold - g * pool[:, None], 0.0).mean(axis=1) - pool)
    return np.maximum(drive - threshold - g * pool[:, None], 0.0)


@pytest.mark.parametrize(("alone", "level"), [(0.2, 0.1), (0.5, 0.05)])
def test_levels_are_reached(alone, level):
    threshold = threshold_for_level(sources(), of="odour", through="claws", level=alone).value
    g = inhibition_for_level(sources(), of="odour", through="claws", alone=alone, level=level).value
    drive = PATTERNS @ MATRIX.T
    assert (drive > threshold).mean() == pytest.approx(alone, abs=1e-3)
    assert (by_steps(drive, threshold, g) > 0).mean() == pytest.approx(level, abs=2e-3)


def test_every_kind_of_matrix_is_read():
    rows = [np.flatnonzero(row) for row in MATRIX]
    indptr = np.concatenate([[0], np.cumsum([row.size for row in rows])])
    sparse = Sparse((CELLS, UNITS), indptr, np.concatenate(rows), np.ones(indptr[-1]))
    dense = threshold_for_level(sources(), of="odour", through="claws", level=0.2)
    assert threshold_for_level(sources(sparse), of="odour", through="claws", level=0.2).value == pytest.approx(
        dense.value
    )
    total = threshold_for_level(sources(Ones((3, UNITS))), of="odour", through="claws", level=0.5)
    assert total.value == pytest.approx(np.quantile(PATTERNS.sum(axis=1), 0.5))


def test_copies_lie_side_by_side():
    twice = Dense(np.repeat(MATRIX, 2, axis=1) / 2)
    one = threshold_for_level(sources(), of="odour", through="claws", level=0.2)
    assert threshold_for_level(sources(twice), of="odour", through="claws", level=0.2).value == pytest.approx(one.value)


def test_what_cannot_be_is_refused():
    with pytest.raises(FunctionError, match="cannot raise the level from 0.1 to 0.2"):
        inhibition_for_level(sources(), of="odour", through="claws", alone=0.1, level=0.2)
    with pytest.raises(FunctionError, match="12 units do not go through a matrix of 7 columns"):
        threshold_for_level(sources(Dense(np.ones((4, 7)))), of="odour", through="claws")
    with pytest.raises(FunctionError, match="no matrix 'wings'"):
        threshold_for_level(sources(), of="odour", through="wings")
    with pytest.raises(FunctionError, match="holds no patterns"):
        threshold_for_level(sources(patterns=np.empty((0, UNITS))), of="odour", through="claws")
    with pytest.raises(FunctionError, match="no inhibition leaves a share of"):  # all answer alike: none or all
        inhibition_for_level(
            sources(Ones((3, UNITS)), np.tile(PATTERNS[:1], (4, 1)) * np.array([[1.0], [1], [1], [2]])),
            of="odour", through="claws", alone=0.25, level=0.01,
        )  # fmt: skip
