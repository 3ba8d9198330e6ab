"""YAML text -> plain values, and the place of every path in it.

Composed with ruamel.yaml (YAML 1.2) but constructed here: only mappings, lists, text, numbers, true, false and null
exist, so no tag can make an object; sizes, depth and aliases are limited, so no file can blow up.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from neuroam.errors import Problem, SpecError, Where

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 40
MAX_BRACKETS = 200

Path_ = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_SMALLER = "write numbers into a table beside the file"


@dataclass
class Document:
    """One YAML file: its values, and where each of them stands.

    ``values`` maps a path to the place of its value, ``keys`` to the place of its key; ``bases`` has the texts of the
    files that it is based on, by their names.
    """

    file: str
    data: dict[str, Any]
    values: dict[Path_, Where] = field(default_factory=dict)
    keys: dict[Path_, Where] = field(default_factory=dict)
    folder: Path | None = None
    text: str = ""
    bases: Mapping[str, str] = field(default_factory=dict)

    def where(self, path: Sequence[str | int], key: bool = False) -> Where:
        """The place of the value at ``path`` (or of its key); of the nearest parent if it has none of its own."""
        steps = tuple(path)
        while steps:
            tables = (self.keys, self.values) if key else (self.values, self.keys)
            for table in tables:
                if steps in table:
                    return table[steps]
            steps = steps[:-1]
            key = isinstance(self._at(steps), dict | list)  # of '{size: 3}' read as '{size: {number: 3}}', the 3
        return self.values.get((), Where(self.file))

    def existing(self, path: Sequence[str | int]) -> Path_:
        """The longest part of a path that stands in the file."""
        steps = tuple(path)
        while steps and steps not in self.values and steps not in self.keys:
            steps = steps[:-1]
        return steps

    def names(self, section: str) -> list[str]:
        """The keys of a section, whether what they hold is right or not."""
        found = self.data.get(section)
        return [str(key) for key in found] if isinstance(found, dict) else []

    def _at(self, path: Path_) -> Any:
        at: Any = self.data
        for step in path:
            try:
                at = at[step]
            except (KeyError, IndexError, TypeError):
                return None
        return at


def read(path: Path, shown: str | None = None) -> Document:
    """The YAML file at ``path``.

    Raises
    ------
    SpecError
        If the file cannot be read or is not acceptable YAML.
    """
    name = shown or str(path)
    document = parse(_text(path, name), name)
    document.folder = path.parent
    return document


def _text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        what = "no such file" if isinstance(error, FileNotFoundError) else f"cannot read the file: {error.strerror}"
        raise SpecError([Problem(Where(name), "", what, "give the path of a YAML file")]) from None
    except ValueError:
        raise SpecError([Problem(Where(name), "", "no such file", "give the path of a YAML file")]) from None
    if len(raw) > MAX_BYTES:
        fix = "write numbers into a table beside it"
        raise SpecError([Problem(Where(name), "", f"the file is larger than {MAX_BYTES} bytes", fix)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].split(b"\n")
        text = raw.splitlines()[len(before) - 1].decode("utf-8", errors="replace")
        where = Where(name, len(before), len(before[-1].decode("utf-8", errors="replace")) + 1, text)
        raise SpecError([Problem(where, "", "the file is not UTF-8 text", "save it as UTF-8")]) from None


def parse(text: str, name: str) -> Document:
    """YAML text as a document of its own; ``name`` stands for the file in messages."""
    first = _parsed(text, name)
    return replace(first, data=deepcopy(first.data), values=dict(first.values), keys=dict(first.keys))


@lru_cache(maxsize=256)
def _parsed(text: str, name: str) -> Document:
    """The same for every call: a sweep reads its files again for every point."""
    lines = text.splitlines()
    _refuse_brackets(name, lines)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an anchor that stands there twice: an alias means the last one
            node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _place(name, lines, mark.line, mark.column) if mark else Where(name)
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise SpecError([Problem(where, "", f"not valid YAML: {what}", _yaml_fix(what))]) from None
    except ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        where = _place(name, lines, len(before) - 1, len(before[-1]))
        what, fix = "a character that no text holds", "remove it, or save the file as text"
        raise SpecError([Problem(where, "", what, fix)]) from None
    except RecursionError:
        raise SpecError([Problem(Where(name), "", "not valid YAML: nested too deeply", _FLATTER)]) from None
    except (YAMLError, ValueError, AttributeError, TypeError, IndexError) as error:  # the last three: bugs of ruamel
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise SpecError([Problem(Where(name), "", f"not valid YAML: {what}", _yaml_fix(what))]) from None
    builder = _Builder(name, lines)
    if node is None:
        raise SpecError([Problem(Where(name), "", "the file is empty", f"a file starts with {_START}")])
    data = builder.build(node, (), 0)
    if not builder.problems and not isinstance(data, dict):
        what, fix = "the file must be a mapping of keys to values", f"it starts with {_START}"
        builder.problems.append(Problem(_place(name, lines, 0, 0), "", what, fix))
    if builder.problems:
        raise SpecError(builder.problems)
    return Document(name, data, builder.values, builder.keys, text=text)


def _refuse_brackets(name: str, lines: list[str]) -> None:
    """Refuse many open brackets at once: the parser's time grows with their square."""
    depth = 0
    for number, line in enumerate(lines):
        for column, char in enumerate(line):
            depth = max(0, depth + (char in "[{") - (char in "]}"))
            if depth > MAX_BRACKETS:
                what = f"more than {MAX_BRACKETS} open brackets"
                raise SpecError([Problem(_place(name, lines, number, column), "", what, _FLATTER)])


_START = "'format: 1' and 'title: ...'"
_FLATTER = "write it flatter; an alias must not stand inside its own anchor"
_YAML_FIXES = (
    ("\\t", "use spaces instead of tabs"),
    ("mapping values are not allowed", "put a text that holds ': ' in quotes"),
    ("undefined alias", "mark the value that it stands for with &NAME, before the alias"),
    ("single document", "one file holds one document: make two files"),
    ("flow", "check that every bracket and quote is closed"),
    ("quoted", "check that every quote is closed"),
    ("<block end>", "check the indentation: what belongs together starts in the same column"),
    ("cannot start any token", "put the text in quotes"),
)


def _yaml_fix(what: str) -> str:
    return next((fix for part, fix in _YAML_FIXES if part in what), "check the line, and the one before it")


def _place(name: str, lines: list[str], line: int, column: int) -> Where:
    return Where(name, line + 1, column + 1, lines[line] if line < len(lines) else "")


class _Builder:
    """Turns composed nodes into values, remembering places and collecting problems."""

    def __init__(self, name: str, lines: list[str]) -> None:
        self.name = name
        self.lines = lines
        self.count = 0
        self.values: dict[Path_, Where] = {}
        self.keys: dict[Path_, Where] = {}
        self.problems: list[Problem] = []

    def place(self, node: Node) -> Where:
        return _place(self.name, self.lines, node.start_mark.line, node.start_mark.column)

    def refuse(self, node: Node, path: Path_, what: str, fix: str = "") -> None:
        self.problems.append(Problem(self.place(node), dotted(path), what, fix))

    def build(self, node: Node, path: Path_, depth: int) -> Any:
        self.count += 1
        if self.count > MAX_NODES:
            if self.count == MAX_NODES + 1:
                what = f"more than {MAX_NODES} values in one file (aliases count each time)"
                where = self.keys.get(path[:1], self.place(node))
                self.problems.append(Problem(where, dotted(path[:1]), what, _SMALLER))
            return None
        if depth > MAX_DEPTH:
            self.refuse(node, path[:1], f"nested more than {MAX_DEPTH} levels deep", _FLATTER)
            return None
        nothing = isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index
        self.values[path] = self.keys.get(path, self.place(node)) if nothing else self.place(node)
        tag = str(node.tag or "")
        if not isinstance(node, ScalarNode) and tag not in ("", _TAG + "map", _TAG + "seq"):
            self.refuse(node, path, f"the tag '{tag.replace(_TAG, '!!')[:60]}' is not supported", "remove the tag")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path_, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.refuse(key_node, path, "a key must be a name", "write NAME: value")
                continue
            key = str(key_node.value)
            if key == "<<":
                self.refuse(key_node, path, "merge keys are not supported", "use 'based_on: FILE' or repeat the lines")
                continue
            if key in result:
                self.refuse(key_node, (*path, key), f"the key '{key}' stands here twice", "keep one of the two")
                continue
            self.keys[(*path, key)] = self.place(key_node)
            result[key] = self.build(value_node, (*path, key), depth + 1)
        return result

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:
        tag, text = str(node.tag or ""), str(node.value)
        if node.style == ">":
            text = text.replace("\a", "")  # marks of where lines were folded
        kind = tag.removeprefix(_TAG)
        if not tag.startswith(_TAG) or kind not in ("str", "int", "float", "bool", "null", "timestamp"):
            self.refuse(node, path, f"the tag '{tag.replace(_TAG, '!!')[:60]}' is not supported", "remove the tag")
            return None
        if kind in ("str", "timestamp"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        return self._number(node, path, kind, text.replace("_", ""))

    def _number(self, node: ScalarNode, path: Path_, kind: str, text: str) -> Any:
        if len(text) > 400:
            what = "the number has more than 400 digits"
            self.refuse(node, path, what, "write a shorter number, or quotes for a text")
            return None
        try:
            if kind == "int":
                return int(text, 0) if text.lstrip("+-")[:2].lower() in ("0x", "0o") else int(text)
            value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            return text
        if not math.isfinite(value):
            self.refuse(node, path, "the number must be finite", "write a number below 1e300")
            return None
        return value


def dotted(path: Sequence[str | int]) -> str:
    """``("epochs", 0, "name")`` as ``epochs[0].name``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text
