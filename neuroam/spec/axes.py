"""What varies in a sweep, and which values does it take?  An axis, from a ``sweep:`` block or from ``--over``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from neuroam.errors import Problem, SpecError, Where
from neuroam.spec.settings import split_outside
from neuroam.spec.yaml import parse

WORDS = ("pair", "theory", "search", "zip")
MAX_VALUES = 100_000


@dataclass(frozen=True)
class Axis:
    """A dotted path of the protocol or its model, and the values that it takes.

    Axes ``beside`` it, of as many values, go together with it.  ``at`` is its place in the block; empty if it was given
    from outside.
    """

    path: str
    values: tuple[Any, ...]
    beside: tuple[Axis, ...] = ()
    at: tuple[str | int, ...] = field(default=(), compare=False)

    @property
    def together(self) -> tuple[Axis, ...]:
        """Itself and what goes together with it."""
        return (self, *self.beside)

    def settings(self, number: int) -> list[str]:
        """``PATH=VALUE`` of one value, and of those beside it."""
        return [axis.setting(number) for axis in self.together]

    def texts(self) -> list[str]:
        """``PATH=VALUE`` of all values, and of those beside them."""
        return [text for number in range(len(self.values)) for text in self.settings(number)]

    def setting(self, number: int) -> str:
        """``PATH=VALUE`` of one value alone."""
        value = self.values[number]
        return f"{self.path}={value if isinstance(value, str) else json.dumps(value)}"


class AxisError(ValueError):
    """The values of an axis cannot be understood; the second argument is how to write them.

    ``at`` is the place in the block, below ``sweep``.
    """

    def __init__(self, what: str, fix: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(what, fix)
        self.at = at


_RANGE = "write [1, 2, 4], {from: 0, to: 1, step: 0.1} or {log: {from: 1, to: 100, count: 5}}"
WHOLE = "a range of whole numbers is {log: {from: 1, to: 100, count: 5, whole: true}}"


def values_of(raw: Any) -> tuple[Any, ...]:
    """The values of an axis.

    Raises
    ------
    AxisError
        If they make no sense.
    """
    if isinstance(raw, list):
        if not raw:
            raise AxisError("an axis needs at least one value", _RANGE)
        return tuple(raw)
    if isinstance(raw, dict) and set(raw) == {"from", "to", "step"}:
        return _evenly(*(_number(raw[key], key) for key in ("from", "to", "step")))
    if isinstance(raw, dict) and set(raw) == {"log"} and isinstance(raw["log"], dict):
        inner = raw["log"]
        if set(inner) - {"whole"} == {"from", "to", "count"}:
            found = _in_octaves(_number(inner["from"], "from"), _number(inner["to"], "to"), inner["count"])
            if not isinstance(whole := inner.get("whole", False), bool):
                raise AxisError("'whole' is true or false", WHOLE)
            return tuple(dict.fromkeys(map(round, found))) if whole else found
    raise AxisError("expected values or a range", _RANGE)


def _number(raw: Any, key: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or abs(raw) > 1e15:
        raise AxisError(f"'{key}' is a plain number", _RANGE)
    return Decimal(repr(raw))


def _evenly(first: Decimal, last: Decimal, step: Decimal) -> tuple[Any, ...]:
    """Both ends included; in decimals, so that 0.1 + 0.2 is 0.3."""
    if step == 0:
        raise AxisError("a step of zero leads nowhere", "make the step larger")
    if (last - first) / step < 0:
        raise AxisError("the step does not lead from 'from' to 'to'", "give it the other sign")
    count = int((last - first) / step) + 1
    if count == 1 and first != last:
        raise AxisError("the step is longer than the range", "make the step smaller")
    if count > MAX_VALUES:
        raise AxisError(f"more than {MAX_VALUES} values", "make the step larger")
    found = [first + step * number for number in range(count)]
    whole = all(value == value.to_integral_value() for value in found)
    return tuple(int(value) if whole else float(value) for value in found)


def _in_octaves(first: Decimal, last: Decimal, count: Any) -> tuple[Any, ...]:
    if not isinstance(count, int) or isinstance(count, bool) or not 2 <= count <= MAX_VALUES:
        raise AxisError(f"'count' is a whole number from 2 to {MAX_VALUES}", _RANGE)
    if first <= 0 or last <= 0:
        raise AxisError("a logarithmic range lies above zero", _RANGE)
    ratio = (float(last) / float(first)) ** (1 / (count - 1))
    inner = (float(f"{float(first) * ratio**number:.12g}") for number in range(1, count - 1))
    found = (float(first), *inner, float(last))
    return tuple(map(int, found)) if all(value.is_integer() for value in found) else found


_ZIP = "write zip: {PATH: [1, 2], OTHER: [3, 4]}, or a list of such"
_OVER = "write PATH=V1,V2,..., or PATH,OTHER=V1:W1,V2:W2,... for what goes together; for instance seed=1,2,3"
Group = list[tuple[tuple[str | int, ...], str, Any]]  # of axes that go together: the place, the path, the values


def groups_of(sweep: Mapping[str, Any]) -> Iterator[Group]:
    """The axes of a ``sweep:`` block, in its order, with what is zipped together.

    Raises
    ------
    AxisError
        If ``zip`` makes no sense.
    """
    for key, raw in sweep.items():
        if key == "zip":
            for at, group in enumerate(raw) if isinstance(raw, list) else [(None, raw)]:
                place = ("zip",) if at is None else ("zip", at)
                if not isinstance(group, dict) or len(group) < 2:
                    raise AxisError("expected at least two axes that go together", _ZIP, place)
                yield [((*place, path), path, values) for path, values in group.items()]
        elif key not in WORDS:
            yield [((key,), key, raw)]


def axis_of(group: Group) -> Axis:
    """One axis of a ``sweep:`` block.

    Raises
    ------
    AxisError
        If its values make no sense, or it goes together with one of another length.
    """
    axes = []
    for at, path, raw in group:
        try:
            axes.append(Axis(path, values_of(raw), at=at))
        except AxisError as error:
            what, fix = error.args
            raise AxisError(what, fix, at) from None
    first, *others = axes
    for other in others:
        if len(other.values) != len(first.values):
            what = f"'{other.path}' has {len(other.values)} values, and '{first.path}' has {len(first.values)}"
            raise AxisError(what, "axes that go together have as many values each", other.at)
    return replace(first, beside=tuple(others))


def axes_of(sweep: Mapping[str, Any]) -> list[Axis]:
    """The axes of a ``sweep:`` block that is right."""
    return [axis_of(group) for group in groups_of(sweep)]


def axis_over(text: str) -> Axis:
    """The axis ``PATH=V1,V2,...``, ``PATH={from: 0, to: 1, step: 0.1}`` or ``PATH,OTHER=V1:W1,V2:W2,...``.

    Raises
    ------
    SpecError
        If there is no path or no value, or not one for every path; if a range makes no sense.
    """
    path_text, equals, rest = text.partition("=")
    paths, points = [path.strip() for path in path_text.split(",")], split_outside(rest, ",")
    rows = [split_outside(point, ":") if len(paths) > 1 else [point] for point in points]
    problems = []
    if not equals or not all(paths) or not all(all(row) for row in rows):
        problems.append(Problem(Where(f"--over {text}"), "", "expected PATH=V1,V2,...", _OVER))
    for row in rows if not problems else ():
        if len(row) != len(paths):
            what = f"{len(paths)} paths go together, but '{':'.join(row)}' is {len(row)}"
            problems.append(Problem(Where(f"--over {text}"), "", what, _OVER))
    if problems:
        raise SpecError(problems)
    if rows == [[rest.strip()]] and (found := _range(text, rest)):
        return Axis(paths[0], found)
    first, *others = (Axis(path, tuple(map(_plain, values))) for path, *values in zip(paths, *rows, strict=True))
    return replace(first, beside=tuple(others))


def _range(text: str, written: str) -> tuple[Any, ...]:
    """The values of a range; none if it is something else."""
    raw = parse(f"value: {written}", f"--over {text}").data["value"] if written.strip().startswith("{") else None
    keys = set(raw) if isinstance(raw, dict) else set()
    misspelt = keys > {"from", "to"} and "over" not in keys  # which a ramp has
    if not keys or not (keys <= {"from", "to", "step", "log"} or misspelt):
        return ()
    try:
        return values_of(raw)
    except AxisError as error:
        what, fix = error.args
        raise SpecError([Problem(Where(f"--over {text}"), "", what, fix)]) from None


def _plain(text: str) -> Any:
    """A value of ``--over``: a number or a list where it is one, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
