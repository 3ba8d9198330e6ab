"""Many runs of one protocol with other values: one labelled result, and nothing lost.

Points are runs of their own, one after the other; each uses all cores.  A sweep directory holds

* ``points/KEY.nc``: the measures of every finished point, under a hash of all that it follows from; a sweep that is
  interrupted finds them again,
* ``measures.nc``: all measures along all axes, and ``sweep.png``,
* ``sweep.json``: axes, settings, versions, failed points with their reasons; written last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neuroam import pipeline, store, summary
from neuroam.errors import BuildError, FunctionError, Problem, RunError, SpecError, StoreError, Where
from neuroam.predictions import prediction
from neuroam.seeds import Seeds
from neuroam.sim.build import own_text
from neuroam.spec.load import SET, load
from neuroam.spec.nouns import Spec
from neuroam.spec.settings import split_over
from neuroam.spec.sweep import Axis, axes_of, theory_of

OWNER = "of.json"  # in the folder of points: what they are of
MAX_POINTS = 200_000
TAKEN = ("trial", "network", "repeat", "pattern", "time", "cluster", "row", "cell", "unit", "part", "code", "set", "k")
Say = Callable[[str], None]
Tick = Callable[[float], None]


@dataclass(frozen=True)
class Asked:
    """A protocol, what is set in it, and what varies."""

    protocol: str
    model: str | None
    settings: Sequence[str]
    axes: Sequence[Axis]
    theory: Mapping[str, Mapping[str, Any]]
    base: Spec

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis.values) for axis in self.axes)

    def spec(self, place: Sequence[int]) -> Spec:
        """The protocol at one point."""
        own = [axis.setting(number) for axis, number in zip(self.axes, place, strict=True)]
        return load(self.protocol, self.model, [*self.settings, "sweep={}", *own])


@dataclass(frozen=True)
class Swept:
    """``measures`` by name, along all ``axes`` first; a measure is NaN where a point failed.

    ``lines`` are places on the first axis that a prediction names, along the other axes; ``failed`` says why, by point.
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
            "axes": {axis.path: list(axis.values) for axis in self.axes},
            "measures": {name: _nested(array, names) for name, array in self.measures.items()},
            "theory": {name: array.to_numpy().tolist() for name, array in self.lines.items()},
            "done": points - len(self.failed),
            "failed": len(self.failed),
            "run_dir": None if folder is None else str(folder),
        }


def asked(protocol: str, model: str | None = None, settings: Sequence[str] = (), over: Sequence[str] = ()) -> Asked:
    """What a sweep is made of: the axes of the protocol, or those of ``over`` (``PATH=V1,V2,...``) instead.

    Raises
    ------
    SpecError
        With every problem of the files, the settings and the axes.
    """
    base = load(protocol, model, settings)
    block = base.protocol.spec.sweep
    axes = (
        [Axis(path, tuple(map(_plain, values))) for path, values in map(split_over, over)] if over else axes_of(block)
    )
    if not axes:
        fix = "add a 'sweep:' block, or give --over PATH=V1,V2,..."
        where = base.protocol.document.where(())
        raise SpecError([Problem(where, "sweep", "nothing says what varies", fix)])
    _refuse_impossible(base, axes)
    repeated = {axis.path for axis in axes if sum(other.path == axis.path for other in axes) > 1}
    if repeated:
        raise SpecError([Problem(Where("--over"), path, "the axis is given twice", "") for path in sorted(repeated)])
    paths = [axis.path for axis in axes]
    theory = {name: given for name, given in theory_of(block).items() if given["axis"] in paths}
    found = Asked(protocol, model, settings, axes, theory, base)
    problems: list[Problem] = []
    for number, axis in enumerate(axes):  # every value, with the first ones of the other axes
        for value in range(len(axis.values)):
            try:
                found.spec([value if other == number else 0 for other in range(len(axes))])
            except SpecError as error:
                problems += [_of_axis(problem, base, axis, value) for problem in error.problems]
    if problems:
        raise SpecError(list(dict.fromkeys(problems)))
    return found


def _of_axis(problem: Problem, base: Spec, axis: Axis, value: int) -> Problem:
    """A problem of a value of an axis: where the axis stands, if that says more than the setting alone."""
    mine = problem.where.file == f"{SET}{axis.setting(value)}"
    return replace(problem, where=_where(base, axis)) if mine and axis in axes_of(base.protocol.spec.sweep) else problem


def _refuse_impossible(base: Spec, axes: Sequence[Axis]) -> None:
    """Grids that are too large, values that stand there twice, axes without effect, and nothing to measure."""
    protocol, problems = base.protocol, []
    count = int(np.prod([float(len(axis.values)) for axis in axes]))
    if count > MAX_POINTS:
        what = f"{count} points are more than {MAX_POINTS}"
        problems.append(Problem(Where("sweep"), "", what, "take fewer values"))
    if not protocol.spec.measure:
        what = "nothing is measured, so nothing would be left of a point"
        problems.append(Problem(protocol.document.where(()), "measure", what, "add a measure to the protocol"))
    for axis in axes:
        twice = {value for value in map(repr, axis.values) if list(map(repr, axis.values)).count(value) > 1}
        if twice:
            what = f"the value {', '.join(sorted(twice))} stands there twice"
            problems.append(Problem(_where(base, axis), f"sweep.{axis.path}", what, "leave one out"))
        section, _, control = axis.path.partition(".")
        first = protocol.spec.epochs[0]
        if section == "controls" and control in first.set:
            what = f"the epoch '{first.name}' sets '{control}' from the start, so this axis would change nothing"
            fix = f"vary epochs.{first.name}.set.{control}"
            problems.append(Problem(_where(base, axis), f"sweep.{axis.path}", what, fix))
    if problems:
        raise SpecError(problems)


def _where(base: Spec, axis: Axis) -> Where:
    """Where an axis stands: in the protocol, or on the command line."""
    protocol = base.protocol
    mine = axis in axes_of(protocol.spec.sweep)
    return protocol.document.where(("sweep", axis.path)) if mine else Where("--over")


def sweep(
    wanted: Asked,
    folder: Path,
    device: str = "auto",
    say: Say = print,
    start: Callable[[int], Tick] = lambda _: _ignore,
) -> Swept:
    """Run every point that is not in the folder yet, and put all together there.

    Parameters
    ----------
    wanted : Asked
        From `asked`.
    folder : Path
        The sweep directory; what is there of the same sweep is not run again.
    device : {"auto", "numpy", "cpp", "cuda"}
        Where to run.
    say, start
        As of `neuroam.pipeline.run`; the bar counts points.

    Raises
    ------
    StoreError
        If the folder holds something else, or the disk refuses.
    EnvironmentLacks
        If nothing can be run here.
    """
    points = _opened(folder, wanted)
    places = list(product(*(range(count) for count in wanted.shape)))
    say(f"{wanted.base.protocol.name} on {wanted.base.model.name}: {len(places)} points")
    keys = {place: _key(wanted.spec(place), device) for place in places}
    missing = [place for place in places if not _is_whole(points / f"{keys[place]}.nc")]
    if len(missing) < len(places):
        say(f"resuming: {len(places) - len(missing)} points are there from before")
    tick = start(len(places))
    failed: dict[tuple[int, ...], str] = {}
    for number, place in enumerate(missing):
        tick((len(places) - len(missing) + number) / len(places))
        reason = _run(wanted, place, points / f"{keys[place]}.nc", device)
        if reason:
            failed[place] = reason
    tick(1.0)
    arrays = {place: store.read_measures(points / f"{key}.nc") for place, key in keys.items() if place not in failed}
    reasons = {_named(wanted.axes, place): reason for place, reason in failed.items()}
    found = Swept(wanted.base.protocol.spec.title, wanted.axes, _joined(wanted, arrays), _lines(wanted, say), reasons)
    _save(found, wanted, folder)
    return found


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
        axes = [Axis(path, tuple(values)) for path, values in facts["axes"].items()]
        measures = store.read_measures(folder / "measures.nc")
        lines = store.read_measures(folder / "theory.nc")
        return Swept(facts["title"], axes, measures, lines, facts["reasons"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folder} is damaged ({error}): run it again") from None


def is_sweep(folder: Path) -> bool:
    """Whether a folder is that of a sweep, whole or not."""
    return (folder / "points").is_dir()


def dims_of(axes: Sequence[Axis]) -> dict[str, Axis]:
    """Axes by the shortest name that tells them apart: the last word of the path, or more."""
    found: dict[str, Axis] = {}
    for axis in axes:
        words = axis.path.split(".")
        others = [other.path.split(".") for other in axes if other is not axis]
        name = axis.path
        for length in range(1, len(words) + 1):
            name = ".".join(words[-length:])
            if name not in TAKEN and all(words[-length:] != other[-length:] for other in others):
                break
        found[name] = axis
    return found


def _plain(text: str) -> Any:
    """A value of ``--over``: a number or a list where it is one, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _ignore(_: float) -> None:
    pass


def _opened(folder: Path, wanted: Asked) -> Path:
    """The folder of points, made if need be; it belongs to one protocol, one model and certain axes."""
    store.refuse_unwritable(folder)
    if folder.exists() and not is_sweep(folder):
        store.refuse_filled(folder)
    points, axes = folder / "points", sorted(axis.path for axis in wanted.axes)
    mine = [wanted.base.protocol.name, wanted.base.model.name, *axes]
    try:
        theirs = json.loads((points / OWNER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        theirs = mine
    if theirs != mine:
        protocol, model, *paths = theirs
        raise StoreError(
            f"{folder} holds a sweep of {protocol} on {model} over {', '.join(paths)}: name another directory with -o"
        )
    points.mkdir(parents=True, exist_ok=True)
    store.write_text(points / OWNER, json.dumps(mine))
    for left in points.glob("*.tmp"):
        left.unlink(missing_ok=True)
    return points


def _key(spec: Spec, device: str) -> str:
    """A hash of all that the measures of a point follow from."""
    data = [[part.protocol.document.data, part.model.document.data] for part in (spec, *spec.stages.values())]
    files = [store.component_texts(part) for part in (spec, *spec.stages.values())]
    versions = [store.version_of(package) for package in ("neuroam", "brian2", "numpy")]
    words = [device, own_text(), *versions, json.dumps(_canonical([data, files]), sort_keys=True, default=str)]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]


def _canonical(data: Any) -> Any:
    """The same data with 2 in place of 2.0."""
    if isinstance(data, dict):
        return {key: _canonical(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_canonical(value) for value in data]
    return int(data) if isinstance(data, float) and data.is_integer() else data


def _run(wanted: Asked, place: Sequence[int], path: Path, device: str) -> str:
    """Run one point and keep what it measured; why it failed, or ""."""
    for again in (True, False):
        try:
            store.write_measures(path, pipeline.run(wanted.spec(place), device, say=_say_nothing).measures)
        except RunError as error:
            if again:  # a disk that was full, a machine that had no memory: once more
                continue
            return str(error)
        except (SpecError, BuildError) as error:  # would fail again
            return str(error)
        break
    return ""


def _is_whole(path: Path) -> bool:
    """Whether a finished point can be read; one that cannot is run again."""
    try:
        return bool(store.read_measures(path))
    except (OSError, ValueError, KeyError, RuntimeError):
        path.unlink(missing_ok=True)
        return False


def _say_nothing(_: str) -> None:
    pass


def _named(axes: Sequence[Axis], place: Sequence[int]) -> str:
    return ", ".join(axis.setting(number) for axis, number in zip(axes, place, strict=True))


def _joined(wanted: Asked, arrays: Mapping[tuple[int, ...], Mapping[str, Any]]) -> dict[str, Any]:
    """Every measure along the axes, NaN where there is none."""
    import xarray as xr

    dims, shape = dims_of(wanted.axes), wanted.shape
    coords = {name: _coordinate(axis) for name, axis in dims.items()}
    found = {}
    for measure in wanted.base.protocol.spec.measure:
        there = {place: measures[measure] for place, measures in arrays.items() if measure in measures}
        if not there:
            continue
        together = xr.concat(list(there.values()), dim="point", join="outer", combine_attrs="override")
        flat = [int(np.ravel_multi_index(place, shape)) for place in there]
        together = together.assign_coords(point=flat).reindex(point=np.arange(int(np.prod(shape))))
        together = together.rename({dim: f"{dim}_" for dim in together.dims if dim in dims})
        rest = [dim for dim in together.dims if dim != "point"]
        values = together.transpose("point", *rest).to_numpy().reshape(*shape, *(together.sizes[dim] for dim in rest))
        kept = {dim: together.coords[dim] for dim in rest if dim in together.coords}
        attrs = next(iter(there.values())).attrs
        found[measure] = xr.DataArray(values, dims=(*dims, *rest), coords={**coords, **kept}, attrs=attrs)
    return found


def _coordinate(axis: Axis) -> list[Any]:
    """Numbers as they are, everything else as text."""
    plain = all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis.values)
    if plain:
        return list(axis.values)
    texts = [str(value) for value in axis.values]
    try:
        return [float(text) for text in texts]
    except ValueError:
        return texts


def _lines(wanted: Asked, say: Say) -> dict[str, Any]:
    """What theory says: a place on its axis, for the first value of that axis and all values of the others."""
    import xarray as xr

    found = {}
    dims = dims_of(wanted.axes)
    for name, given in wanted.theory.items():
        settings = {key: value for key, value in given.items() if key != "axis"}
        own = next(number for number, axis in enumerate(wanted.axes) if axis.path == given["axis"])
        others = [number for number in range(len(wanted.axes)) if number != own]
        shape = tuple(wanted.shape[number] for number in others)
        values = np.full(shape, np.nan)
        for place in product(*(range(count) for count in shape)):
            full = [0] * len(wanted.axes)
            for number, value in zip(others, place, strict=True):
                full[number] = value
            try:
                values[place] = _predicted(name, settings, wanted.spec(full))
            except (SpecError, FunctionError, RunError, BuildError) as error:
                say(f"no prediction '{name}': {error}")
                break
        names = [list(dims)[number] for number in others]
        coords = {key: _coordinate(dims[key]) for key in names}
        found[name] = xr.DataArray(values, dims=names, coords=coords, attrs={"axis": list(dims)[own]}, name=name)
    return found


def _predicted(name: str, settings: Mapping[str, Any], spec: Spec) -> float:
    entry = prediction[name]
    given = entry.schema.model_validate(settings)
    circuit, trials = pipeline.resolved(spec)
    seeds = Seeds.derive(spec.protocol.spec.seed)
    offers = {"circuit": circuit, "trials": trials, "rng": seeds.stream("trial", f"prediction:{name}")}
    chosen = {key: getattr(given, key) for key in type(given).model_fields}
    return float(entry.function(**{key: offers[key] for key in entry.offers}, **chosen))


def _nested(array: Any, names: Sequence[str]) -> dict[str, Any]:
    """Mean and interval of every point, nested over the axes."""
    shape = tuple(array.sizes[name] for name in names)
    means, intervals = np.empty(shape, dtype=object), np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        point = array.isel(dict(zip(names, place, strict=True)))
        means[place], intervals[place] = summary.mean(point), summary.ci95(point)
    return {"mean": means.tolist(), "ci95": intervals.tolist()}


def _save(found: Swept, wanted: Asked, folder: Path) -> None:
    store.write_measures(folder / "measures.nc", found.measures)
    for name in ("theory.nc", "sweep.png"):  # of an earlier sweep
        (folder / name).unlink(missing_ok=True)
    if found.lines:
        store.write_measures(folder / "theory.nc", found.lines)
    facts = {
        "title": found.title,
        "protocol": wanted.base.protocol.name,
        "model": wanted.base.model.name,
        "settings": list(wanted.settings),
        "axes": {axis.path: list(axis.values) for axis in found.axes},
        "reasons": dict(found.failed),
        "packages": store.versions(),
    }
    for kind in ("map", "curves"):  # the last one that suits stays
        with suppress(FunctionError):
            found.figure(kind).savefig(folder / "sweep.png")
    store.write_text(folder / "sweep.json", json.dumps(facts, indent=1))
