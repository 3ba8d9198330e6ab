"""Every prediction keeps the promise of its room: one number, the same for the same seed, and words for what it lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import neuroam
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.resolve import resolve

SMALL = {"patterns.memory.subspace": {"count": 2, "generators": 6, "size": 60, "clusters": 5, "degree": 2},
         "matrices.w.null_space.inputs": 12, "controls.upsilon": 0.2}  # fmt: skip
# settings that suit the circuit below; a new prediction gets a line here
EXAMPLES: dict[str, dict[str, Any]] = {"cluster_threshold": {"port": "memory", "visits": 20}}


@pytest.fixture(scope="module")
def world() -> tuple[Any, Any]:
    return resolve(neuroam.load("noise_benefit", settings=SMALL))


def call(name: str, world: tuple[Any, Any], seed: int = 1) -> float:
    entry = prediction[name]
    settings = entry.schema.model_validate(EXAMPLES[name])
    offers = {"circuit": world[0], "trials": world[1], "rng": np.random.default_rng(seed)}
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    return entry.function(**{key: offers[key] for key in entry.offers}, **given)


def test_every_prediction_has_an_example() -> None:
    assert sorted(EXAMPLES) == list(prediction)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_prediction_is_one_number(name: str, world: tuple[Any, Any]) -> None:
    found = call(name, world)
    assert isinstance(found, float)
    assert np.isfinite(found)
    assert call(name, world) == found


def test_a_threshold_needs_clusters(world: tuple[Any, Any]) -> None:
    circuit, trials = world
    bare = replace(circuit.patterns["memory"], attributes={})
    with pytest.raises(FunctionError, match="have no clusters"):
        call("cluster_threshold", (replace(circuit, patterns={"memory": bare}), trials))
    lif = dict(circuit.populations) | {"pattern": replace(circuit.populations["pattern"], params={})}
    with pytest.raises(FunctionError, match="no single number 'phi'"):
        call("cluster_threshold", (replace(circuit, populations=lif), trials))
