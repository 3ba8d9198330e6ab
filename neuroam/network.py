"""One network of a run: what it is, what it was put through, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Learned, Trials
from neuroam.recording import Recording

Adjusted = Mapping[str, NDArray[np.float64]]  # factors of pattern rows, by path of the model


@dataclass(frozen=True)
class Network:
    """One drawing of the structure, what it was put through, and what it did."""

    circuit: Circuit
    trials: Trials
    recording: Recording
    learned: Learned = field(default_factory=dict)
    adjusted: Adjusted = field(default_factory=dict)
