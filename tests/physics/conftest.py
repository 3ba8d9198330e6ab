"""The two-body circuits of Krotov & Hopfield (2021), each twice: settings for neuroam, and activations in numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
Activation = Callable[[Array], Array]


@dataclass(frozen=True)
class TwoBody:
    """A shipped model with settings; ``g`` and ``f`` are the outputs of features and hidden cells, (..., cells)."""

    model: str
    settings: dict[str, Any]
    g: Activation
    f: Activation

    def rate(self, v: Array, h: Array, xi: Array, tau_f: float, tau_h: float) -> tuple[Array, Array]:
        """dv/dt and dh/dt of the two-body circuit without input."""
        return (self.f(h) @ xi - v) / tau_f, (self.g(v) @ xi.T - h) / tau_h

    def reduced(self, v: Array, xi: Array, tau_f: float) -> Array:
        """dv/dt where the hidden cells follow at once."""
        return (self.f(self.g(v) @ xi.T) @ xi - v) / tau_f


def softmax(x: Array) -> Array:
    grown = np.exp(x - x.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


FEATURES: dict[str, Activation] = {
    "tanh": lambda v: np.tanh(4 * v),
    "sign": np.sign,
    "linear": lambda v: v,
    "spherical": lambda v: v / np.sqrt((v * v).sum(axis=-1, keepdims=True) + 1e-12),
}


def make(name: str, size: int, tau_f: float = 20.0, tau_h: float = 2.0, shift: float | None = None) -> TwoBody:
    """The circuit called ``name``: model, features, hidden cells.  Times in ms.

    ``A tanh x^4``, ``A sign max(x,0)^3``, ``A tanh exp``, ``B``, ``C max(x,0)^3``, ``C exp``.
    """
    model, *parts = name.split()
    features = parts[0] if model == "A" else {"B": "linear", "C": "spherical"}[model]
    scale = {"A": size, "B": 1.0, "C": size**0.5}[model]
    kind = parts[-1] if parts else "softmax"
    settings: dict[str, Any] = {
        "populations.features.cell": features,
        "populations.features.params": {"tau": f"{tau_f!r} ms"},
    }
    params: dict[str, Any] = {"tau": f"{tau_h!r} ms"}
    if kind == "softmax":
        cell, f = "softmax", lambda h: softmax(0.25 * h)
        params |= {"beta": 0.25}
    elif kind == "exp":
        beta, top = {"A": 0.25, "C": 2.0}[model], scale if shift is None else shift
        cell, f = "exponential", lambda h: np.exp(beta * (h - top))
        params |= {"beta": beta, "shift": top}
    else:
        order = int(kind[-1])
        rectified = kind.startswith("max")
        cell = "rectified_polynomial" if rectified else "polynomial"
        f = (lambda h: np.maximum(h / scale, 0) ** (order - 1)) if rectified else (lambda h: (h / scale) ** (order - 1))
        params |= {"n": order, "scale": scale}
    settings |= {"populations.hidden.cell": cell, "populations.hidden.params": params}
    shipped = {"A": "two_body_power", "B": "two_body_softmax", "C": "two_body_spherical"}[model]
    return TwoBody(shipped, settings, FEATURES[features], f)


@pytest.fixture(scope="session")
def two_body() -> Callable[..., TwoBody]:
    """`make`, for the tests of this folder."""
    return make


def protocol(size: int, count: int, steps: int, **more: Any) -> dict[str, Any]:
    """``steps`` steps without a cue, or from one if ``flips`` says how many units are wrong; every step is recorded."""
    epoch: dict[str, Any] = {"name": "settle", "duration": f"{steps} steps"}
    if "flips" in more:
        epoch |= {"show": {"corrupt": [{"flip": {"fraction": more.pop("flips")}}]}, "as": "state"}
    return {
        "patterns": {"memory": {"bernoulli": {"size": size, "count": count}}},
        "epochs": [epoch],
        "trials": count if "show" in epoch else 1,
        "record": {"features": {"variables": ["x"], "every": "1 steps"}},
        **more,
    }


@pytest.fixture(scope="session")
def settle() -> Callable[..., dict[str, Any]]:
    """`protocol`, for the tests of this folder."""
    return protocol
