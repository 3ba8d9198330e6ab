"""Checks that both file kinds need: calls of registered functions, and how a cue enters a port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from neuroam.circuit import Cell
from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.registry import Registry
from neuroam.spec.schema_errors import problems_of, suggestion
from neuroam.spec.yaml import Document, dotted
from neuroam.units import ONE, Dimension, UnitError, quantity

Path = tuple[str | int, ...]
CUE_SETTINGS = {"state": ("state", "amplitude"), "clamp": ("state", "amplitude"), "current": ("input", "amplitude")}


def problem_at(document: Document, path: Path, what: str, fix: str = "", key: bool = False) -> Problem:
    """A problem with the place of a path (of its key)."""
    return Problem(document.where(path, key), dotted(path), what, fix)


def call_is_known(
    document: Document, path: Path, call: Call, registry: Registry, known: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    """The function exists, its settings are valid, and what they name exists; ``known`` is by kind of name."""
    entry = registry.get(call.name)
    if entry is None:
        yield problem_at(
            document, path, f"no {registry.kind} named '{call.name}'", suggestion(call.name, list(registry))
        )
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

    def problem(what: str, fix: str = "") -> Problem:
        return problem_at(document, path, what, fix)

    for key in settings:
        if cue.name in CUE_SETTINGS and key not in CUE_SETTINGS[cue.name]:
            yield problem(f"unknown key '{key}' of '{cue.name}'", suggestion(key, CUE_SETTINGS[cue.name]))
            return
    if cue.name in ("state", "clamp"):
        state = settings.get("state", cell.states[0] if cell.states else None)
        if state not in cell.states:
            yield problem(f"the cells of '{population}' ({cell.name}) have no state '{state}' to set")
            return
        yield from _amplitude(settings, cell.dimensions[str(state)], problem)
    if cue.name in ("current", "rates", "log_odds"):
        first = cell.inputs[0] if cell.inputs else None
        default = {"rates": "rate", "log_odds": "ext"}.get(cue.name, first)
        slot = settings.get("input", default)
        if slot not in cell.inputs:
            yield problem(
                f"the cells of '{population}' ({cell.name}) have no input '{slot}'",
                f"inputs: {', '.join(cell.inputs) or 'none'}",
            )
            return
        if cue.name == "current":
            yield from _amplitude(settings, cell.dimensions[str(slot)], problem)


def _amplitude(
    settings: Mapping[str, Any], wanted: Dimension, problem: Callable[[str, str], Problem]
) -> Iterator[Problem]:
    try:
        found = quantity(settings.get("amplitude", 1 if wanted == ONE else None))
    except UnitError as error:
        yield problem(f"amplitude: {error}", f"add 'amplitude: ...' in {wanted}")
        return
    if found.dimension != wanted:
        yield problem(f"the amplitude '{found}' is in {found.dimension}, not in {wanted}", f"give it in {wanted}")
