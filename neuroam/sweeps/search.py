"""A search: the largest whole number for which the mean of a measure still holds, at every point of a grid.

Bisection on a logarithmic scale, for measures that fall with the number (or rise, if they must be at most something).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

import numpy as np

from neuroam import summary
from neuroam.sim.pulse import Tick
from neuroam.spec.axes import Axis
from neuroam.spec.sweep import Search
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.points import Job, Outcome, Place, Points, Run
from neuroam.sweeps.swept import coords_of, dims_of

STRIDE = 1.5  # from number to number on the way to one at which the measure surely fails, or holds
Margin = tuple[float, float, float]  # by how much a mean holds, and the ends of its 95 % interval


@dataclass
class Bracket:
    """What is known of the largest number: ``low`` holds and ``high`` does not, as far as they were tried."""

    low: int
    high: int
    within: float
    tried: dict[int, Margin] = field(default_factory=dict)
    begin: int = field(init=False)
    end: int = field(init=False)

    def __post_init__(self) -> None:
        self.begin, self.end = self.low, self.high

    def next(self) -> int | None:
        """The number that is to be tried; None if nothing is left to find out, the ends of the interval included."""
        if self.high - self.low > 1 and self.high > (1.0 + self.within) * self.low:
            return min(max(round(math.sqrt(self.low * self.high)), self.low + 1), self.high - 1)
        least, most = min(self.tried, default=self.low), max(self.tried, default=self.high)
        if least > self.begin and (not self.tried or self.tried[least][1] < 0):
            return max(self.begin, min(least - 1, round(least / STRIDE)))
        if most < self.end and (not self.tried or self.tried[most][2] >= 0):
            return min(self.end, max(most + 1, round(most * STRIDE)))
        return next((limit for limit in (self.low, self.high) if limit not in self.tried), None)

    def learn(self, number: int, margin: Margin) -> None:
        """Take in how far the measure held."""
        self.tried[number] = margin
        if margin[0] >= 0:
            self.low = max(self.low, number)
        else:
            self.high = min(self.high, number)

    def found(self) -> Margin:
        """The largest number, and the ends of its 95 % interval; NaN where a number was not found.

        Between numbers that were tried, the mean and the ends of its interval are straight lines over log(number): each
        of the three crosses zero somewhere.
        """
        numbers = sorted(self.tried)
        mean, low, high = (_crossing(numbers, [self.tried[number][end] for number in numbers]) for end in range(3))
        return mean, (float(self.begin) if math.isnan(low) and not math.isnan(mean) else low), high


def _crossing(numbers: list[int], margins: list[float]) -> float:
    """Where margins fall below zero for the first time; the last number if never, NaN if from the start."""
    if margins[0] < 0:
        return math.nan
    for (before, above), (after, below) in pairwise(zip(numbers, margins, strict=True)):
        if below < 0:
            return float(before * (after / before) ** (above / (above - below)))
    return float(numbers[-1])


@dataclass
class Running:
    """One search at one place: what it knows, and the point that it waits for."""

    name: str
    search: Search
    place: Place
    bracket: Bracket
    number: int | None = None
    reason: str = ""

    @property
    def job(self) -> Job | None:
        """The point whose outcome comes next; None at the end."""
        if self.number is None or self.reason:
            return None
        return Job(self.place, tuple(self.search.at(self.number)))

    @property
    def share(self) -> float:
        """How much of it is done, roughly."""
        if self.job is None:
            return 1.0
        span = math.log(self.search.high / self.search.low)
        rounds = math.log2(span / math.log1p(self.search.within)) + 1
        return min(0.99, len(self.bracket.tried) / max(rounds, 1.0))

    def learn(self, outcome: Outcome) -> None:
        """Take in the point that was waited for, and choose the next one."""
        assert self.number is not None
        if isinstance(outcome, str):
            self.reason = outcome
            return
        array = outcome[self.search.measure]
        mean, interval = summary.mean(array), summary.ci95(array)
        if mean is None:
            self.reason = f"'{self.search.measure}' says nothing at {self.search.path}={self.number}"
            return
        margin, *ends = (self.search.sign * (v - self.search.bound) for v in (mean, *(interval or (mean, mean))))
        self.bracket.learn(self.number, (margin, min(ends), max(ends)))
        self.number = self.bracket.next()


def search_all(
    wanted: Asked, points: Points, run: Run, say: Callable[[str], None], start: Callable[[int], Tick]
) -> tuple[dict[str, Any], dict[Place, str]]:
    """What every search found along the axes, with its interval as coordinates ``low`` and ``high``; what failed.

    All searches go on at once: each waits for one point at a time, and several may wait for the same one.

    Parameters
    ----------
    wanted, points, run
        As of `neuroam.sweeps.grid.run_all`.
    say, start
        As of `neuroam.pipeline.run`; the bar counts searches.
    """
    import xarray as xr

    places = list(product(*(range(count) for count in wanted.shape)))
    all_ = [
        Running(name, search, place, Bracket(search.low, search.high, search.within))
        for name, search in wanted.searches.items()
        for place in places
    ]
    _bisect(all_, points, run, say, start(len(all_)))
    dims, coords = dims_of(wanted.axes), coords_of(wanted.axes)
    found = {}
    for name, search in wanted.searches.items():
        values = [np.full(wanted.shape, np.nan) for _ in range(3)]
        for one in (one for one in all_ if one.name == name and not one.reason):
            for end, value in zip(values, one.bracket.found(), strict=True):
                end[one.place] = value
            _say_ends(wanted, name, one.place, one.bracket, say)
        ends = {"low": (tuple(dims), values[1]), "high": (tuple(dims), values[2])}
        limits = {"from": search.low, "to": search.high}
        attrs = {"units": "1", "long_name": f"largest {search.path}", "scale": "log", **limits, **_slope(search, dims)}
        found[name] = xr.DataArray(values[0], dims=tuple(dims), coords={**coords, **ends}, attrs=attrs)
    return found, {one.place: f"{one.name}: {one.reason}" for one in all_ if one.reason}


def _bisect(all_: Sequence[Running], points: Points, run: Run, say: Callable[[str], None], tick: Tick) -> None:
    queue: deque[Job] = deque()
    waiting: dict[Job, list[Running]] = {}

    def go_on(one: Running) -> None:
        """Learn from points that are there, then wait for one that is not."""
        while (job := one.job) is not None and (there := points.read(job)):
            one.learn(there)
        if job is not None:
            if job not in waiting:
                queue.append(job)
            waiting.setdefault(job, []).append(one)

    for one in all_:
        one.number = one.bracket.next()
        go_on(one)
    if there := sum(len(one.bracket.tried) for one in all_):
        say(f"resuming: {there} points are there from before")
    tick(sum(one.share for one in all_) / len(all_))
    for job, outcome in run(queue):
        if not isinstance(outcome, str):
            points.keep(job, outcome)
        for one in waiting.pop(job):
            one.learn(outcome)
            go_on(one)
        tick(sum(one.share for one in all_) / len(all_))


def _slope(search: Search, dims: Mapping[str, Axis]) -> dict[str, str]:
    """Attributes that say along which dimension, if it is there, and with which law the number grows."""
    path, law = search.slope or ("", "")
    return next(({"slope": law, "along": name} for name, axis in dims.items() if axis.path == path), {})


def _say_ends(wanted: Asked, name: str, place: Place, bracket: Bracket, say: Callable[[str], None]) -> None:
    """Tell where a search ran into its limits."""
    at = ", ".join(wanted.named(place)) or wanted.base.protocol.name
    if bracket.tried[min(bracket.tried)][0] < 0:
        say(f"{at}: {name} is below {min(bracket.tried)}, where the search begins")
    elif bracket.tried[max(bracket.tried)][0] >= 0:
        say(f"{at}: {name} is at least {max(bracket.tried)}, where the search ends")
