"""A measure in numbers: mean, confidence interval, and a form that JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONG = {"time", "part", "pattern"}  # dimensions along which a measure is a curve
UNDEFINED = "not defined here"
BOUNDS = {"wilson": (0.0, 1.0), "share": (0.0, 1.0), "overlap": (-1.0, 1.0)}  # what the attribute ``interval`` says
MAX_LABELS = 12  # of a dimension whose means are listed


@dataclass(frozen=True)
class Line:
    """A measure in words: ``mean`` with its unit, ``interval``, and what else there is to say."""

    name: str
    mean: str
    interval: str = ""
    note: str = ""


def lines(measures: Mapping[str, Any]) -> Iterator[Line]:
    """What people want to read of measures; those that name things (the winner) have no mean."""
    for name, array in measures.items():
        labels = [str(dim) for dim in array.dims if dim not in ("trial", "network")]
        unit = "" if array.attrs.get("units", "1") == "1" else f" {array.attrs['units']}"
        if LONG & set(array.dims):
            yield Line(name, "", note=f"{' x '.join(f'{n} {dim}' for dim, n in array.sizes.items())}, in recording.h5")
        elif array.attrs.get("holds"):
            continue
        elif labels and array.sizes[labels[0]] <= MAX_LABELS:
            yield Line(name, _by_label(array, labels[0], unit))
        else:
            middle, around = mean(array), ci95(array)
            yield Line(
                name,
                UNDEFINED if middle is None else f"{middle:.4g}{unit}",
                "" if around is None else f"{around[0]:.4g} to {around[1]:.4g}",
                ", ".join(f"over {array.sizes[dim]} of '{dim}'" for dim in labels),
            )


def _by_label(array: Any, dim: str, unit: str) -> str:
    """Means along one labelled dimension: ``target 41.2, others 0.3 Hz``."""
    means = {label: mean(array.sel({dim: label})) for label in array.coords[dim].to_numpy().tolist()}
    text = ", ".join(f"{label} {middle:.4g}" for label, middle in means.items() if middle is not None)
    return f"{text}{unit}" if text else UNDEFINED


def mean(array: Any) -> float | None:
    """Mean over all entries that are numbers; None if there is none."""
    values = _numbers(array)
    return float(values.mean()) if values.size else None


def ci95(array: Any) -> list[float] | None:
    """95 % confidence interval of the mean: Student's t, or Wilson's.

    The draws are trials and networks: over what else there is (times, cells), a trial counts with its mean.  Wilson's,
    where the readout says so, takes every draw for one toss of a coin, which is cautious: a share varies at most as
    much.  A share or an overlap stays within its bounds.  None for fewer than two draws, and for a share or an overlap
    that is at one of its bounds in all of them: what varies elsewhere says nothing there.  A number that has its own
    interval, in the coordinates ``low`` and ``high``, keeps it.
    """
    if {"low", "high"} <= set(array.coords) and not array.dims:
        own = [float(array.coords[key]) for key in ("low", "high")]
        return own if all(map(math.isfinite, own)) else None
    values = _numbers(_per_trial(array))
    if values.size < 2:
        return None
    kind = array.attrs.get("interval", "")
    least, most = BOUNDS.get(kind, (-math.inf, math.inf))
    inside = least <= values.min() and values.max() <= most
    if inside and kind == "wilson":
        return _wilson(float(values.mean()), values.size)
    if inside and (values.min() == most or values.max() == least):
        return None
    from scipy.special import stdtrit  # scipy.stats takes most of a second to import

    half = float(stdtrit(values.size - 1, 0.975) * values.std(ddof=1) / math.sqrt(values.size))
    low, high = float(values.mean()) - half, float(values.mean()) + half
    return [max(least, low), min(most, high)] if inside else [low, high]


def _per_trial(array: Any) -> Any:
    """One value per trial and network; nothing where there are none."""
    drawn = [dim for dim in array.dims if dim in ("trial", "network")]
    if not drawn:
        return array[..., :0] if array.dims else array
    others = [dim for dim in array.dims if dim not in drawn]
    return array.mean(dim=others, keep_attrs=True) if others else array


def _wilson(share: float, count: int) -> list[float]:
    """Wilson (1927) J Am Stat Assoc 22:209: the shares that are less than 1.96 of their own errors away."""
    z = NormalDist().inv_cdf(0.975)
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return [max(0.0, centre - half), min(1.0, centre + half)]


def as_json(array: Any) -> dict[str, Any]:
    """``{"dims": {DIM: [coordinates]}, "values": nested lists, "mean": ..., "ci95": ...}``; NaN becomes null.

    With ``"coords": {NAME: nested lists}`` where there is more to say about the entries.
    """
    dims = {
        str(dim): [plain(x) for x in array.coords[dim].to_numpy().tolist()]
        if dim in array.coords
        else list(range(array.sizes[dim]))
        for dim in array.dims
    }
    found = {"dims": dims, "values": plain(array.to_numpy().tolist()), "mean": mean(array), "ci95": ci95(array)}
    beside = {str(name): plain(array.coords[name].to_numpy().tolist()) for name in array.coords if name not in dims}
    return found | ({"coords": beside} if beside else {})


def _numbers(array: Any) -> NDArray[np.float64]:
    values = np.asarray(array.to_numpy(), dtype=float).ravel()
    return values[np.isfinite(values)]


def plain(value: Any) -> Any:
    """The same for JSON, which knows neither NaN nor infinity: null in their place."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
