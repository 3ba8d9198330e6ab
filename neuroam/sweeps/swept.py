"""What is left of a sweep: measures along its axes, on disk and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neuroam import store, summary
from neuroam.errors import FunctionError, SpecError, StoreError
from neuroam.spec.axes import Axis
from neuroam.spec.yaml import parse
from neuroam.sweeps.slopes import slopes_of

FOLDER = "points"
TAKEN = ("trial", "network", "repeat", "pattern", "time", "cluster", "row", "cell", "unit", "part", "code", "set", "k")


@dataclass(frozen=True)
class Swept:
    """``measures`` by name, along all ``axes`` first; a measure is NaN where a point failed.

    ``lines`` are what theory says along the axes: values of the ``measure`` that an attribute names, or places on
    the ``axis`` that one names, along the others; ``failed`` says why, by point.
    """

    title: str
    axes: Sequence[Axis]
    measures: Mapping[str, Any]
    lines: Mapping[str, Any] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    def figure(self, kind: Literal["curves", "map"] = "curves") -> Any:
        """A matplotlib figure: measures along the axes as curves, or as a map of two.

        Raises
        ------
        FunctionError
            If the sweep does not suit it; the message says what would.
        """
        from neuroam.plots import sweep as plot
        from neuroam.plots.style import new_figure

        figure = new_figure()
        plot.draw(self.title, list(dims_of(self.axes)), self.measures, self.lines, figure, kind)
        return figure

    def as_json(self, folder: Path | None) -> dict[str, Any]:
        """The object that ``neuroam sweep --json`` prints."""
        names = list(dims_of(self.axes))
        points = int(np.prod([len(axis.values) for axis in self.axes]))
        return {
            "axes": {part.path: list(part.values) for axis in self.axes for part in axis.together},
            "zip": [[part.path for part in axis.together] for axis in self.axes if axis.beside],
            "measures": {name: _nested(array, names) for name, array in self.measures.items()},
            "theory": {name: summary.plain(array.to_numpy().tolist()) for name, array in self.lines.items()},
            "slopes": {
                name: {key or "measured": summary.plain(array.to_numpy().tolist()) for key, array in slopes.items()}
                for name, slopes in slopes_of(self.measures, self.lines).items()
            },
            "done": points - len(self.failed),
            "failed": len(self.failed),
            "reasons": dict(self.failed),
            "run_dir": None if folder is None else str(folder),
        }


def read(folder: Path) -> Swept:
    """A sweep directory.

    Raises
    ------
    StoreError
        If it is not a whole sweep.
    """
    if not (folder / "sweep.json").exists():
        raise StoreError(f"{folder} is not a whole sweep: run it again, with the same command")
    try:
        facts = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
        axes = _axes_in(facts)
        measures = store.read_measures(folder / "measures.nc")
        lines = store.read_measures(folder / "theory.nc")
        return Swept(facts["title"], axes, measures, lines, facts["reasons"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder} is damaged ({error}): run it again") from None


def values_in(folder: Path) -> set[str]:
    """``PATH=VALUE`` of all values along all axes of the table in a folder; none if it holds no whole one."""
    try:
        facts = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
        return {text for axis in _axes_in(facts) for text in axis.texts()}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _axes_in(facts: Mapping[str, Any]) -> list[Axis]:
    parts = {path: Axis(path, tuple(values)) for path, values in facts["axes"].items()}
    for first, *others in facts.get("zip", []):
        parts[first] = replace(parts[first], beside=tuple(parts.pop(other) for other in others))
    return list(parts.values())


def save(found: Swept, folder: Path, facts: Mapping[str, Any]) -> None:
    """Write a sweep directory; what says that it is whole comes last, with more ``facts`` beside."""
    for name in ("sweep.json", "measures.nc", "theory.nc", "sweep.png"):  # of an earlier sweep
        (folder / name).unlink(missing_ok=True)
    if found.measures:  # there is none if all points failed
        store.write_measures(folder / "measures.nc", found.measures)
    if found.lines:
        store.write_measures(folder / "theory.nc", found.lines)
    for kind in ("map", "curves"):  # the last one that suits stays
        with suppress(FunctionError):
            found.figure(kind).savefig(folder / "sweep.png")
    axes = {part.path: list(part.values) for axis in found.axes for part in axis.together}
    together = [[part.path for part in axis.together] for axis in found.axes if axis.beside]
    whole = {
        "title": found.title,
        "axes": axes,
        "zip": together,
        "reasons": dict(found.failed),
        "packages": store.versions(),
        **facts,
    }
    store.write_text(folder / "sweep.json", json.dumps(whole, indent=1))


def is_sweep(folder: Path) -> bool:
    """Whether a folder is that of a sweep, whole or not."""
    return (folder / FOLDER).is_dir()


def names_of(axes: Sequence[Axis]) -> dict[str, Axis]:
    """Axes, and what goes together with them, by the shortest name that tells them apart: the last word, or more."""
    found: dict[str, Axis] = {}
    parts = [part for axis in axes for part in axis.together]
    for axis in parts:
        words = axis.path.split(".")
        others = [other.path.split(".") for other in parts if other is not axis]
        name = axis.path
        for length in range(1, len(words) + 1):
            name = ".".join(words[-length:])
            if name not in TAKEN and all(words[-length:] != other[-length:] for other in others):
                break
        found[name] = axis
    return found


def dims_of(axes: Sequence[Axis]) -> dict[str, Axis]:
    """The dimensions of a result by name, as of `names_of`."""
    return {name: axis for name, axis in names_of(axes).items() if axis in axes}


def coords_of(axes: Sequence[Axis]) -> dict[str, Any]:
    """Values along every dimension, also of what goes together with an axis."""
    names = {axis.path: name for name, axis in names_of(axes).items()}
    return {names[part.path]: (names[axis.path], coordinate(part)) for axis in axes for part in axis.together}


def coordinate(axis: Axis) -> list[Any]:
    """Numbers as they are, everything else as text; calls by the names of their functions, if these differ."""
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis.values)
    if plain:
        return list(axis.values)
    texts = [str(value) for value in axis.values]
    try:
        return [float(text) for text in texts]
    except ValueError:
        names = [_called(value) for value in axis.values]
        return names if len(set(names)) == len(names) else texts


def _called(value: Any) -> str:
    """The function of ``{function: {...}}``, as text or as it is; anything else as text."""
    with suppress(SpecError):
        found = parse(f"value: {value}", "").data["value"] if isinstance(value, str) else value
        if isinstance(found, dict) and len(found) == 1 and isinstance(next(iter(found.values())), dict):
            return str(next(iter(found)))
    return str(value)


def _nested(array: Any, names: Sequence[str]) -> dict[str, Any]:
    """Mean and interval of every point, nested over the axes."""
    shape = tuple(array.sizes[name] for name in names)
    means, intervals = np.empty(shape, dtype=object), np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        point = array.isel(dict(zip(names, place, strict=True)))
        means[place], intervals[place] = summary.mean(point), summary.ci95(point)
    return {"mean": means.tolist(), "ci95": intervals.tolist()}
