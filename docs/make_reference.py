"""Write ``reference.md``: every key of every file kind and every registered function, as the code has them.

``python docs/make_reference.py``; a test fails while the file is behind the code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neuroam import shipped
from neuroam.leaves import plain_schema
from neuroam.markup import flow
from neuroam.plots import KINDS, summary
from neuroam.predictions import prediction
from neuroam.registry import Entry, Registry
from neuroam.spec.catalogue import ROOMS, schema_of
from neuroam.spec.kinds import SCHEMAS
from neuroam.spec.yaml import read

TARGET = Path(__file__).with_name("reference.md")
FILES = {
    "model": "A model is the brain: what is there.",
    "protocol": "A protocol is the world: what is shown, when, and what is measured.",
    "cell": "A cell file, in `cells/` beside a model or shipped: equations and what they need.",
    "synapse": "A synapse file, in `synapses/`: a filter on the post side, or how weights change.",
}
CALLED = {
    "patterns": ("pattern", "`patterns: {PORT: {FUNCTION: settings}}` of a protocol: what is stored and shown."),
    "connectivity": ("connectivity", "`connect` of a projection."),
    "rules": ("rule", "`matrices: {NAME: {FUNCTION: settings}}` of a model, and `weights` of a projection."),
    "values": ("value", "For cell parameters, gains, delays, attributes of patterns: `tau: {FUNCTION: settings}`."),
    "stimuli": ("corruption", "`show: {corrupt: [{FUNCTION: settings}, ...]}` of an epoch, in order."),
    "readouts": ("readout", "`measure: {FUNCTION: settings}` of a protocol."),
}
PLAIN = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false", "null": "nothing",
         "object": "mapping", "array": "list"}  # fmt: skip
BOUNDS = {"minimum": "from {}", "exclusiveMinimum": "above {}", "maximum": "to {}", "exclusiveMaximum": "below {}"}
GENERAL = ("a number, or a number with a unit", "a time such as '")  # what stands at the top of the page
READOUTS = ", ".join(ROOMS["readouts"])
LIMIT = 10**9  # bounds beyond are those of the machine


def reference() -> str:
    """The text of the page."""
    lines = [
        "# Reference",
        "",
        "Made from the code by `python docs/make_reference.py`. Quantities are numbers with a unit (`20 ms`), times",
        "also whole numbers of `steps`. `neuroam schema KIND` gives the same as JSON Schema, `neuroam list` what is",
        "registered, plugins too.",
        "",
        "[Files](#files) · [Shipped cells](#shipped-cells) · [Shipped synapses](#shipped-synapses) · "
        + " · ".join(f"[{room.capitalize()}](#{room})" for room in [*CALLED, "predictions", "figures"]),
        "",
        "## Files",
        "",
        *_files(),
        *_components("cells", "Shipped cells", "Defaults; in brackets those for plain numbers."),
        *_components("synapses", "Shipped synapses", "Filters, and plastic components."),
    ]
    for room, (_, where) in CALLED.items():
        lines += _room(room.capitalize(), where, ROOMS[room])
    lines += _room("Predictions", "`sweep: {theory: {NAME: {prediction: FUNCTION, ...}}}` of a protocol.", prediction)
    lines += [
        "## Figures",
        "",
        "`neuroam plot DIR --kind NAME`, `result.figure(NAME)`.",
        "",
        "| figure | shows |",
        "|---|---|",
    ]
    lines += [f"| `{kind}` | {summary(kind)} |" for kind in KINDS]
    return "\n".join(lines).rstrip("\n") + "\n"


def _files() -> Iterator[str]:
    for kind, about in FILES.items():
        made = schema_of(kind)
        yield from (f"### {kind.capitalize()} file", "", about, "")
        whole = (
            SCHEMAS[kind].model_json_schema(by_alias=True).get("$defs", {})
        )  # what files based on others may leave out
        inner = dict(made.get("$defs", {}))
        required = {*made.get("required", ()), *made.get("then", {}).get("required", ())}
        yield from _keys(made["properties"], required, inner)
        done: set[str] = set()
        while todo := [name for name in inner if name not in done]:
            for name in todo:
                done.add(name)
                node = inner[name]
                yield from (f"#### {_title(name)}", "", str(node.get("description", "")), "")
                yield from _keys(node["properties"], set(whole.get(name, node).get("required", ())), inner)


def _keys(properties: dict[str, Any], required: set[str], inner: dict[str, Any]) -> Iterator[str]:
    """A table of keys; blocks that are met on the way are added to ``inner``."""
    yield from ("| key | value | default | meaning |", "|---|---|---|---|")
    for name, node in properties.items():
        meaning = str(node.get("description", ""))
        kind = _kind(node, inner)
        meaning = (
            ""
            if meaning == kind or meaning.startswith(GENERAL)
            else meaning.replace(READOUTS, "see [readouts](#readouts)")
        )
        yield f"| `{name}` | {_cell(kind)} | {_default(node, name in required)} | {_cell(meaning)} |"
    yield ""


def _default(node: dict[str, Any], required: bool) -> str:
    found = node.get("default")
    if "default" not in node:
        return "(must be given)" if required else ""
    if found in (None, {}, [], "") or isinstance(found, dict):
        return ""
    return f"`{flow(found)}`"


def _title(name: str) -> str:
    return name.removesuffix("Spec")


def _kind(node: dict[str, Any], inner: dict[str, Any]) -> str:
    """What may stand there, in words."""
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        return f"[{_title(name)}](#{_title(name).lower()})"
    if "const" in node:
        return f"`{flow(node['const'])}`"
    if "enum" in node:
        return _room_of(node["enum"]) or ", ".join(f"`{word}`" for word in node["enum"])
    if "anyOf" in node:
        return _either(node, inner)
    if isinstance(node.get("type"), list):
        return str(node.get("description") or " or ".join(PLAIN[kind] for kind in node["type"]))
    return _one(node, inner)


def _either(node: dict[str, Any], inner: dict[str, Any]) -> str:
    rooms = [_room_of(option["enum"]) for option in node["anyOf"] if "enum" in option]
    if any(rooms):
        return next(room for room in rooms if room)
    if {option.get("pattern") for option in node["anyOf"]} & {r"^\s*[+-]?[0-9.]"}:
        return "quantity"
    words = [_kind(option, inner) for option in node["anyOf"] if option.get("type") != "null"]
    return " or ".join(dict.fromkeys(words))


def _one(node: dict[str, Any], inner: dict[str, Any]) -> str:
    kind = node.get("type")
    if kind == "array":
        return f"list of {_kind(node.get('items', {}), inner)}" if node.get("items") else "list"
    if kind == "object" and "properties" in node:
        name = str(node.get("title") or "")
        if not name:
            return flow({key: _plainly(item) for key, item in node["properties"].items()})
        inner.setdefault(name, node)
        return f"[{_title(name)}](#{_title(name).lower()})"
    if kind == "object":
        entries = [*node.get("patternProperties", {}).values()]
        more = node.get("additionalProperties")
        entries += [more] if isinstance(more, dict) and more else []
        if entries:
            return f"{{NAME: {_kind(entries[0], inner)}}}"
        return str(
            node.get("description") or ("a function with its settings" if "maxProperties" in node else "mapping")
        )
    if "description" in node and kind == "string" and str(node["description"]).startswith("a time"):
        return "time"
    bounds = [text.format(node[key]) for key, text in BOUNDS.items() if key in node and abs(node[key]) < LIMIT]
    return " ".join([PLAIN.get(str(kind), str(node.get("description", "anything"))), *bounds])


def _plainly(node: dict[str, Any]) -> str:
    return PLAIN.get(str(node.get("type")), "...")


def _room_of(names: list[str]) -> str:
    """A link to the functions of a registry, if these are their names."""
    for room, (word, _) in CALLED.items():
        if set(ROOMS[room]) <= set(names):
            return f"[{word}](#{room})"
    return ""


def _components(kind: Any, title: str, about: str) -> Iterator[str]:
    yield from (f"## {title}", "", about, "", "| name | what it is | inputs | parameters |", "|---|---|---|---|")
    for file in sorted((shipped.folder("models") / kind).glob("*.yaml")):
        data = read(file).data
        other = data.get("normalised", {}).get("params", {})
        params = [
            f"{key} {value}" + (f" ({other[key]})" if key in other else "")
            for key, value in data.get("params", {}).items()
        ]
        inputs = [f"{key} [{unit}]" for key, unit in data.get("inputs", {}).items()]
        yield f"| `{file.stem}` | {_cell(str(data.get('title', '')))} | {', '.join(inputs)} | {', '.join(params)} |"
    yield ""


def _room(title: str, where: str, room: Registry) -> Iterator[str]:
    yield from (f"## {title}", "", where, "")
    for name in room:
        entry = room[name]
        yield from (f"### {name}", "", _cell(entry.summary), "")
        settings = list(_settings(entry))
        if settings:
            yield from ("| setting | value | default | meaning |", "|---|---|---|---|", *settings, "")


def _settings(entry: Entry) -> Iterator[str]:
    """What YAML may set of a function; the meaning, with units, is that of its docstring."""
    schema = plain_schema(entry.schema)
    said = _parameters(inspect.getdoc(entry.function) or "")
    for name, node in schema.get("properties", {}).items():
        kind = (
            f"name of a {entry.refers[name].replace('port with patterns', 'port')}"
            if name in entry.refers
            else _kind(node, {})
        )
        default = _default(node, name in schema.get("required", ()))
        yield f"| `{name}` | {_cell(kind)} | {default} | {_cell(said.get(name, ''))} |"


def _parameters(text: str) -> dict[str, str]:
    """The section ``Parameters`` of a docstring as numpydoc has it: names to their description."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}$|\Z)", text, re.MULTILINE | re.DOTALL)
    found: dict[str, str] = {}
    names: list[str] = []
    for line in section[1].splitlines() if section else []:
        if line and not line[0].isspace():
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
        for name in names if line.startswith(" ") else []:
            found[name] = f"{found.get(name, '')} {line.strip()}".strip()
    return found


def _cell(text: str) -> str:
    """Text that can stand in a table of Markdown."""
    return text.replace("``", "`").replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
