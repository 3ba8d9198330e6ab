"""How long do ``kernel: {box: ...}`` and ``kernel: {delay: ...}`` look back?"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from neuroam.errors import FunctionError
from neuroam.leaves import Call, Duration, DurationLeaf

RINGS = ("box", "delay")


def ring_length(call: Call) -> Duration:
    """The setting of ``{box: 20 ms}``, ``{box: {time: 20 ms}}`` or ``{box: {steps: 5}}``; likewise of ``delay``.

    Raises
    ------
    FunctionError
        If it says nothing, too much, or no time.
    """
    fix = f"write {{{call.name}: 20 ms}} or {{{call.name}: {{steps: 5}}}}"
    given = call.args
    if isinstance(given, dict):
        if len(given) != 1 or next(iter(given)) not in ("time", "steps"):
            raise FunctionError(f"'{call.name}' has one setting, 'time' or 'steps'", fix)
        key, given = next(iter(given.items()))
        given = f"{given} steps" if key == "steps" else given
    try:
        found: Duration = TypeAdapter(DurationLeaf).validate_python(given)
    except ValidationError as error:
        raise FunctionError(str(error.errors()[0].get("ctx", {}).get("why", f"'{given}' is no time")), fix) from None
    return found
