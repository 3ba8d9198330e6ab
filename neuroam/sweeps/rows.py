"""A sweep as a table: a row for every point."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import isnan
from typing import Any

from neuroam.sweeps.swept import Swept, coordinate, dims_of


def rows(found: Swept) -> list[list[str]]:
    """Heads, then a row for every point: its place on the axes, and means with their intervals."""
    from neuroam.plots.sweep import points

    dims = list(dims_of(found.axes))
    data = {name: points(array, dims) for name, array in found.measures.items()}
    names = [coordinate(axis) for axis in found.axes]
    table = [[*dims, *data]]
    for place in product(*(range(len(axis.values)) for axis in found.axes)):
        row = [str(values[number]) for values, number in zip(names, place, strict=True)]
        for name, one in data.items():
            point = one.isel(dict(zip(dims, place, strict=True)))
            mean, low, high = (float(point[key]) for key in ("mean", "low", "high"))
            interval = "" if isnan(low) else f" ({low:.4g} to {high:.4g})"
            row.append(_cell(mean, interval, found.measures[name].attrs))
        table.append(row)
    return table


def _cell(mean: float, interval: str, attrs: Mapping[str, Any]) -> str:
    """A mean with its interval; of a search that met its limits, which one."""
    if isnan(mean):
        return f"< {attrs['from']}, or failed" if "from" in attrs else "failed"
    return f">= {mean:.4g}" if mean == attrs.get("to") else f"{mean:.4g}{interval}"
