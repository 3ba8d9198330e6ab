"""A measure in numbers: mean, confidence interval, and a form that JSON can hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def mean(array: Any) -> float | None:
    """Mean over all entries that are numbers; None if there is none."""
    values = _numbers(array)
    return float(values.mean()) if values.size else None


def ci95(array: Any) -> list[float] | None:
    """95 % confidence interval of the mean: Wilson's where the readout says so, else from Student's t.

    None for fewer than two numbers.
    """
    from scipy import stats

    values = _numbers(array)
    if values.size < 2:
        return None
    if array.attrs.get("interval") == "wilson" and np.isin(values, (0.0, 1.0)).all():
        low, high = stats.binomtest(int(values.sum()), values.size).proportion_ci(method="wilson")
        return [float(low), float(high)]
    half = float(stats.t.ppf(0.975, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size))
    return [float(values.mean()) - half, float(values.mean()) + half]


def as_json(array: Any) -> dict[str, Any]:
    """``{"dims": {DIM: [coordinates]}, "values": nested lists, "mean": ..., "ci95": ...}``; NaN becomes null."""
    dims = {
        str(dim): [_plain(x) for x in array.coords[dim].to_numpy().tolist()]
        if dim in array.coords
        else list(range(array.sizes[dim]))
        for dim in array.dims
    }
    return {"dims": dims, "values": _plain(array.to_numpy().tolist()), "mean": mean(array), "ci95": ci95(array)}


def _numbers(array: Any) -> NDArray[np.float64]:
    values = np.asarray(array.to_numpy(), dtype=float).ravel()
    return values[np.isfinite(values)]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
