"""How does what a search found grow along an axis?  Slopes of logarithms, beside those of the theory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

LAWS = {"power": "to the power", "exponential": "in bits per unit"}


def slopes_of(measures: Mapping[str, Any], lines: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Slopes by measure, and for every measure its own under ``""``, beside those of predictions of it by their names.

    Parameters
    ----------
    measures, lines
        As of `Swept`; those that a search found with ``slope`` have the attributes ``slope`` (a law) and ``along``.

    Returns
    -------
    dict
        DataArrays along the other axes: by least squares the exponent a of N^a for ``power``, and for ``exponential``
        the b of 2^(b N); NaN where there are fewer than two numbers.
    """
    found = {}
    for name, array in measures.items():
        if "slope" in array.attrs:
            law, along = array.attrs["slope"], array.attrs["along"]
            theory = {key: line for key, line in lines.items() if line.attrs.get("measure") == name}
            found[name] = {key: _slope(one, along, law) for key, one in {"": array, **theory}.items()}
    return found


def _slope(array: Any, along: str, law: str) -> Any:
    x = np.log2(array.coords[along].to_numpy()) if law == "power" else array.coords[along].to_numpy()
    values = array.transpose(along, ...).to_numpy()
    found = np.full(values.shape[1:], np.nan)
    for place in np.ndindex(*found.shape):
        y = values[(slice(None), *place)]
        there = np.isfinite(y) & (y > 0)
        if there.sum() > 1:
            found[place] = np.polyfit(x[there], np.log2(y[there]), 1)[0]
    like = array.isel({along: 0}, drop=True)
    return like.copy(data=found).drop_vars(["low", "high"], errors="ignore")
