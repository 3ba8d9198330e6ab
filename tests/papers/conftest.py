"""Recall in large samples, and the load at which it fails in half of the trials."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

LAST = {"last": "1 steps"}


def recall(size: int, count: int, flips: float, duration: str, *, trials: int, networks: int = 1, **more: Any) -> Any:
    """A protocol: a share of the units of a cue is wrong; is every unit right in the end?"""
    return {
        "patterns": {"memory": {"bernoulli": {"size": size, "count": count}}},
        "epochs": [
            {
                "name": "recall",
                "duration": duration,
                "show": {"corrupt": [{"flip": {"fraction": flips}}]},
                "as": "state",
            }
        ],
        "trials": trials,
        "networks": networks,
        "measure": {
            "success": {"port": "memory", "window": LAST, "above": 0.999},
            "overlap": {"port": "memory", "window": LAST},
        },
        **more,
    }


def half_load(success: Callable[[int], float], low: float, high: float, halvings: int = 5) -> float:
    """The load with success 1/2, by bisection of its logarithm between two loads that enclose it."""
    assert success(round(low)) > 0.5 > success(round(high)), "the half load is not between these two"
    for _ in range(halvings):
        middle = math.sqrt(low * high)
        if success(round(middle)) > 0.5:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)


@pytest.fixture(scope="session")
def recall_protocol() -> Callable[..., Any]:
    """`recall`, for the tests of this folder."""
    return recall


@pytest.fixture(scope="session")
def find_half_load() -> Callable[..., float]:
    """`half_load`, for the tests of this folder."""
    return half_load
