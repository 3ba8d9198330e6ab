"""``PATH=VALUE`` settings, laid over a file before it is checked: errors in them are found and shown like any other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from neuroam.errors import Problem, SpecError, Where
from neuroam.spec.kinds import KEYS
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document, dotted, parse

# sections whose entries a setting may change but not invent: a new one would only be half there
NAMED = ("populations", "projections", "matrices", "ports", "patterns")
FIXED = ("based_on", "format")


def lay_over(
    settings: Sequence[str], kind: str, document: Document | None, problems: list[Problem], alone: bool = False
) -> None:
    """Apply the settings that belong to a kind of file.

    Parameters
    ----------
    settings : sequence of str
        All of them; those of the other file are passed over, unless this file is ``alone``.
    kind : {"protocol", "model"}
        The protocol takes every key that it has, the model the others.
    document : Document or None
        The file; changed in place.  None if it could not be read.
    problems : list
        Gets what is wrong with the settings.
    alone : bool
        Whether this is the only file.
    """
    for setting in settings:
        where = Where(f"--set {setting}")
        path_text, equals, value_text = setting.partition("=")
        path = path_text.strip().replace("[", ".").replace("]", "").split(".")
        known = KEYS[kind] if alone else KEYS["model"] | KEYS["protocol"]
        mine = alone or (path[0] in KEYS["protocol"] or path[0] not in KEYS["model"]) == (kind == "protocol")
        if not mine or document is None:
            continue
        if not equals or not path_text.strip():
            problems.append(Problem(where, "", "expected PATH=VALUE", "for instance trials=20"))
        elif path[0] not in known:
            fix = suggestion(path[0], sorted(known))
            problems.append(Problem(where, "", f"unknown key '{path[0]}'", fix))
        elif path[0] in FIXED:
            problems.append(Problem(where, "", f"'{path[0]}' cannot be set from outside", "write it into the file"))
        else:
            problems += _apply(document, path, value_text, where)


def divided(settings: Sequence[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Settings of the protocol and its model, and those of its stages by name: ``stages.NAME.PATH=VALUE``."""
    mine: list[str] = []
    of_stages: dict[str, list[str]] = {}
    for text in settings:
        words = text.partition("=")[0].split(".", 2)
        if len(words) == 3 and words[0].strip() == "stages":
            of_stages.setdefault(words[1], []).append(text.split(".", 2)[2])
        else:
            mine.append(text)
    return mine, of_stages


def of_model(settings: Sequence[str]) -> list[str]:
    """Those that the protocol does not take."""
    return [text for text in settings if re.split(r"[.\[=]", text.strip(), maxsplit=1)[0] not in KEYS["protocol"]]


def split_outside(text: str, mark: str) -> list[str]:
    """The parts between ``mark``s that are not in brackets or quotes, without blanks around them."""
    depth, quote, parts = 0, "", [""]
    for char in text:
        quote = "" if char == quote else char if not quote and char in "'\"" else quote
        depth += 0 if quote else (char in "[{") - (char in "]}")
        if char == mark and not quote and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]


def _apply(document: Document, path: list[str], value_text: str, where: Where) -> list[Problem]:
    try:
        value = parse(f"value: {value_text}", str(where)).data["value"]
    except SpecError as error:
        first = error.problems[0]
        return [Problem(where, ".".join(path), f"cannot read the value: {first.what}", first.fix)]
    problem = _put(document, path, value, where)
    return [problem] if problem else []


def _put(document: Document, path: list[str], value: Any, where: Where) -> Problem | None:
    """Set one value; its place and that of all below it is the setting."""
    at: Any = document.data
    steps: list[str | int] = []
    for i, word in enumerate(path):
        last = i == len(path) - 1
        if not isinstance(at, dict | list):
            what = f"'{dotted(steps)}' has no parts, so '{word}' cannot be set in it"
            return Problem(where, dotted(steps), what, f"set '{dotted(steps)}' as a whole")
        step = _step(at, word)
        unknown = isinstance(at, dict) and i == 1 and not last and path[0] in NAMED and word not in at
        if step is None or unknown:
            options = [str(item.get("name")) for item in at if isinstance(item, dict)] if step is None else list(at)
            return Problem(where, dotted(steps), f"nothing named '{word}' here", suggestion(word, options))
        steps.append(step)
        if last:
            at[step] = value  # type: ignore[index]
        elif isinstance(at, dict) and at.get(word) is None:
            at[word] = {}
        at = at[step]
    for table in (document.values, document.keys):
        for key in [key for key in table if key[: len(steps)] == tuple(steps)]:
            table[key] = where
        table[tuple(steps)] = where
    return None


def _step(at: dict[str, Any] | list[Any], word: str) -> str | int | None:
    """The key, or the number of the list item of that name (or number); None if there is none."""
    if isinstance(at, dict):
        return word
    names = [item.get("name") if isinstance(item, dict) else None for item in at]
    if word in names:
        return names.index(word)
    return int(word) if word.isascii() and word.isdigit() and len(word) < 9 and int(word) < len(at) else None
