"""A sweep as a table: a row for every point."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import isnan
from typing import Any

from neuroam.sweeps.swept import Swept, coordinate, dims_of, names_of


def rows(found: Swept) -> list[list[str]]:
    """Heads, then a row for every point: its place on the axes, and means with their intervals."""
    from neuroam.plots.sweep import points

    dims, heads = list(dims_of(found.axes)), list(names_of(found.axes))
    data = {name: points(array, dims) for name, array in found.measures.items()}
    axes = [[coordinate(part) for part in axis.together] for axis in found.axes]
    table = [[*heads, *data]]
    for place in product(*(range(len(axis.values)) for axis in found.axes)):
        row = [_value(values[number]) for parts, number in zip(axes, place, strict=True) for values in parts]
        for name, one in data.items():
            point = one.isel(dict(zip(dims, place, strict=True)))
            mean, low, high = (float(point[key]) for key in ("mean", "low", "high"))
            interval = "" if isnan(low) else f" ({low:.4g} to {high:.4g})"
            row.append(_cell(mean, interval, found.measures[name].attrs))
        table.append(row)
    return table


def _value(value: Any) -> str:
    """A value of an axis; those of a logarithmic range have as many digits as a person reads."""
    return f"{value:.6g}" if isinstance(value, float) and not value.is_integer() else str(value)


def _cell(mean: float, interval: str, attrs: Mapping[str, Any]) -> str:
    """A mean with its interval; of a search that met its limits, which one."""
    if isnan(mean):
        return f"< {attrs['from']}, or failed" if "from" in attrs else "failed"
    return f">= {mean:.4g}" if mean == attrs.get("to") else f"{mean:.4g}{interval}"
