"""What would a run take?  Batches, memory and disk, and which values may change without compiling again.

Which ones may is not looked up but tried: every number of the two files is changed a little, and the key of the
program compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neuroam.errors import SpecError
from neuroam.limits import size_text
from neuroam.markup import block, table, tag
from neuroam.pipeline import begun_after_stages, size_of
from neuroam.recorded import RATE, refuse_impossible, refuse_too_large, wanted
from neuroam.resolve import finish
from neuroam.sim import cache
from neuroam.sim.batches import cores
from neuroam.sim.build import compiler, key_of
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import batch_size, prepare
from neuroam.spec.axes import Axis, axis_over
from neuroam.spec.load import load
from neuroam.spec.nouns import Spec

SPIKE = 16  # bytes of a recorded spike, in memory
MEGA = 1e6
TRIED = 256  # trials from which programs are compared: more make the same one but for the room that rare onsets take
NOT_TRIED = ("format", "title", "references", "based_on", "model", "where")
NUMBER = re.compile(r"\s*([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Asked:
    """What the person named."""

    protocol: str
    model: str | None = None
    settings: Sequence[str] = ()
    batch: int | None = None

    def spec(self, *more: str) -> Spec:
        return load(self.protocol, self.model, [*self.settings, *more])


@dataclass(frozen=True)
class Need:
    """One program and what it works on; sizes are in bytes."""

    key: str
    summary: str
    batches: int
    batch: int
    memory: int
    disk: int
    numbers: int


@dataclass(frozen=True)
class Planned:
    """``axes`` counts the programs that the values of every wanted axis need; the others are paths.

    ``free`` may be anything, ``near`` only what there is room for, ``fixed`` are compiled in.
    """

    need: Need
    built: bool
    axes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    free: Sequence[str] = ()
    near: Sequence[str] = ()
    fixed: Sequence[str] = ()

    def _repr_html_(self) -> str:
        facts = [line.partition(": ") for line in _facts(self)]
        rows = [(head, rest) if rest else ("size", head) for head, _, rest in facts]
        axes = [(path, values, programs) for path, (values, programs) in self.axes.items()]
        lists = [
            tag("details", tag("summary", f"{title} ({len(paths)})"), *(tag("div", path) for path in paths))
            for title, paths in _kinds(self)
        ]
        return block("plan of a run", table(("", ""), rows), table(("axis", "values", "programs"), axes), *lists)


def planned(asked: Asked, over: Sequence[str] = ()) -> Planned:
    """What the run takes; for the axes of ``over``, how many programs; without them, which values are free."""
    spec = asked.spec()
    need = _need(spec, asked.batch)
    built = any(entry.key == need.key for entry in cache.entries())
    if not over:
        return Planned(need, built, {}, *_tried(asked, spec))
    axes = {", ".join(part.path for part in axis.together): axis for axis in map(axis_over, over)}
    return Planned(need, built, {name: _axis(asked, axis) for name, axis in axes.items()})


def _axis(asked: Asked, axis: Axis) -> tuple[int, int]:
    """How many values an axis has, and how many programs a sweep over it compiles."""
    specs = [asked.spec(*axis.settings(number)) for number in range(len(axis.values))]
    return len(specs), len({_need(spec, asked.batch).key for spec in specs})


def _need(spec: Spec, batch: int | None, at_most: int | None = None) -> Need:
    """What a run takes; with ``at_most``, from the numbers of its first trials only."""
    begun = begun_after_stages(spec)
    circuit, outline = begun.circuit, begun.outline
    refuse_impossible(spec, circuit, outline)
    disk = refuse_too_large(spec, circuit, outline)
    trials = finish(begun, at_most)
    recorded = wanted(spec, circuit, outline)
    batch = batch or batch_size(circuit, outline, cores("cpp"))
    prepared = prepare(circuit, trials, recorded, batch)
    first = next(prepared.runs)
    held = sum(array.nbytes for array in first.arrays.values())
    held += sum(getattr(value, "nbytes", 8) for value in first.variables.values())
    blueprint = prepared.blueprint
    cells = sum(group.size for group in blueprint.plan.groups.values()) * blueprint.batch
    traced = _recorded(circuit.populations, recorded, trials.n_steps)
    firing = sum(circuit.populations[name].size for name in recorded.spikes)
    spikes = int(firing * RATE * trials.n_steps * circuit.dt)
    return Need(
        key_of(blueprint, first.arrays),
        size_of(circuit, outline),
        -(-outline.count // batch) * spec.protocol.spec.networks,
        blueprint.batch,
        held + 8 * traced * blueprint.batch + SPIKE * spikes * blueprint.batch,
        disk,
        cells,
    )


def _recorded(populations: Mapping[str, Any], recorded: Wanted, n_steps: int) -> int:
    """Numbers that the traces of one trial hold."""
    return sum(populations[name].size * (n_steps // every + 1) for (name, _), every in recorded.traces.items())


def _tried(asked: Asked, spec: Spec) -> tuple[list[str], list[str], list[str]]:
    """What may change much, what may change a little, and what may not."""
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    key = _need(spec, asked.batch, at_most=TRIED).key
    for path, value in [*numbers(spec.protocol.document.data), *numbers(spec.model.document.data)]:
        same = [key == other for other in (_key_with(asked, path, text) for text in _others(value)) if other]
        if same:
            found[0 if all(same) else 1 if any(same) else 2].append(path)
    return found


def program(asked: Asked, *settings: str, at_most: int | None = None) -> str:
    """The key of the program that a run with these settings needs; with ``at_most``, from its first trials only.

    Raises
    ------
    SpecError, BuildError, RunError, EnvironmentLacks
        If it cannot be run.
    """
    return _need(asked.spec(*settings), asked.batch, at_most=at_most).key


def _key_with(asked: Asked, path: str, value: str) -> str | None:
    try:
        return program(asked, f"{path}={value}", at_most=TRIED)
    except SpecError:
        return None


def numbers(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths of everything that holds a number; list items go by their name, or their place."""
    if isinstance(data, dict):
        for name, item in data.items():
            if path or name not in NOT_TRIED:
                yield from numbers(item, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for place, item in enumerate(data):
            name = item.get("name", place) if isinstance(item, dict) else place
            yield from numbers(item, f"{path}.{name}")
    elif _others(data):
        yield path, data


def _others(value: Any) -> list[str]:
    """The same with other numbers, near and far."""
    match = NUMBER.fullmatch(str(value)) if isinstance(value, int | float | str) else None
    if match is None or isinstance(value, bool):
        return []
    number, unit = float(match[1]), match[2]
    if "." not in match[1] and "e" not in match[1].lower():
        return [f"{int(number) + 1}{unit}", f"{max(int(number) - 1, 0)}{unit}", f"{int(number) * 4}{unit}"]
    return [f"{number * 0.9:.12g}{unit}", f"{number * 2:.12g}{unit}"]


def text(found: Planned) -> str:
    """What ``neuroam plan`` prints."""
    lines = _facts(found)
    for path, (values, programs) in found.axes.items():
        builds = "one program for all" if programs == 1 else f"{programs} programs"
        lines.append(f"axis {path}: {values} values, {builds}")
    for title, paths in _kinds(found):
        lines += [f"{title}:", *(f"  {path}" for path in paths)]
    return "\n".join(lines)


def _facts(found: Planned) -> list[str]:
    need = found.need
    batches = f"{need.batches} batch{'es' * (need.batches != 1)} of {need.batch}"
    return [
        need.summary,
        f"batches: {batches}, as many at a time as there are cores, in one program",
        f"program: {'compiled before, in the cache' if found.built else 'to be compiled (some seconds, once)'}",
        f"memory: about {need.memory / MEGA:.0f} MB, and the interpreter's 200",
        f"disk: at most {size_text(need.disk)}, if spiking cells fire at {RATE:g} Hz",
        f"device: {_advice(need)}",
    ]


def _kinds(found: Planned) -> list[tuple[str, Sequence[str]]]:
    """Paths of values by what a change of them takes; without kinds that there are none of."""
    kinds = (
        ("change without a new build", found.free),
        ("change a little without a new build; a sweep (--over) makes room for its largest value", found.near),
        ("need a new build", found.fixed),
    )
    return [(title, paths) for title, paths in kinds if paths]


def _advice(need: Need) -> str:
    if compiler() is None:
        return "numpy, because there is no C++ compiler"
    if need.numbers < 50_000:
        return "cpp; a program of this size is too small to gain from a GPU"
    return "cpp; a program of this size may gain from a GPU (--device cuda)"


def as_json(found: Planned) -> dict[str, Any]:
    """What ``neuroam plan --json`` prints."""
    need = found.need
    return {
        "program": need.key,
        "cached": found.built,
        "batches": need.batches,
        "batch": need.batch,
        "memory_bytes": need.memory,
        "disk_bytes": need.disk,
        "axes": {path: {"values": values, "programs": programs} for path, (values, programs) in found.axes.items()},
        "free": list(found.free),
        "near": list(found.near),
        "build": list(found.fixed),
    }
