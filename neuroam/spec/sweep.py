"""What varies in a sweep?  The ``sweep:`` block of a protocol, and ``--over``.

::

    sweep:
      controls.upsilon: {from: 0, to: 0.9, step: 0.1}      # both ends included
      patterns.memory.bernoulli.count: [10, 20, 40]
      populations.hidden.params.beta: {log: {from: 0.1, to: 10, count: 5}}
      pair: true                                           # all points share all seeds: the default
      theory: {cluster_threshold: {axis: PATH, port: memory}}

    sweep:                                                 # the largest count at every size for which a measure holds
      patterns.memory.bernoulli.size: [50, 100]
      search:
        capacity: {largest: patterns.memory.bernoulli.count, from: 2, to: 5000, while: {success: {at_least: 0.9}}}
      theory: {NAME: {measure: capacity, ...}}             # NAME: a prediction, or {prediction: ..., ...}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
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

WORDS = ("pair", "theory", "search")
MAX_VALUES = 100_000
LARGEST = 1_000_000_000


@dataclass(frozen=True)
class Axis:
    """A dotted path of the protocol or its model, and the values that it takes."""

    path: str
    values: tuple[Any, ...]

    def setting(self, number: int) -> str:
        """``PATH=VALUE`` of one value."""
        value = self.values[number]
        return f"{self.path}={value if isinstance(value, str) else json.dumps(value)}"


@dataclass(frozen=True)
class Search:
    """The largest whole number on a dotted path for which the mean of a measure holds.

    It lies from ``low`` to ``high`` and is found up to a factor of 1 + ``within``; the mean is at least ``bound`` where
    ``sign`` is 1, and at most where it is -1.  ``settings`` are texts that hold during this search.
    """

    path: str
    low: int
    high: int
    measure: str
    bound: float
    sign: int
    within: float
    settings: tuple[str, ...]

    def at(self, number: int) -> list[str]:
        """What is set at one number."""
        return [*self.settings, f"{self.path}={number}"]


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


_SEARCH = "write {largest: PATH, from: 2, to: 5000, while: {MEASURE: {at_least: 0.9}}}"
_SENSES = {"at_least": 1, "at_most": -1}


def search_of(raw: Any) -> Search:
    """What is searched.

    Raises
    ------
    AxisError
        If it makes no sense.
    """
    needed, more = {"largest", "from", "to", "while"}, {"within", "set"}
    if not isinstance(raw, dict) or not needed <= set(raw) <= needed | more:
        raise AxisError(f"a search has {', '.join(sorted(needed))}, and may have {', '.join(sorted(more))}", _SEARCH)
    low, high = (_whole(raw[key], key) for key in ("from", "to"))
    if low >= high:
        raise AxisError("'to' is not above 'from'", _SEARCH)
    within = raw.get("within", 0.1)
    if isinstance(within, bool) or not isinstance(within, int | float) or not 0 < within <= 10:
        raise AxisError("'within' is a share above zero, for instance 0.1", _SEARCH)
    rule, settings = raw["while"], raw.get("set", {})
    measure, sense = next(iter(rule.items())) if isinstance(rule, dict) and len(rule) == 1 else ("", None)
    word, bound = next(iter(sense.items())) if isinstance(sense, dict) and len(sense) == 1 else ("", None)
    if word not in _SENSES or isinstance(bound, bool) or not isinstance(bound, int | float):
        raise AxisError("'while' names one measure, and what its mean is at_least or at_most", _SEARCH)
    if not isinstance(settings, dict) or not isinstance(raw["largest"], str):
        raise AxisError("'largest' is a dotted path, and 'set' has values by dotted path", _SEARCH)
    texts = tuple(Axis(path, (value,)).setting(0) for path, value in settings.items())
    return Search(raw["largest"], low, high, measure, float(bound), _SENSES[word], float(within), texts)


def _whole(raw: Any, key: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= LARGEST:
        raise AxisError(f"'{key}' is a whole number from 1 to {LARGEST:,}", _SEARCH)
    return raw


def searches_of(sweep: Mapping[str, Any]) -> dict[str, Search]:
    """The searches of a ``sweep:`` block that is right, by name."""
    return {name: search_of(raw) for name, raw in sweep.get("search", {}).items()}


def theory_of(sweep: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The predictions of a ``sweep:`` block by name, with their settings and the ``axis`` or ``measure``."""
    return {name: dict(settings) for name, settings in sweep.get("theory", {}).items()}


def sweep_problems(
    sweep: Mapping[str, Any], measures: Iterable[str], document: Document, model: Model
) -> Iterator[Problem]:
    """What is wrong with a ``sweep:`` block; paths are tried with their first value."""
    paths = [path for path in sweep if path not in WORDS]
    for path in paths:
        try:
            first = Axis(path, values_of(sweep[path])).setting(0)
        except AxisError as error:
            yield problem_at(document, ("sweep", path), *error.args)
            continue
        yield from _path_problems(first, ("sweep", path), document, model)
    if sweep.get("pair", True) is not True:
        what = "all points of a sweep share their seeds"
        yield problem_at(document, ("sweep", "pair"), what, "write 'pair: true', or vary 'seed' as an axis")
    searches = sweep.get("search", {})
    yield from _search_problems(searches, list(measures), document, model)
    if isinstance(searches, dict):
        yield from _theory_problems(sweep.get("theory", {}), paths, list(searches or measures), document, model)


def _path_problems(setting: str, at: tuple[str, ...], document: Document, model: Model) -> Iterator[Problem]:
    """What is wrong with a setting, shown where it stands."""
    found: list[Problem] = []
    for kind, target in (("protocol", document), ("model", model.document)):
        lay_over([setting], kind, deepcopy(target), found)
    for problem in found:
        yield problem_at(document, at, problem.what, problem.fix, key=True)


def _search_problems(searches: Any, measures: list[str], document: Document, model: Model) -> Iterator[Problem]:
    if not isinstance(searches, dict):
        yield problem_at(document, ("sweep", "search"), "expected searches by name", f"NAME: {_SEARCH}")
        return
    for name, raw in searches.items():
        at = ("sweep", "search", name)
        try:
            search = search_of(raw)
        except AxisError as error:
            yield problem_at(document, at, *error.args)
            continue
        if search.measure not in measures:
            fix = suggestion(search.measure, measures) if measures else "add it to 'measure'"
            yield problem_at(document, (*at, "while"), f"nothing named '{search.measure}' is measured", fix)
        for setting in search.at(search.low):
            yield from _path_problems(setting, at, document, model)


def _theory_problems(
    theory: Any, paths: list[str], measures: list[str], document: Document, model: Model
) -> Iterator[Problem]:
    if not isinstance(theory, dict):
        fix = "write {NAME: {axis: PATH, ...}} or {NAME: {measure: NAME, ...}}"
        yield problem_at(document, ("sweep", "theory"), "expected predictions by name", fix)
        return
    known = {kind: model.document.names(section) for kind, section in
             (("population", "populations"), ("matrix", "matrices"), ("port", "ports"))}  # fmt: skip
    for name, settings in theory.items():
        path = ("sweep", "theory", name)
        if not isinstance(settings, dict):
            yield problem_at(document, path, "expected the settings of a prediction", "write {measure: NAME, ...}")
            continue
        kind = str(settings.get("prediction", name))
        if kind in prediction:
            yield from _of_problems(path, kind, settings, paths, measures, document)
        more = {key: value for key, value in settings.items() if key not in ("axis", "measure", "prediction")}
        yield from call_is_known(document, path, Call(kind, more), prediction, known)


def _of_problems(
    path: tuple[str, ...], kind: str, settings: Mapping[str, Any], paths: list[str], measures: list[str],
    document: Document,
) -> Iterator[Problem]:  # fmt: skip
    """What a prediction is of: a place on an axis, or a value of a measure."""
    along = prediction[kind].options.get("along", "")
    key, known = ("axis", paths) if along else ("measure", measures)
    chosen = settings.get(key)
    if chosen is None:
        yield problem_at(document, path, f"the prediction '{kind}' needs its '{key}'", f"one of: {', '.join(known)}")
    elif chosen not in known:
        yield problem_at(document, (*path, key), f"no {key} '{chosen}'", suggestion(str(chosen), known))
    elif along and str(chosen).rpartition(".")[2] != along:
        what = f"'{kind}' is a place on an axis that ends in '{along}', not on '{chosen}'"
        fitting = ", ".join(other for other in paths if other.endswith(along))
        yield problem_at(document, (*path, key), what, f"one of: {fitting}" if fitting else "add such an axis")
