"""Every corruption keeps the promise of its room: a new pattern of the same size, the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam.stimuli import corruption

N = 200
# settings that change something; a new corruption gets a line here
EXAMPLES: dict[str, dict[str, Any]] = {
    "add": {"fraction": 0.125, "amplitude": 2.0},
    "channel": {"r01": 0.1, "r10": 0.3},
    "drop": {"fraction": 0.5},
    "flip": {"fraction": 0.15},
    "jitter": {"sd": 0.2},
    "mask": {"fraction": 0.25},
}
# settings that change nothing
NOTHING: dict[str, dict[str, Any]] = {
    "add": {"fraction": 0.0},
    "channel": {"r01": 0.0, "r10": 0.0},
    "drop": {"fraction": 0.0},
    "flip": {"fraction": 0.0},
    "jitter": {"sd": 0.0},
    "mask": {"fraction": 0.0},
}


def shown() -> NDArray[np.float64]:
    return (np.random.default_rng(2).random(N) < 0.3).astype(float)


def call(name: str, settings: dict[str, Any], seed: int = 1, pattern: NDArray[np.float64] | None = None) -> Any:
    entry = corruption[name]
    offers: dict[str, Any] = {"pattern": shown() if pattern is None else pattern, "rng": np.random.default_rng(seed)}
    checked = entry.schema.model_validate(settings)
    given = {key: getattr(checked, key) for key in type(checked).model_fields}
    return entry.function(**{key: offers[key] for key in entry.offers}, **given)


def differs(name: str, settings: dict[str, Any]) -> NDArray[np.bool_]:
    found = call(name, settings)
    return np.asarray((found != shown()) | np.isnan(found))


def test_every_corruption_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(NOTHING) == list(corruption)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_corruption_returns_a_new_pattern_of_the_same_size(name: str) -> None:
    given = shown()
    found = call(name, EXAMPLES[name], pattern=given)
    assert found.shape == (N,)
    assert np.array_equal(given, shown())
    assert differs(name, EXAMPLES[name]).any()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_same_seed_gives_the_same_cue_and_another_seed_another(name: str) -> None:
    first, again, other = (call(name, EXAMPLES[name], seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, other, equal_nan=True)


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_no_corruption_changes_nothing(name: str) -> None:
    assert np.array_equal(call(name, NOTHING[name]), shown())


@pytest.mark.parametrize(("name", "number"), [("add", 25), ("flip", 30), ("mask", 50)])
def test_a_fraction_of_all_units_is_exact(name: str, number: int) -> None:
    assert differs(name, EXAMPLES[name]).sum() == number


def test_drop_takes_a_fraction_of_the_active_units_and_adds_none() -> None:
    found, active = call("drop", {"fraction": 0.5}), int(shown().sum())
    assert found.sum() == active - round(0.5 * active)
    assert (found <= shown()).all()


def test_add_changes_levels_up_and_down_by_its_amplitude() -> None:
    change = call("add", {"fraction": 0.5, "amplitude": 2.0}) - shown()
    assert sorted(set(change)) == [-2.0, 0.0, 2.0]


def test_a_channel_flips_each_state_with_its_own_probability() -> None:
    pattern = np.repeat([0.0, 1.0], 20_000)
    wrong = call("channel", {"r01": 0.1, "r10": 0.3}, pattern=pattern) != pattern
    # five standard deviations of a share of 20000 draws
    assert wrong[:20_000].mean() == pytest.approx(0.1, abs=5 * np.sqrt(0.1 * 0.9 / 20_000))
    assert wrong[20_000:].mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.3 * 0.7 / 20_000))


def test_a_unit_that_is_not_shown_stays_hidden() -> None:
    pattern = np.array([np.nan, 1.0, 0.0, 1.0])
    for name, settings in EXAMPLES.items():
        assert np.isnan(call(name, settings, pattern=pattern)[0])
