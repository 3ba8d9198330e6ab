"""Every pattern function keeps the promise of its room: one row per pattern, the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuroam.circuit import PatternSet
from neuroam.patterns import pattern
from neuroam.transforms import step

TABLE = "odour,a,b,c\nx,3,-1,4\ny,1,5,9\nz,2,6,-5\n"
TEXT = "red sun over red hills\nhills under a red moon\nsun and moon\n"

# settings that work in a folder with the files above; a new function gets a line here
EXAMPLES: dict[str, dict[str, Any]] = {
    "bernoulli": {"size": 30, "count": 6, "coding_level": 0.3},
    "blocks": {"count": 6, "copies": 3},
    "correlated": {"size": 30, "count": 6, "correlation": 0.5},
    "digits": {"count": 5, "min_distance": 4},
    "frames": {"file": "frames.npy"},
    "images": {"count": 6, "then": ["divide_by_mean"]},
    "k_hot": {"size": 30, "count": 6, "coding_level": 0.2},
    "moving_digits": {"count": 6, "clip": 4},
    "odours": {"count": 6, "receptors": 5, "then": ["rectify"]},
    "ring_subspace": {"size": 40, "count": 6, "generators": 10, "ones": 2, "reach": 3, "clusters": 5, "window": 16},
    "subspace": {"size": 40, "count": 6, "generators": 5, "clusters": 4, "degree": 2},
    "table": {"file": "table.csv", "then": ["rectify", {"divide_by_pool": {"r_max": "165 Hz"}}]},
    "token_windows": {"window": 3},
}
GROWING = ("bernoulli", "correlated", "k_hot", "moving_digits", "odours", "ring_subspace", "subspace")
STEPS: dict[str, dict[str, Any]] = {
    "divide_by_length": {},
    "rectify": {},
    "divide_by_mean": {},
    "divide_by_pool": {"r_max": "100 Hz"},
}


def call(name: str, folder: Path, seed: int = 1, **changed: Any) -> PatternSet:
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    (folder / "text.txt").write_text(TEXT, encoding="utf-8")
    np.save(folder / "frames.npy", np.eye(6).reshape(6, 2, 3))
    entry = pattern[name]
    offers: dict[str, Any] = {"rng": np.random.default_rng(seed), "folder": folder}
    settings = entry.schema.model_validate(EXAMPLES[name] | changed)
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    found = entry.function(**{key: offers[key] for key in entry.offers}, **given)
    assert isinstance(found, PatternSet)
    return found


def test_every_pattern_function_and_step_has_an_example() -> None:
    assert sorted(EXAMPLES) == list(pattern)
    assert sorted(STEPS) == list(step)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_patterns_are_finite_rows_and_binary_only_if_they_say_so(name: str, tmp_path: Path) -> None:
    found = call(name, tmp_path)
    assert found.values.ndim == 2
    assert found.values.dtype == float
    assert np.isfinite(found.values).all()
    if found.binary:
        assert np.isin(found.values, (0.0, 1.0)).all()
    for key in found.per_row:
        assert len(found.attributes[key]) == found.count
    if "count" in EXAMPLES[name]:
        assert found.count == EXAMPLES[name]["count"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_same_seed_gives_the_same_patterns_and_another_seed_others(name: str, tmp_path: Path) -> None:
    found = [call(name, tmp_path, seed) for seed in (1, 1, 2)]
    first, again, other = (one.values if one.rows is None else one.rows.indices[:500] for one in found)
    assert np.array_equal(first, again)
    assert np.array_equal(first, other) == ("rng" not in pattern[name].offers)


@pytest.mark.parametrize("name", GROWING)
def test_more_patterns_leave_the_first_ones_as_they_were(name: str, tmp_path: Path) -> None:
    assert np.array_equal(call(name, tmp_path).values, call(name, tmp_path, count=9).values[:6])


@pytest.mark.parametrize("name", sorted(STEPS))
def test_a_step_keeps_the_shape_and_works_row_by_row(name: str) -> None:
    values = np.random.default_rng(3).uniform(0.0, 50.0, (4, 6))
    before = values.copy()
    entry = step[name]
    settings = entry.schema.model_validate(STEPS[name])
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    whole = entry.function(values, **given)
    assert np.array_equal(values, before)
    assert whole.shape == values.shape
    for row, expected in zip(values, whole, strict=True):
        assert np.allclose(entry.function(row[None, :], **given)[0], expected, rtol=1e-12)
