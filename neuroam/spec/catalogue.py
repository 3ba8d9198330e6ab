"""What is there to use?  Shipped files and registered functions, and the JSON Schemas of the file kinds."""

from __future__ import annotations

from typing import Any

from neuroam import shipped
from neuroam.connectivity import connectivity
from neuroam.errors import Problem, SpecError, Where
from neuroam.patterns import pattern
from neuroam.readouts import readout
from neuroam.registry import Registry
from neuroam.rules import rule
from neuroam.spec.kinds import SCHEMAS
from neuroam.spec.yaml import read
from neuroam.stimuli import corruption
from neuroam.values import value

ROOMS: dict[str, Registry] = {
    "patterns": pattern,
    "connectivity": connectivity,
    "rules": rule,
    "values": value,
    "stimuli": corruption,
    "readouts": readout,
}


def catalogue() -> dict[str, list[tuple[str, str]]]:
    """Names with one line each, by kind."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind in ("models", "protocols"):
        found[kind] = [(name, _title(shipped.find(kind, name))) for name in shipped.names(kind)]
    for kind in ("cells", "synapses"):
        files = sorted((shipped.folder("models") / kind).glob("*.yaml"))
        found[kind] = [(file.stem, _title(file)) for file in files]
    for kind, room in ROOMS.items():
        found[kind] = [(name, room[name].summary) for name in room]
    return found


def _title(path: Any) -> str:
    try:
        return str(read(path).data.get("title", ""))
    except SpecError:
        return "(not valid: run 'neuroam check' on it)"


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema of a file kind.

    Raises
    ------
    SpecError
        If there is no such kind.
    """
    if kind not in SCHEMAS:
        raise SpecError([Problem(Where(), "", f"no file kind named '{kind}'", f"use one of: {', '.join(SCHEMAS)}")])
    made = SCHEMAS[kind].model_json_schema(by_alias=True)
    if kind in ENTRIES:
        made = _with_variants(made, ENTRIES[kind])
    plain: dict[str, Any] = _with_plain_defaults(made)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain, "title": f"neuroam {kind}"}


def _with_plain_defaults(node: Any) -> Any:
    """Default quantities as a person would write them."""
    if isinstance(node, list):
        return [_with_plain_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"value", "dimension", "text"}:
        return node["text"] or node["value"]
    return {key: _with_plain_defaults(item) for key, item in node.items()}


# what a file that is based on another may leave out: the entries of these sections, and the sections themselves
ENTRIES = {"model": {"populations": "PopulationSpec", "projections": "ProjectionSpec"}, "protocol": {"epochs": ""}}


def _with_variants(made: dict[str, Any], entries: dict[str, str]) -> dict[str, Any]:
    """Keys that must be there become keys that must be there unless the file is based on another."""
    whole: dict[str, Any] = {"required": [key for key in made["required"] if key in entries], "properties": {}}
    made["required"] = [key for key in made["required"] if key not in entries]
    for section, name in entries.items():
        if name:
            required = made["$defs"][name].pop("required")
            whole["properties"][section] = {"additionalProperties": {"required": required}}
    return {**made, "if": {"not": {"required": ["based_on"]}}, "then": whole}
