"""Every value function keeps the promise of its room: one quantity, or one number per cell or row, with a dimension."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuroam.circuit import Dense, PatternSet, Sources
from neuroam.units import HERTZ, ONE, SECOND, Dimension, Quantity
from neuroam.values import value

SIZE = 7
# settings, how many numbers come out (0: one for all), and their dimension; a new function gets a line here
EXAMPLES: dict[str, tuple[dict[str, Any], int, Dimension]] = {
    "coding_level": ({"of": "memory"}, 0, ONE),
    "age": ({}, SIZE, ONE),
    "count": ({"of": "memory"}, 0, ONE),
    "gains_for_dwell": ({"dwell": "memory.dwell", "tau": "100 ms"}, 3, ONE),
    "index": ({}, SIZE, ONE),
    "inhibition_for_level": ({"of": "memory", "through": "claws", "alone": 0.5, "level": 0.3}, 0, ONE),
    "normal": ({"mean": "20 ms", "sd": "1 ms"}, SIZE, SECOND),
    "recall_scale": ({"of": "w", "decoder": "plug_in"}, 0, ONE),
    "recall_threshold": ({"of": "w"}, 10, ONE),
    "relaxation_step": ({"of": "memory"}, 0, ONE),
    "separation_steepness": ({"of": "memory"}, 0, ONE),
    "sqrt_units": ({"of": "memory"}, 0, ONE),
    "strength": ({"of": "claws"}, SIZE, ONE),
    "threshold_for_level": ({"of": "memory", "through": "claws", "level": 0.5}, 0, HERTZ),
    "uniform": ({"low": "90 ms", "high": "280 ms"}, SIZE, SECOND),
    "unit_variance": ({"of": "memory", "per": 10, "summed": True}, 0, ONE),
    "units": ({"of": "memory"}, 0, ONE),
    "weight_variance": ({"of": "memory", "table": "pre_gated"}, 0, ONE),
    "whitening_ridge": ({"of": "memory"}, 0, ONE),
    "whitening_share": ({"of": "memory"}, 0, ONE),
    "whitening_time": ({"of": "memory", "through": "claws", "fastest": "2 ms"}, 0, SECOND),
}


W = Dense(np.zeros((10, 10)))  # patterns of one active unit each
MADE = {"w": ("additive", {"of": "memory"})}
CLAWS = Dense(np.random.default_rng(0).random((SIZE, 10)))


def call(name: str, seed: int = 1) -> tuple[np.ndarray, Dimension]:
    memory = PatternSet("memory", np.eye(3, 10), True, 0.1, attributes={"dwell": np.array([0.1, 0.2, 0.15])})
    entry = value[name]
    offers: dict[str, Any] = {
        "sources": Sources({"memory": memory}, {"memory": "bits"}, {"claws": CLAWS, "w": W}, made=MADE),
        "size": SIZE,
        "rng": np.random.default_rng(seed),
    }
    settings = entry.schema.model_validate(EXAMPLES[name][0])
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    found = entry.function(**{key: offers[key] for key in entry.offers}, **given)
    return (np.asarray(found.value), found.dimension) if isinstance(found, Quantity) else found


def test_every_value_function_has_an_example() -> None:
    assert sorted(EXAMPLES) == list(value)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_value_has_its_shape_and_dimension(name: str) -> None:
    _, count, dimension = EXAMPLES[name]
    numbers, found = call(name)
    assert numbers.shape == ((count,) if count else ())
    assert np.isfinite(numbers).all()
    assert found == dimension


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_same_seed_gives_the_same_value_and_another_seed_another(name: str) -> None:
    first, again, other = (call(name, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert np.array_equal(first, other) == ("rng" not in value[name].offers)
