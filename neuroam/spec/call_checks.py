"""Checks that both file kinds need: calls of registered functions, and how a cue enters a port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from neuroam.circuit import Cell
from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.registry import Registry
from neuroam.spec.schema_errors import problems_of, suggestion
from neuroam.spec.yaml import Document, dotted
from neuroam.units import ONE, Dimension, UnitError, in_words, quantity, unit_fix

Path = tuple[str | int, ...]
CUE_SETTINGS = {
    "state": ("state", "amplitude"),
    "clamp": ("state", "amplitude"),
    "current": ("input", "amplitude"),
    "log_odds": ("input", "r01", "r10", "state"),
    "rates": ("input", "amplitude"),
}


def problem_at(document: Document, path: Path, what: str, fix: str = "", key: bool = False) -> Problem:
    """A problem with the place of a path (of its key)."""
    return Problem(document.where(path, key), dotted(path), what, fix)


def call_is_known(
    document: Document, path: Path, call: Call, registry: Registry, known: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    """The function exists, its settings are valid, and what they name exists; ``known`` is by kind of name."""
    entry = registry.get(call.name)
    if entry is None:
        where = document.where((*document.existing((*path, call.name)),), key=(*path, call.name) in document.keys)
        what = f"no {registry.kind} named '{call.name}'"
        yield Problem(where, dotted(path), what, suggestion(call.name, list(registry)))
        return
    settings = call.settings(entry.shorthand)
    base: Path = (*path, call.name) if (*path, call.name) in document.values else path
    try:
        entry.schema.model_validate(settings)
    except ValidationError as error:
        yield from problems_of(error, document, entry.schema, base)
    for key, kind in entry.refers.items():
        given = settings.get(key)
        for name in given if isinstance(given, list) else [given]:
            if isinstance(name, str) and kind == "attribute":
                yield from attribute_problems(document, (*base, key), name, known.get("port", ()))
            elif isinstance(name, str) and kind in known and name not in known[kind]:
                yield problem_at(document, (*base, key), f"no {kind} named '{name}'", suggestion(name, known[kind]))


def attribute_problems(document: Document, path: Path, text: str, ports: Sequence[str]) -> Iterator[Problem]:
    """``PORT.ATTRIBUTE``: the port exists; which attributes its patterns have is up to the protocol."""
    port, dot, attribute = text.partition(".")
    if not dot or not attribute:
        yield problem_at(document, path, f"'{text}' names no attribute of a pattern set", "write PORT.ATTRIBUTE")
    elif port not in ports:
        yield problem_at(document, path, f"no port named '{port}'", suggestion(port, ports))


def cue_suits_cells(population: str, cell: Cell, cue: Call, document: Document, path: Path) -> Iterator[Problem]:
    """The cue kind is possible for the cells of a population, and its settings have the right unit."""
    settings = cue.args if isinstance(cue.args, dict) else ({} if cue.args is None else {"amplitude": cue.args})
    inner = document.existing((*path, cue.name))
    for key in settings:
        if cue.name in CUE_SETTINGS and key not in CUE_SETTINGS[cue.name]:
            fix = suggestion(key, CUE_SETTINGS[cue.name])
            yield problem_at(document, (*inner, key), f"unknown key '{key}' of '{cue.name}'", fix, key=True)
            return
    known, kind, default = (cell.states, "state", next(iter(cell.states), None))
    if cue.name not in ("state", "clamp"):
        known, kind = cell.inputs, "input"
        default = {"rates": "rate", "log_odds": "ext"}.get(cue.name, next(iter(cell.inputs), None))
    target = settings.get(kind, default)
    if cue.name == "spikes":
        return
    if cue.name == "log_odds" and settings.get("state", "") not in ("", *cell.states):
        what = f"the cells of '{population}' ({cell.name}) have no state '{settings['state']}'"
        yield problem_at(document, (*inner, "state"), what, f"name one of: {', '.join(cell.states)}")
    if target not in known:
        what = f"the cells of '{population}' ({cell.name}) have no {kind} '{target}'"
        if target is None:
            what = f"the cells of '{population}' ({cell.name}) have no {kind} at all"
        fix = f"name one of: {', '.join(known)}" if known else "let the cue enter in another way"
        yield problem_at(document, document.existing((*inner, kind)), what, fix)
    elif cue.name != "log_odds":
        wanted = cell.dimensions[str(target)]
        yield from _amplitude(document, inner, settings.get("amplitude"), cue.name, wanted)


def _amplitude(document: Document, path: Path, raw: object, kind: str, wanted: Dimension) -> Iterator[Problem]:
    """The amplitude has the unit of what the cue sets; rates may be multiplied by a plain number."""
    if raw is None and (wanted == ONE or kind == "rates"):
        return
    if raw is None:
        fix = f"write {{{kind}: {{amplitude: ...}}}}, with a unit such as {unit_fix(wanted).rpartition(' ')[2]}"
        yield problem_at(document, path, f"'{kind}' needs an amplitude", fix)
        return
    path = document.existing((*path, "amplitude"))
    try:
        found = quantity(raw)
    except UnitError as error:
        yield problem_at(document, path, str(error), error.fix)
        return
    if found.dimension != wanted and not (kind == "rates" and found.dimension == ONE):
        what = f"the amplitude '{found}' is {in_words(found.dimension)}, not {in_words(wanted)}"
        yield problem_at(document, path, what, unit_fix(wanted))
