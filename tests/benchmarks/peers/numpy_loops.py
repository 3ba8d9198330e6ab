"""The same steps as numpy loops, on the BLAS that numpy came with."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]
DT, TAU_FEATURES, TAU_HIDDEN, BETA = 0.1, 20.0, 2.0, 4.0  # ms; cells/tanh.yaml, cells/rectified_polynomial.yaml


def dense(w: np.ndarray, x: np.ndarray, steps: int) -> float:
    """Seconds per step of the bare product; ``w`` is (N, K), ``x`` (trials, N)."""
    state = x[0] if len(x) == 1 else x
    result = np.empty((*state.shape[:-1], w.shape[1]), dtype=w.dtype)
    started = process_time()
    for _ in range(steps):
        np.matmul(state, w, out=result)
    return (process_time() - started) / steps


def follow(w: np.ndarray, x: np.ndarray, steps: int) -> np.ndarray:
    """Where ``circuits/dense.yaml`` ends: y after ``steps`` steps."""
    kept, held = np.exp(-DT / 10.0), np.exp(-DT / 1e6)
    drive, y = x @ w, np.zeros((len(x), w.shape[1]))
    for _ in range(steps):
        y = drive + kept * (y - drive)
        drive = drive * held
    return y


def recall(xi: np.ndarray, x: np.ndarray, h: np.ndarray, steps: int, scale: float) -> tuple[np.ndarray, float]:
    """Features after ``steps`` steps of ``models/two_body_power.yaml``, and seconds per step."""
    x, h, turned = x.copy(), h.copy(), np.ascontiguousarray(xi.T)
    gain_x, gain_h = -np.expm1(-DT / TAU_FEATURES), -np.expm1(-DT / TAU_HIDDEN)
    started = process_time()
    for _ in range(steps):
        to_hidden = np.tanh(BETA * x) @ turned
        rectified = np.maximum(h / scale, 0.0)
        to_features = (rectified * rectified) @ xi
        x += gain_x * (to_features - x)
        h += gain_h * (to_hidden - h)
    return x, (process_time() - started) / steps


def replay(now: np.ndarray, f: Function, advance: Function, start: np.ndarray, steps: int) -> tuple[np.ndarray, float]:
    """States of ``models/sequence_dense.yaml`` before every step and after the last, and seconds per step.

    ``f`` is the separation function, and ``advance`` leads from the hidden cells to the drive of the features.
    """
    states = np.empty((steps + 1, start.size))
    states[0] = start
    started = process_time()
    for step in range(steps):
        overlap = (now @ states[step]) / start.size
        states[step + 1] = np.where(advance(f(overlap)) >= 0, 1.0, -1.0)
    return states, (process_time() - started) / steps
