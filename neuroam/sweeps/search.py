"""A search: the largest whole number for which the mean of a measure still holds, at every point of a grid.

Bisection on a logarithmic scale, for measures that fall with the number (or rise, if they must be at most something).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise, product
from typing import Any

import numpy as np

from neuroam import summary
from neuroam.errors import BuildError, RunError, SpecError
from neuroam.sim.pulse import Tick
from neuroam.spec.axes import Axis
from neuroam.spec.sweep import Search
from neuroam.sweeps.asked import Asked
from neuroam.sweeps.points import Place, Points
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


def search_all(
    wanted: Asked, points: Points, say: Callable[[str], None], start: Callable[[int], Tick]
) -> tuple[dict[str, Any], dict[Place, str]]:
    """What every search found along the axes, with its interval as coordinates ``low`` and ``high``; what failed.

    Parameters
    ----------
    wanted, points
        What is asked for, and what is there of it.
    say, start
        As of `neuroam.pipeline.run`; the bar counts searches.
    """
    import xarray as xr

    places = list(product(*(range(count) for count in wanted.shape)))
    count = len(places) * len(wanted.searches)
    tick, done = start(count), 0
    dims = dims_of(wanted.axes)
    coords = coords_of(wanted.axes)
    found, failed = {}, {}
    for name, search in wanted.searches.items():
        values = [np.full(wanted.shape, np.nan) for _ in range(3)]
        for place in places:
            bracket = Bracket(search.low, search.high, search.within)
            try:
                _bisect(wanted, points, search, place, bracket, partial(_part, tick, done, count))
                for end, value in zip(values, bracket.found(), strict=True):
                    end[place] = value
                _say_ends(wanted, name, place, bracket, say)
            except (RunError, SpecError, BuildError) as error:
                failed[place] = f"{name}: {error}"
            done += 1
        ends = {"low": (tuple(dims), values[1]), "high": (tuple(dims), values[2])}
        limits = {"from": search.low, "to": search.high}
        attrs = {"units": "1", "long_name": f"largest {search.path}", "scale": "log", **limits, **_slope(search, dims)}
        found[name] = xr.DataArray(values[0], dims=tuple(dims), coords={**coords, **ends}, attrs=attrs)
    tick(1.0)
    return found, failed


def _bisect(wanted: Asked, points: Points, search: Search, place: Place, bracket: Bracket, tick: Tick) -> None:
    rounds = math.log2(math.log(search.high / search.low) / math.log1p(search.within)) + 1
    while (number := bracket.next()) is not None:
        tick(min(0.99, len(bracket.tried) / max(rounds, 1.0)))
        spec = wanted.spec(place, search.at(number))
        array = (points.read(spec) or points.run(spec))[search.measure]
        mean, interval = summary.mean(array), summary.ci95(array)
        if mean is None:
            raise RunError(f"'{search.measure}' says nothing at {search.path}={number}")
        margin, *ends = (search.sign * (value - search.bound) for value in (mean, *(interval or (mean, mean))))
        bracket.learn(number, (margin, min(ends), max(ends)))


def _slope(search: Search, dims: Mapping[str, Axis]) -> dict[str, str]:
    """Attributes that say along which dimension, if it is there, and with which law the number grows."""
    path, law = search.slope or ("", "")
    return next(({"slope": law, "along": name} for name, axis in dims.items() if axis.path == path), {})


def _part(tick: Tick, done: int, count: int, share: float) -> None:
    tick((done + share) / count)


def _say_ends(wanted: Asked, name: str, place: Place, bracket: Bracket, say: Callable[[str], None]) -> None:
    """Tell where a search ran into its limits."""
    at = ", ".join(wanted.named(place)) or wanted.base.protocol.name
    if bracket.tried[min(bracket.tried)][0] < 0:
        say(f"{at}: {name} is below {min(bracket.tried)}, where the search begins")
    elif bracket.tried[max(bracket.tried)][0] >= 0:
        say(f"{at}: {name} is at least {max(bracket.tried)}, where the search ends")
