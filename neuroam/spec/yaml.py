"""YAML text -> plain values, and the place of every path in it.

Composed with ruamel.yaml (YAML 1.2) but constructed here: only mappings, lists, text, numbers, true, false and null
exist, so no tag can make an object; sizes, depth and aliases are limited, so no file can blow up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from neuroam.errors import Problem, SpecError, Where

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 40

Path_ = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    """One YAML file: its values, and where each of them stands.

    ``values`` maps a path to the place of its value, ``keys`` to the place of its key.
    """

    file: str
    data: dict[str, Any]
    values: dict[Path_, Where] = field(default_factory=dict)
    keys: dict[Path_, Where] = field(default_factory=dict)
    folder: Path | None = None
    text: str = ""

    def where(self, path: Sequence[str | int], key: bool = False) -> Where:
        """The place of the value at ``path`` (or of its key); of the nearest parent if it has none of its own."""
        steps = tuple(path)
        while steps:
            tables = (self.keys, self.values) if key else (self.values, self.keys)
            for table in tables:
                if steps in table:
                    return table[steps]
            steps, key = steps[:-1], True
        return self.values.get((), Where(self.file))


def read(path: Path, shown: str | None = None) -> Document:
    """The YAML file at ``path``.

    Raises
    ------
    SpecError
        If the file cannot be read or is not acceptable YAML.
    """
    name = shown or str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SpecError([Problem(Where(name), "", f"cannot read the file: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        raise SpecError([Problem(Where(name), "", f"the file is larger than {MAX_BYTES} bytes")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SpecError([Problem(Where(name, line, 1), "", "the file is not UTF-8 text")]) from None
    document = parse(text, name)
    document.folder = path.parent
    return document


def parse(text: str, name: str) -> Document:
    """YAML text as a document; ``name`` stands for the file in messages."""
    lines = text.splitlines()
    try:
        node = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = _place(name, lines, mark.line, mark.column) if mark else Where(name)
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise SpecError([Problem(where, "", f"not valid YAML: {what}")]) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise SpecError([Problem(Where(name), "", f"not valid YAML: {str(error).splitlines()[0]}")]) from None
    builder = _Builder(name, lines)
    if node is None:
        raise SpecError([Problem(Where(name), "", "the file is empty", "start from 'neuroam show two_body_softmax'")])
    data = builder.build(node, (), 0)
    if not builder.problems and not isinstance(data, dict):
        builder.problems.append(Problem(_place(name, lines, 0, 0), "", "the file must be a mapping of keys to values"))
    if builder.problems:
        raise SpecError(builder.problems)
    return Document(name, data, builder.values, builder.keys, text=text)


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
                self.refuse(node, path, f"more than {MAX_NODES} values in one file (aliases count each time)")
            return None
        if depth > MAX_DEPTH:
            self.refuse(node, path, f"nested more than {MAX_DEPTH} levels deep")
            return None
        self.values[path] = self.place(node)
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
                self.refuse(key_node, path, "a key must be a name")
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
        kind = tag.removeprefix(_TAG)
        if not tag.startswith(_TAG) or kind not in ("str", "int", "float", "bool", "null", "timestamp"):
            self.refuse(node, path, f"the tag '{tag}' is not supported", "remove the tag")
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
            self.refuse(node, path, "the number has too many digits")
            return None
        try:
            if kind == "int":
                return int(text, 0) if text.lstrip("+-")[:2].lower() in ("0x", "0o") else int(text)
            value = float(text.replace(".inf", "inf").replace(".nan", "nan").replace(".Inf", "inf"))
        except ValueError:
            return text
        if value != value or value in (float("inf"), float("-inf")):
            self.refuse(node, path, "the number must be finite")
            return None
        return value


def dotted(path: Sequence[str | int]) -> str:
    """``("epochs", 0, "name")`` as ``epochs[0].name``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else (f".{step}" if text else step)
    return text
