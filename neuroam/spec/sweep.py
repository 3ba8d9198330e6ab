"""What varies in a sweep?  The ``sweep:`` block of a protocol, and ``--over``.

::

    sweep:
      controls.upsilon: {from: 0, to: 0.9, step: 0.1}      # both ends included
      patterns.memory.bernoulli.count: [10, 20, 40]
      populations.hidden.params.beta: {log: {from: 0.1, to: 10, count: 5}}
      pair: true                                           # all points share all seeds: the default
      theory: {cluster_threshold: {axis: PATH, port: memory}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.predictions import prediction
from neuroam.spec.call_checks import call_is_known, problem_at
from neuroam.spec.nouns import Model
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.settings import lay_over
from neuroam.spec.yaml import Document

WORDS = ("pair", "theory")
MAX_VALUES = 100_000


@dataclass(frozen=True)
class Axis:
    """A dotted path of the protocol or its model, and the values that it takes."""

    path: str
    values: tuple[Any, ...]

    def setting(self, number: int) -> str:
        """``PATH=VALUE`` of one value."""
        value = self.values[number]
        return f"{self.path}={value if isinstance(value, str) else json.dumps(value)}"


class AxisError(ValueError):
    """The values of an axis cannot be understood; the second argument is how to write them."""


_RANGE = "write [1, 2, 4], {from: 0, to: 1, step: 0.1} or {log: {from: 1, to: 100, count: 5}}"


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
        if set(inner) == {"from", "to", "count"}:
            return _in_octaves(_number(inner["from"], "from"), _number(inner["to"], "to"), inner["count"])
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
    return (*(float(first) * ratio**number for number in range(count - 1)), float(last))


def axes_of(sweep: Mapping[str, Any]) -> list[Axis]:
    """The axes of a ``sweep:`` block that is right."""
    return [Axis(path, values_of(raw)) for path, raw in sweep.items() if path not in WORDS]


def theory_of(sweep: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The predictions of a ``sweep:`` block by name, with their settings and the ``axis``."""
    return {name: dict(settings) for name, settings in sweep.get("theory", {}).items()}


def sweep_problems(sweep: Mapping[str, Any], document: Document, model: Model) -> Iterator[Problem]:
    """What is wrong with a ``sweep:`` block; paths are tried with their first value."""
    paths = [path for path in sweep if path not in WORDS]
    for path in paths:
        try:
            first = Axis(path, values_of(sweep[path])).setting(0)
        except AxisError as error:
            yield problem_at(document, ("sweep", path), *error.args)
            continue
        found: list[Problem] = []
        for kind, target in (("protocol", document), ("model", model.document)):
            lay_over([first], kind, deepcopy(target), found)
        for problem in found:
            yield problem_at(document, ("sweep", path), problem.what, problem.fix, key=True)
    if sweep.get("pair", True) is not True:
        what = "all points of a sweep share their seeds"
        yield problem_at(document, ("sweep", "pair"), what, "write 'pair: true', or vary 'seed' as an axis")
    yield from _theory_problems(sweep.get("theory", {}), paths, document, model)


def _theory_problems(theory: Any, paths: list[str], document: Document, model: Model) -> Iterator[Problem]:
    if not isinstance(theory, dict):
        yield problem_at(
            document, ("sweep", "theory"), "expected predictions by name", "write {NAME: {axis: PATH, ...}}"
        )
        return
    known = {kind: model.document.names(section) for kind, section in
             (("population", "populations"), ("matrix", "matrices"), ("port", "ports"))}  # fmt: skip
    for name, settings in theory.items():
        path = ("sweep", "theory", name)
        if not isinstance(settings, dict):
            yield problem_at(document, path, "expected the settings of a prediction", "write {axis: PATH, ...}")
            continue
        axis = settings.get("axis")
        along = prediction[name].options.get("along", "") if name in prediction else ""
        if axis is None:
            yield problem_at(document, path, "a prediction needs its 'axis'", f"one of: {', '.join(paths)}")
        elif axis not in paths:
            yield problem_at(document, (*path, "axis"), f"no axis '{axis}'", suggestion(str(axis), paths))
        elif along and str(axis).rpartition(".")[2] != along:
            what = f"'{name}' is a place on an axis that ends in '{along}', not on '{axis}'"
            fitting = ", ".join(other for other in paths if other.endswith(along))
            yield problem_at(document, (*path, "axis"), what, f"one of: {fitting}" if fitting else "add such an axis")
        call = Call(name, {key: value for key, value in settings.items() if key != "axis"})
        yield from call_is_known(document, path, call, prediction, known)
