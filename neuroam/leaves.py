"""The leaves of both file kinds: quantities, durations, names, and calls of registered functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from neuroam.formula import label_problem, name_problem
from neuroam.registry import Registry
from neuroam.units import SECOND, Quantity, UnitError, in_words, quantity


class Block(BaseModel):
    """Base of every schema: frozen, no unknown key, no silent conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def read_quantity(raw: object) -> Quantity:
    """A YAML leaf as a quantity, with pydantic's kind of error."""
    try:
        return quantity(raw)
    except UnitError as error:
        raise refusal("quantity", str(error), error.fix) from None


def refusal(kind: str, why: str, fix: str = "") -> PydanticCustomError:
    """An error of pydantic's kind with a remedy, which `neuroam.spec.schema_errors` shows."""
    return PydanticCustomError(kind, "{why}", {"why": why, "fix": fix})


_QUANTITY_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\s*[+-]?[0-9.]"}],
    "description": "a number, or a number with a unit such as '20 ms', '0.7 mV', '5 Hz'",
}
QuantityLeaf = Annotated[Quantity, PlainValidator(read_quantity), WithJsonSchema(_QUANTITY_SCHEMA)]


ENDLESS = 10**15  # steps: no computer takes so many


@dataclass(frozen=True)
class Duration:
    """A span of time: ``seconds``, a whole number of ``steps``, or what ``attribute`` says of each pattern row.

    ``attribute`` is PORT.NAME; only a `RowDurationLeaf` has one.
    """

    seconds: float = 0.0
    steps: int | None = None
    text: str = ""
    attribute: str = ""

    def __str__(self) -> str:
        return self.text

    def in_steps(self, dt: float) -> int:
        """How many steps of ``dt`` seconds it lasts, at least one; what lasts without end has `ENDLESS`."""
        return self.steps if self.steps is not None else max(1, round(min(self.seconds / dt, ENDLESS)))


_SPAN = "write for instance 200 ms, or 40 steps"


def _duration(raw: object) -> Duration:
    if isinstance(raw, Duration):
        return raw
    if isinstance(raw, str) and raw.split()[1:] in (["steps"], ["step"]):
        number = raw.split()[0]
        if not number.isascii() or not number.isdigit() or len(number) > 12 or int(number) < 1:
            what = f"'{raw[:40]}' is not a whole number of steps from 1"
            raise refusal("duration", what, "write for instance 40 steps")
        return Duration(steps=int(number), text=raw)
    found = read_quantity(raw)
    if found.dimension != SECOND:
        raise refusal("duration", f"'{found}' is {in_words(found.dimension)}, not a time", _SPAN)
    if found.value <= 0:
        raise refusal("duration", f"the time must be above zero, not '{found}'", _SPAN)
    return Duration(seconds=found.value, text=found.text)


DurationLeaf = Annotated[
    Duration,
    PlainValidator(_duration),
    WithJsonSchema({"type": "string", "description": "a time such as '200 ms', or '40 steps'"}),
]


def _row_duration(raw: object) -> Duration:
    if isinstance(raw, str) and _ATTRIBUTE.fullmatch(raw):
        return Duration(text=raw, attribute=raw)
    return _duration(raw)


_ATTRIBUTE = re.compile(r"[A-Za-z]\w*\.[A-Za-z]\w*", re.ASCII)
RowDurationLeaf = Annotated[
    Duration,
    PlainValidator(_row_duration),
    WithJsonSchema(
        {"type": "string", "description": "a time such as '200 ms', '40 steps', or PORT.ATTRIBUTE: a time per pattern"}
    ),
]


def _time(raw: object) -> Quantity:
    found = read_quantity(raw)
    if found.dimension != SECOND:
        raise refusal("quantity", f"'{found}' is {in_words(found.dimension)}, not a time", "write for instance 0.1 ms")
    return found


TimeLeaf = Annotated[
    Quantity, PlainValidator(_time), WithJsonSchema({"type": "string", "description": "a time such as '0.1 ms'"})
]


def _name(raw: object, check: Callable[[str], str] = name_problem) -> str:
    if not isinstance(raw, str):
        raise refusal("name", "expected a name, as text", "a name is letters, digits and single underscores")
    problem = check(raw)
    if problem:
        raise refusal("name", f"'{raw[:80]}' cannot be used as a name: {problem}", "choose another name")
    return raw


_NAME_SCHEMA = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
Variable = Annotated[str, BeforeValidator(_name), WithJsonSchema(_NAME_SCHEMA)]
Name = Annotated[str, BeforeValidator(lambda raw: _name(raw, label_problem)), WithJsonSchema(_NAME_SCHEMA)]


@dataclass(frozen=True)
class Call:
    """``name`` or ``{name: settings}``: a registered function with what YAML sets of it."""

    name: str
    args: Any = None

    def settings(self, shorthand: str) -> dict[str, Any]:
        """The settings as a mapping; ``{name: value}`` sets the one named ``shorthand``."""
        if self.args is None:
            return {}
        if isinstance(self.args, dict):
            return self.args
        return {shorthand or self.name: self.args}


def call(raw: object) -> Call:
    """A YAML value as a call."""
    if isinstance(raw, Call):
        return raw
    if isinstance(raw, str):
        return Call(raw)
    if isinstance(raw, dict) and len(raw) == 1:
        name, args = next(iter(raw.items()))
        return Call(name, args)
    raise refusal("call", "expected one function", "write NAME or {NAME: {SETTING: value}}")


@dataclass(frozen=True)
class CallOf:
    """Annotation: a call of a function in this registry, with a JSON Schema made from the signatures."""

    registry: Registry
    more: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(call)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        choices: list[dict[str, Any]] = [{"type": "string", "enum": [*self.registry, *self.more]}]
        for name in self.registry:
            entry = self.registry[name]
            settings = plain_schema(entry.schema)
            body: dict[str, Any] = {"description": entry.summary, "anyOf": [settings]}
            short = ["null", "number", "string", "array", "boolean"] if entry.shorthand else ["null"]
            body["anyOf"].append({"type": short})
            choices.append(_one_key(name, body))
        return {"anyOf": [*choices, *(_one_key(name, {}) for name in self.more)]}


def _one_key(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: body}, "required": [name], "additionalProperties": False}


def plain_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model in one piece, as an editor needs it inside another."""
    made = model.model_json_schema(by_alias=True)
    inner = made.pop("$defs", {})

    def inlined(node: Any) -> Any:
        if isinstance(node, list):
            return [inlined(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return inlined(inner[str(node["$ref"]).rpartition("/")[2]])
        return {key: inlined(item) for key, item in node.items() if key != "title" or not isinstance(item, str)}

    found: dict[str, Any] = inlined(made)
    return found
