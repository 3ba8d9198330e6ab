"""How does a pattern row become cells, and back?  One pair of functions per code."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Array, PatternSet

CELLS_PER_UNIT = {"bits": 1, "bipolar": 1, "on_off": 2, "levels": 1, "rates": 1, "tokens": 1, "one_hot": 1}


def encode(rows: Array, code: str, binary: bool) -> Array:
    """Pattern rows (P, units) as activity of cells (P, cells), in the code's own numbers.

    ``bits``: 1 for an active unit, else 0.  ``bipolar``: +1 or -1.  ``on_off``: all on cells, then all off cells, one
    of each pair is 1.  ``levels`` and ``rates``: the numbers themselves.  A unit that is not shown (NaN) is 0.
    """
    rows = np.asarray(rows, dtype=float)
    if code == "on_off":
        coded = np.concatenate([rows, 1.0 - rows], axis=-1)
    elif code == "bipolar" and binary:
        coded = 2.0 * rows - 1.0
    else:
        coded = rows
    return np.where(np.isnan(coded), 0.0, coded)


def decode(activity: Array, code: str) -> Array:
    """Activity (..., cells) as bipolar units (..., units): the sign of the unit's evidence, 0 if there is none."""
    if code == "on_off":
        on, off = np.split(activity, 2, axis=-1)
        return np.sign(on - off)
    if code in ("bits", "one_hot"):
        middle = 0.5 * (activity.max(axis=-1, keepdims=True) + activity.min(axis=-1, keepdims=True))
        return np.sign(activity - middle)
    return np.sign(activity)


def coded_patterns(patterns: PatternSet, code: str) -> Array:
    """All stored patterns in the code of a port, (P, cells)."""
    return encode(patterns.values, code, patterns.binary)
