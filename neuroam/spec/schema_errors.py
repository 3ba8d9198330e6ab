"""pydantic's errors in our words, with the place in the file."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from neuroam.errors import Problem
from neuroam.spec.yaml import Document, dotted

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "list_type": "a list",
    "tuple_type": "a list",
}


def suggestion(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?``, or the list of what there is."""
    options = list(dict.fromkeys(known))
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"use one of: {', '.join(options)}" if options else ""


def problems_of(
    error: ValidationError, document: Document, model: type[BaseModel], base: Sequence[str | int] = ()
) -> Iterator[Problem]:
    """Every error of a validation as a problem; ``base`` is where the validated value stands in the document."""
    for detail in error.errors(include_url=False):
        steps = [step for step in detail["loc"] if not str(step).startswith("<") and step != "[key]"]
        path = (*base, *steps)
        yield _problem(detail, document, model, steps, path)


def _problem(
    detail: Any, document: Document, model: type[BaseModel], steps: list[str | int], path: tuple[str | int, ...]
) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        known = _fields(model, steps[:-1])
        return Problem(
            document.where(path, key=True), dotted(path[:-1]), f"unknown key '{last}'", suggestion(last, known)
        )
    if kind == "missing":
        where = document.where(path[:-1], key=True)
        return Problem(where, dotted(path[:-1]), f"the key '{last}' is missing", f"add '{last}: ...'")
    on_key = "[key]" in detail["loc"]
    what, fix = _words(kind, context, detail)
    return Problem(document.where(path, key=on_key), dotted(path), what, fix)


def _words(kind: str, context: dict[str, Any], detail: Any) -> tuple[str, str]:
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, not {_shown(detail['input'])}", ""
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", ""))
        options = [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]
        return f"{_shown(detail['input'])} is not possible here", suggestion(str(detail["input"]), options)
    limits = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most"),
              "greater_than": ("gt", "more than"), "less_than": ("lt", "less than")}  # fmt: skip
    if kind in limits:
        name, words = limits[kind]
        return f"the number must be {words} {context[name]}, not {_shown(detail['input'])}", ""
    if kind == "too_short":
        return "the list must not be empty", ""
    return str(detail["msg"]).replace("{{", "{").replace("}}", "}"), ""


def _shown(raw: object) -> str:
    if isinstance(raw, dict):
        return "a mapping"
    if isinstance(raw, list):
        return "a list"
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return str(raw).lower()
    return f"'{str(raw)[:40]}'"


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
