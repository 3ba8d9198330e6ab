"""Clusters visited in turn (Karbasi et al. 2013, Algorithms 1 and 2), as plain numpy: all trials at once.

Trials whose cluster is satisfied, and those that are done, take no further part in a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Cluster:
    """Members of a cluster and their constraints, (constraints, members)."""

    units: np.ndarray
    weights: np.ndarray

    @cached_property
    def to_constraints(self) -> np.ndarray:
        """(members, constraints)."""
        return np.ascontiguousarray(self.weights.T)

    @cached_property
    def votes(self) -> np.ndarray:
        """Signs of the weights over the number of constraints of a member, (constraints, members)."""
        signs = np.sign(self.weights)
        return np.ascontiguousarray(signs / np.maximum((signs != 0).sum(axis=0), 1))


@dataclass(frozen=True)
class Setting:
    """Noise of pattern and constraint cells, thresholds, and the most steps and rounds."""

    upsilon: float
    nu: float = 0.0
    phi: float = 0.95
    psi: float = 0.01
    steps: int = 40
    rounds: int = 40


def recall(clusters: list[Cluster], cues: np.ndarray, setting: Setting, seed: int) -> tuple[np.ndarray, int]:
    """States after recall, (trials, units), and how many steps with a move all trials took together."""
    rng = np.random.default_rng(seed)
    x = cues.astype(float)
    going = np.arange(len(x))
    taken = 0
    for _ in range(setting.rounds):
        failed, repaired = np.zeros(len(x), bool), np.zeros(len(x), bool)
        for cluster in clusters:
            saved = x[np.ix_(going, cluster.units)]
            state = saved.copy()
            open_, moved = np.arange(going.size), np.zeros(going.size, bool)
            for _ in range(setting.steps):
                noisy = state[open_] @ cluster.to_constraints
                if setting.nu:
                    noisy += rng.uniform(-setting.nu, setting.nu, noisy.shape)
                y = np.sign(noisy) * (np.abs(noisy) > setting.psi + setting.nu)
                open_ = open_[(wrong := y.any(axis=1))]
                if not open_.size:
                    break
                vote = y[wrong] @ cluster.votes
                if setting.upsilon:
                    vote += rng.uniform(-setting.upsilon, setting.upsilon, vote.shape)
                state[open_] = np.clip(state[open_] - np.sign(vote) * (np.abs(vote) >= setting.phi), -10, 100)
                moved[open_] = True
                taken += open_.size
            state[open_] = saved[open_]  # the visit failed
            failed[going[open_]] = True
            moved[open_] = False
            repaired[going[moved]] = True
            x[np.ix_(going, cluster.units)] = state
        going = going[failed[going]]
        if not setting.upsilon and not setting.nu:
            going = going[repaired[going]]
        if not going.size:
            break
    return x, taken
