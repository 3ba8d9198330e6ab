"""What is left of a file that breaks its schema: enough of it to look for further mistakes in the same go.

Nothing made here is ever run: a file with a problem is refused in the end.
"""

from __future__ import annotations

import copy
from typing import Any

from pydantic import BaseModel, ValidationError

from neuroam.spec.schema_errors import steps_of

ROUNDS = 12
# what stands for a key that must be there but is missing or wrong
STAND_INS: dict[tuple[str, ...], Any] = {
    ("format",): 1,
    ("title",): "",
    ("populations",): {},
    ("epochs",): [{"name": "unnamed", "duration": "1 steps"}],
    ("time", "dt"): "1 us",
    ("time", "discrete"): "synchronous",
}
# sections whose entries are left out whole: half an entry would be wrong in other ways
WHOLE = frozenset(["projections", "ports", "matrices", "start", "controls", "limits", "patterns", "measure", "record"])
CUE = ("show", "into", "as", "each")
Path_ = tuple[str | int, ...]


def without_mistakes[T: BaseModel](schema: type[T], data: dict[str, Any], error: ValidationError) -> T | None:
    """The values with everything left out that breaks the schema; None if too little is left."""
    left = copy.deepcopy(data)
    for _ in range(ROUNDS):
        for detail in error.errors(include_url=False, include_input=False):
            _leave_out(left, tuple(steps_of(detail)), detail["type"] == "missing")
        try:
            return schema.model_validate(left)
        except ValidationError as again:
            error = again
    return None


def _leave_out(data: dict[str, Any], path: Path_, missing: bool) -> None:
    if path in STAND_INS:
        _holder(data, path)[path[-1]] = copy.deepcopy(STAND_INS[path])  # type: ignore[index]
        return
    if path[:1] == ("epochs",) and len(path) > 1:
        _repair_epoch(data["epochs"], path)
        return
    if missing:
        path = path[:-1]
    if path and path[0] in WHOLE:
        path = path[:2]
    words = [step for step in path if isinstance(step, str)]
    if len(words) < len(path):  # an entry of a list cannot be left out, so the list is
        path = path[: next(i for i, step in enumerate(path) if isinstance(step, int))]
    while len(path) > 1 and path[-1] not in _holder(data, path):
        path = path[:-1]
    if path:
        _holder(data, path).pop(path[-1], None)


def _holder(data: dict[str, Any], path: Path_) -> dict[Any, Any]:
    """The mapping that holds the last step of a path; an empty one if there is none."""
    at: Any = data
    for step in path[:-1]:
        at = at.get(step) if isinstance(at, dict) else None
    return at if isinstance(at, dict) else {}


def _repair_epoch(epochs: list[Any], path: Path_) -> None:
    """An epoch keeps its place in the list, so that the others keep theirs."""
    number, key = path[1], path[2] if len(path) > 2 else None
    assert isinstance(number, int)
    epoch = epochs[number]
    stand_ins = {"name": f"unnamed{number}", "duration": "1 steps"}
    if not isinstance(epoch, dict) or key is None:
        epochs[number] = stand_ins
    elif key in stand_ins:
        epoch[key] = stand_ins[key]
    elif key in CUE or key not in ("times", "gap", "drive", "set", "silence", "learn", "until"):
        for part in (*CUE, key):
            epoch.pop(part, None)
    else:
        epoch.pop(key, None)
