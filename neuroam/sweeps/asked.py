"""What is a sweep made of?  A protocol, what is set in it, and what varies; refused where it makes no sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from neuroam.errors import Problem, SpecError, Where
from neuroam.spec.axes import WHOLE, Axis, axes_of, axis_over
from neuroam.spec.load import SET, Known, load
from neuroam.spec.nouns import Spec
from neuroam.spec.sweep import Search, searches_of, theory_of

MAX_POINTS = 200_000
MOST_LOADED = 200  # values of an axis that are looked at before a sweep begins
MODEL = "model"  # an axis may be the model itself


@dataclass(frozen=True)
class Asked:
    """A protocol, what is set in it, and what varies: the axes of a grid, and what is searched at each of its points.

    ``theory`` are predictions by name, with their settings and the ``axis`` or the ``measure`` that they are of.
    """

    protocol: str
    model: str | None
    settings: Sequence[str]
    axes: Sequence[Axis]
    searches: Mapping[str, Search]
    theory: Mapping[str, Mapping[str, Any]]
    base: Spec
    known: Known = field(default_factory=dict, compare=False, repr=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis.values) for axis in self.axes)

    def named(self, place: Sequence[int]) -> list[str]:
        """``PATH=VALUE`` of every axis at one point."""
        return [text for axis, number in zip(self.axes, place, strict=True) for text in axis.settings(number)]

    def spec(self, place: Sequence[int], more: Sequence[str] = ()) -> Spec:
        """The protocol at one point, with ``more`` settings."""
        return load(self.protocol, self.model, [*self.settings, "sweep={}", *self.named(place), *more], self.known)


def asked(protocol: str, model: str | None = None, settings: Sequence[str] = (), over: Sequence[str] = ()) -> Asked:
    """What a sweep is made of: the axes of the protocol, or those of ``over`` (as of `axis_over`) instead.

    Raises
    ------
    SpecError
        With every problem of the files, the settings and the axes.
    """
    base = load(protocol, model, settings)
    block = base.protocol.spec.sweep
    axes = [axis_over(text) for text in over] if over else axes_of(block)
    searches = searches_of(block)
    if not axes and not searches:
        fix = "add a 'sweep:' block, or give --over PATH=V1,V2,..."
        where = base.protocol.document.where(())
        raise SpecError([Problem(where, "sweep", "nothing says what varies", fix)])
    _refuse_impossible(base, axes)
    _refuse_repeated(base, axes, searches, model)
    paths = [axis.path for axis in axes]
    theory = {name: given for name, given in theory_of(block).items() if given.get("axis") in (None, *paths)}
    found = Asked(protocol, model, settings, axes, searches, theory, base)
    _refuse_wrong(found)
    return found


def _refuse_wrong(found: Asked) -> None:
    """Load every value, with the first ones of the other axes, and the ends of every search.

    Of an axis with very many values some are loaded, its ends among them; what is wrong with others is told when their
    point is run.
    """
    problems: list[Problem] = []
    for number, axis in enumerate(found.axes):
        last = len(axis.values) - 1
        for value in sorted({round(last * k / MOST_LOADED) for k in range(MOST_LOADED + 1)}):
            place = [value if other == number else 0 for other in range(len(found.axes))]
            try:
                found.spec(place)
            except SpecError as error:
                problems += [_of_axis(problem, found, place) for problem in error.problems]
    for name, search in found.searches.items() if not problems else ():
        try:
            found.spec([0] * len(found.axes), search.at(search.low))
        except SpecError as error:
            mine = found.base.protocol.document.where(("sweep", "search", name))
            problems += [replace(each, where=mine) if each.where.file.startswith(SET) else each
                         for each in error.problems]  # fmt: skip
    if problems:
        raise SpecError(list(dict.fromkeys(problems)))


def _of_axis(problem: Problem, found: Asked, place: Sequence[int]) -> Problem:
    """A problem of a value of an axis: where the axis stands, and how to make whole numbers of a range."""
    for axis, number in zip(found.axes, place, strict=True):
        for part in axis.together:
            if problem.where.file == f"{SET}{part.setting(number)}":
                broken = isinstance(part.values[number], float) and "whole number" in problem.what
                where = _where(found.base, part) if part.at else Where(f"--over {part.setting(number)}")
                return replace(problem, where=where, fix=WHOLE if broken else problem.fix)
    return problem


def _refuse_repeated(base: Spec, axes: Sequence[Axis], searches: Mapping[str, Search], model: str | None) -> None:
    """What is given in two places, of which only one would count."""
    parts = [part for axis in axes for part in axis.together]
    paths = [part.path for part in parts]
    twice = {part.path: part for part in parts if paths.count(part.path) > 1}
    problems = [
        Problem(_where(base, part), path, "the axis is given twice", "leave one of the two out")
        for path, part in twice.items()
    ]
    if model is not None and MODEL in paths:
        what = f"the model is an axis, and '{model}' is given besides"
        problems.append(Problem(Where("--model"), MODEL, what, "leave out --model, or give other axes with --over"))
    for name, search in searches.items():
        if search.path in paths:
            what = f"'{search.path}' is an axis, and is searched too"
            problems.append(Problem(Where("sweep"), f"sweep.search.{name}", what, "leave the axis out"))
    if problems:
        raise SpecError(problems)


def _refuse_impossible(base: Spec, axes: Sequence[Axis]) -> None:
    """Grids that are too large, values that stand there twice, axes without effect, and nothing to measure."""
    protocol, problems = base.protocol, []
    count = int(np.prod([float(len(axis.values)) for axis in axes]))
    if count > MAX_POINTS:
        what = f"{count} points are more than {MAX_POINTS}"
        problems.append(Problem(Where("sweep"), "", what, "take fewer values"))
    if not protocol.spec.measure:
        what = "nothing is measured, so nothing would be left of a point"
        problems.append(Problem(protocol.document.where(()), "measure", what, "add a measure to the protocol"))
    for axis in axes:
        points = [", ".join(map(repr, point)) for point in zip(*(part.values for part in axis.together), strict=True)]
        twice = {point for point, times in Counter(points).items() if times > 1}
        if twice:
            what = f"the value {', '.join(sorted(twice))} stands there twice"
            problems.append(Problem(_where(base, axis), f"sweep.{axis.path}", what, "leave one out"))
    first = protocol.spec.epochs[0]
    for axis in (part for whole in axes for part in whole.together):
        section, _, control = axis.path.partition(".")
        if section == "controls" and control in first.set:
            what = f"the epoch '{first.name}' sets '{control}' from the start, so this axis would change nothing"
            fix = f"vary epochs.{first.name}.set.{control}"
            problems.append(Problem(_where(base, axis), f"sweep.{axis.path}", what, fix))
    if problems:
        raise SpecError(problems)


def _where(base: Spec, axis: Axis) -> Where:
    """Where an axis stands: in the protocol, or on the command line."""
    return base.protocol.document.where(("sweep", *axis.at)) if axis.at else Where("--over")
