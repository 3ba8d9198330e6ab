"""What is done to a table of activities before it becomes patterns?  Steps after one another; one per file."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, ValidationError, WithJsonSchema

from neuroam.circuit import Array
from neuroam.leaves import Call, call, refusal
from neuroam.registry import Registry

step = Registry("step", "neuroam.transforms", ("values",))


def _step(raw: object) -> Call:
    found = call(raw)
    entry = step.get(found.name)
    if entry is None:
        raise refusal("step", f"no step named '{found.name}'", f"use one of: {', '.join(step)}")
    try:
        entry.schema.model_validate(found.settings(entry.shorthand))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in (found.name, *first["loc"]))
        context = first.get("ctx", {})
        why = str(context.get("why", first["msg"]))
        raise refusal("step", f"{where}: {why}", str(context.get("fix", ""))) from None
    return found


def stepped(values: Array, steps: list[Call]) -> Array:
    """Rows (P, N) after some steps.

    Raises
    ------
    FunctionError
        If a step refuses them.
    """
    for one in steps:
        entry = step[one.name]
        settings = entry.schema.model_validate(one.settings(entry.shorthand))
        values = entry.function(values, **{key: getattr(settings, key) for key in type(settings).model_fields})
    return values


StepLeaf = Annotated[
    Call,
    PlainValidator(_step),
    WithJsonSchema({"type": ["string", "object"], "description": "a step: 'rectify' or {divide_by_pool: {...}}"}),
]
