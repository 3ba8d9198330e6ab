"""The same steps as a JAX scan, compiled by XLA for one CPU thread; a peer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.benchmarks.peers import answer
from tests.benchmarks.peers.numpy_loops import BETA, DT, TAU_FEATURES, TAU_HIDDEN

Arrays = dict[str, np.ndarray]


def _timed(step: Callable[..., Any], start: tuple[Any, ...], weights: tuple[Any, ...], steps: int) -> dict[str, Any]:
    """Seconds per step of a scan that is compiled beforehand; weights are arguments, not constants to fold."""

    @jax.jit
    def scan(state: Any, given: Any) -> Any:
        return jax.lax.scan(lambda state, _: (step(state, *given), None), state, length=steps)[0]

    state, given = jax.device_put((start, weights))
    started = process_time()
    jax.block_until_ready(scan(state, given))
    first = process_time() - started
    started = process_time()
    final = jax.block_until_ready(scan(state, given))
    seconds = process_time() - started
    return {"seconds": seconds / steps, "compile": first - seconds, "final": np.asarray(final[0]).tolist()}


def dense(_: Path, arrays: Arrays, steps: int, precision: str) -> dict[str, Any]:
    """``circuits/dense.yaml``."""
    jax.config.update("jax_enable_x64", precision == "float64")
    x, w = arrays["x"].astype(precision), arrays["w"].astype(precision)
    held, kept = np.exp(-DT / 1e6).astype(precision), np.exp(-DT / 10.0).astype(precision)

    def step(state: Any, w: Any) -> Any:
        y, x = state
        drive = x @ w
        return drive + kept * (y - drive), x * held

    return _timed(step, (np.zeros((len(x), w.shape[1]), precision), x), (w,), steps)


def recall(_: Path, arrays: Arrays, steps: int, precision: str, scale: float) -> dict[str, Any]:
    """``models/two_body_power.yaml``."""
    jax.config.update("jax_enable_x64", precision == "float64")
    x, h, xi = (arrays[name].astype(precision) for name in ("x", "h", "xi"))
    gain_x, gain_h = -np.expm1(-DT / TAU_FEATURES), -np.expm1(-DT / TAU_HIDDEN)

    def step(state: Any, xi: Any, turned: Any) -> Any:
        x, h = state
        rectified = jnp.maximum(h / scale, 0)
        to_hidden, to_features = jnp.tanh(BETA * x) @ turned, (rectified * rectified) @ xi
        return x + gain_x * (to_features - x), h + gain_h * (to_hidden - h)

    return _timed(step, (x, h), (xi, np.ascontiguousarray(xi.T)), steps)


if __name__ == "__main__":
    answer({"dense": dense, "recall": recall})
