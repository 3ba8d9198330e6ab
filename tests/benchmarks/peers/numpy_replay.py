"""Integrate-and-fire cells with noise and filtered synapses as plain numpy: all cells and trials at once."""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time

import numpy as np

CHUNK = 1000  # steps whose noise is drawn at once


@dataclass(frozen=True)
class Network:
    """All cells of a network in one row, and all its synaptic traces in another; times in steps, threshold 1, reset 0.

    ``tau_m``, ``bias``, ``noise`` and ``refractory`` are (cells,).  A spike of a cell adds its row of ``weights``, (cells,
    traces), to the traces, which decay with ``tau``, (traces,).  Each of ``felt`` says which traces which cells feel.
    """

    tau_m: np.ndarray
    bias: np.ndarray
    noise: np.ndarray
    refractory: np.ndarray
    weights: np.ndarray
    tau: np.ndarray
    felt: tuple[tuple[slice, slice], ...]


def run(network: Network, cue: np.ndarray, steps: int, seed: int) -> tuple[np.ndarray, float]:
    """Step, trial and cell of every spike, (spikes, 3), and seconds per step; ``cue`` is (steps, trials, cells)."""
    rng = np.random.default_rng(seed)
    trials, cells = cue.shape[1:]
    kept, decay = np.exp(-1 / network.tau_m), np.exp(-1 / network.tau)
    spread = network.noise * np.sqrt(1 - kept**2)
    v, traces = np.zeros((trials, cells)), np.zeros((trials, network.tau.size))
    free = np.zeros((trials, cells), dtype=np.int64)  # the first step that moves a cell again
    spikes = []
    began = process_time()
    for step in range(steps):
        if step % CHUNK == 0:
            noise = spread * rng.standard_normal((min(CHUNK, steps - step), trials, cells))
        drive = network.bias + cue[step] if step < len(cue) else np.tile(network.bias, (trials, 1))
        for some, feeling in network.felt:
            drive[:, feeling] += traces[:, some]
        v = np.where(step >= free, drive + kept * (v - drive) + noise[step % CHUNK], v)
        traces *= decay
        for trial, cell in np.argwhere(v > 1):  # few
            traces[trial] += network.weights[cell]
            v[trial, cell] = 0
            free[trial, cell] = step + network.refractory[cell]
            spikes.append((step, trial, cell))
    return np.array(spikes), (process_time() - began) / steps
