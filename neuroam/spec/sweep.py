"""What varies in a sweep?  The ``sweep:`` block of a protocol, and ``--over``.

::

    sweep:
      controls.upsilon: {from: 0, to: 0.9, step: 0.1}      # both ends included
      patterns.memory.bernoulli.count: [10, 20, 40]
      populations.hidden.params.beta: {log: {from: 0.1, to: 10, count: 5}}
      pair: true                                           # all points share all seeds: the default
      theory: {cluster_threshold: {axis: PATH, port: memory}}
      zip: {PATH: [1, 2], OTHER: [5, 9]}                   # one axis of two points; or a list of such

    sweep:                                                 # the largest count at every size for which a measure holds
      patterns.memory.bernoulli.size: [50, 100]
      search:
        capacity: {largest: patterns.memory.bernoulli.count, from: 2, to: 5000, while: {success: {at_least: 0.9}}}
      theory: {NAME: {measure: capacity, ...}}             # NAME: a prediction, or {prediction: ..., ...}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.predictions import prediction
from neuroam.spec.axes import Axis, AxisError, axis_of, groups_of
from neuroam.spec.call_checks import call_is_known, problem_at
from neuroam.spec.nouns import Model
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.settings import lay_over
from neuroam.spec.yaml import Document

LARGEST = 1_000_000_000


@dataclass(frozen=True)
class Search:
    """The largest whole number on a dotted path for which the mean of a measure holds.

    It lies from ``low`` to ``high`` and is found up to a factor of 1 + ``within``; the mean is at least ``bound`` where
    ``sign`` is 1, and at most where it is -1.  ``settings`` are texts that hold during this search; ``slope`` is the
    path of an axis and the law with which the number grows along it.
    """

    path: str
    low: int
    high: int
    measure: str
    bound: float
    sign: int
    within: float
    settings: tuple[str, ...]
    slope: tuple[str, str] | None = None

    def at(self, number: int) -> list[str]:
        """What is set at one number."""
        return [*self.settings, f"{self.path}={number}"]


_SEARCH = "write {largest: PATH, from: 2, to: 5000, while: {MEASURE: {at_least: 0.9}}}"
_SLOPE = "write slope: {PATH: power} or {PATH: exponential}"
_SENSES = {"at_least": 1, "at_most": -1}


def search_of(raw: Any) -> Search:
    """What is searched.

    Raises
    ------
    AxisError
        If it makes no sense.
    """
    needed, more = {"largest", "from", "to", "while"}, {"within", "set", "slope"}
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
    slope = _slope_of(raw["slope"]) if "slope" in raw else None
    return Search(raw["largest"], low, high, measure, float(bound), _SENSES[word], float(within), texts, slope)


def _slope_of(raw: Any) -> tuple[str, str]:
    path, law = next(iter(raw.items())) if isinstance(raw, dict) and len(raw) == 1 else ("", None)
    if law not in ("power", "exponential"):
        raise AxisError("'slope' names one axis, and with which law the number grows along it", _SLOPE)
    return str(path), str(law)


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
    paths: list[str] = []
    numbers: list[str] = []
    try:
        groups = list(groups_of(sweep))
    except AxisError as error:
        yield problem_at(document, ("sweep", *error.at), *error.args)
        return
    for group in groups:
        paths.append(group[0][1])
        try:
            axis = axis_of(group)
        except AxisError as error:
            yield problem_at(document, ("sweep", *error.at), *error.args)
            continue
        if all(isinstance(value, int | float) and value > 0 for value in axis.values):
            numbers.append(axis.path)
        for part in axis.together:
            yield from _path_problems(part.setting(0), ("sweep", *part.at), document, model)
    if sweep.get("pair", True) is not True:
        what = "all points of a sweep share their seeds"
        yield problem_at(document, ("sweep", "pair"), what, "write 'pair: true', or vary 'seed' as an axis")
    searches = sweep.get("search", {})
    yield from _search_problems(searches, list(measures), numbers, document, model)
    if isinstance(searches, dict):
        yield from _theory_problems(sweep.get("theory", {}), paths, list(searches or measures), document, model)


def _path_problems(setting: str, at: tuple[str | int, ...], document: Document, model: Model) -> Iterator[Problem]:
    """What is wrong with a setting, shown where it stands."""
    found: list[Problem] = []
    for kind, target in (("protocol", document), ("model", model.document)):
        lay_over([setting], kind, deepcopy(target), found)
    for problem in found:
        yield problem_at(document, at, problem.what, problem.fix, key=True)


def _search_problems(
    searches: Any, measures: list[str], numbers: list[str], document: Document, model: Model
) -> Iterator[Problem]:
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
        if search.slope is not None and search.slope[0] not in numbers:
            fix = suggestion(search.slope[0], numbers) if numbers else _SLOPE
            yield problem_at(document, (*at, "slope"), f"no axis of numbers above zero '{search.slope[0]}'", fix)
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
