"""pydantic's errors in our words, with the place in the file."""

from __future__ import annotations

import difflib
import typing
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from neuroam.errors import Problem
from neuroam.spec.yaml import Document, dotted
from neuroam.units import percent_fix

_WHOLE = ("a whole number", "write it without quotes, point or unit")
_MAPPING = ("a mapping of keys to values", "write {KEY: value}")
_LIST = ("a list", "write [...], or lines that start with '- '")
_KINDS = {
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": ("a number", "write it without quotes and unit"),
    "string_type": ("text", "write a text; quotes make one of a number"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "list_type": _LIST,
    "tuple_type": _LIST,
}
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "more than"),
    "less_than": ("lt", "less than"),
}


def suggestion(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?``, or the list of what there is."""
    options = list(dict.fromkeys(known))
    close = difflib.get_close_matches(word[:100], options, n=1, cutoff=0.6)
    strange = next((char for char in word if not char.isascii()), "")
    if close and strange:
        name = unicodedata.name(strange, "a letter without a name")
        return f"write '{close[0]}' in plain letters: '{strange}' is {name}"
    if close:
        return f"did you mean '{close[0]}'?"
    return f"use one of: {', '.join(options)}" if options else "there is none: add it, or leave this out"


def problems_of(
    error: ValidationError,
    document: Document,
    model: type[BaseModel],
    base: Sequence[str | int] = (),
    elsewhere: Mapping[str, str] | None = None,
) -> Iterator[Problem]:
    """Every error of a validation as a problem.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    document : Document
        The file.
    model : type
        The schema.
    base : sequence
        Where the validated value stands in the document.
    elsewhere : mapping, optional
        Keys that belong to another kind of file, with the name of that kind.
    """
    details = error.errors(include_url=False)
    found = [(detail, steps_of(detail)) for detail in details]
    meant = {(*steps[:-1], key) for detail, steps in found for key in _meant(detail, model, steps)}
    for detail, steps in found:
        if detail["type"] == "missing" and tuple(steps) in meant:
            continue  # the misspelled key says it
        yield _problem(detail, document, model, steps, (*base, *steps), elsewhere or {})


def steps_of(detail: Any) -> list[str | int]:
    """The path of an error below the validated value, without pydantic's own words in it."""
    return [step for step in detail["loc"] if not str(step).startswith("<") and step != "[key]"]


def _meant(detail: Any, model: type[BaseModel], steps: list[str | int]) -> list[str]:
    """The key that was meant by an unknown one, if one is close."""
    if detail["type"] != "extra_forbidden":
        return []
    return difflib.get_close_matches(str(steps[-1]), _fields(model, steps[:-1]), n=1, cutoff=0.6)


def _problem(
    detail: Any, document: Document, model: type[BaseModel], steps: list[str | int], path: tuple[str | int, ...],
    elsewhere: Mapping[str, str],
) -> Problem:  # fmt: skip
    kind, context = detail["type"], detail.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        fix = suggestion(last, _fields(model, steps[:-1]))
        if len(path) == 1 and last in elsewhere:
            fix = f"'{last}' belongs into a {elsewhere[last]} file"
        return Problem(document.where(path, key=True), dotted(path[:-1]), f"unknown key '{last}'", fix)
    if kind == "missing":
        where = document.where(path[:-1], key=True)
        fix = f"add '{last}: {'1' if last == 'format' else '...'}'"
        return Problem(where, dotted(path[:-1]), f"the key '{last}' is missing", fix)
    path = document.existing(path)
    what, fix = _words(kind, context, detail)
    return Problem(document.where(path, key="[key]" in detail["loc"]), dotted(path), what, fix)


def _words(kind: str, context: dict[str, Any], detail: Any) -> tuple[str, str]:
    raw = detail["input"]
    if "why" in context:
        return context["why"], context.get("fix", "")
    if kind in _KINDS:
        what, fix = _KINDS[kind]
        fix = "give it a value, or remove the key" if raw is None else percent_fix(raw) or fix
        return f"expected {what}, not {shown(raw)}", fix
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", ""))
        options = [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]
        fix = f"write {options[0]}" if len(options) == 1 else suggestion(str(raw), options)
        return f"{shown(raw)} is not possible here", fix
    if kind in _LIMITS:
        name, words = _LIMITS[kind]
        limit = f"{context[name]:g}" if isinstance(context[name], float) else str(context[name])
        return f"the number must be {words} {limit}, not {shown(raw)}", f"write a number that is {words} {limit}"
    if kind == "too_short":
        return "the list must not be empty", "add an entry"
    if kind == "int_parsing_size":
        return f"the number {shown(raw)}... is too large", "write a smaller number"
    return str(detail["msg"]), "write a value of another kind"


def shown(raw: object) -> str:
    """A value in a message: text in quotes, so that the text '1' and the number 1 differ."""
    if isinstance(raw, dict):
        return "a mapping"
    if isinstance(raw, list):
        return "a list"
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return str(raw).lower()
    return f"'{raw[:40]}'" if isinstance(raw, str) else f"{raw!s:.40}"


def _fields(model: type[BaseModel], steps: Sequence[str | int]) -> list[str]:
    """The keys that are possible at ``steps`` below ``model``."""
    current: list[Any] = [model]
    for step in steps:
        following: list[Any] = []
        for item in current:
            for name, info in item.model_fields.items():
                if step in (name, info.alias):
                    following += _blocks(info.annotation) + [b for m in info.metadata for b in _blocks(m)]
        current = following or current
    keys = [info.alias or name for item in current for name, info in item.model_fields.items()]
    return sorted(keys)


def _blocks(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [block for part in typing.get_args(annotation) for block in _blocks(part)]
