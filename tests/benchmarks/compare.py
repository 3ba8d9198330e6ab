"""Who is faster?  Competitors take turns, and what counts is the ratio within a round."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tests.benchmarks.machine import one_core

OURS = "neuroam"


@dataclass(frozen=True)
class Competitor:
    """``measure(turn)`` gives the cost of one turn in the unit of its case; ``remark()`` is asked after the last."""

    name: str
    measure: Callable[[int], float]
    remark: Callable[[], str] = lambda: ""


@dataclass(frozen=True)
class Bound:
    """What is wanted: we take at most ``most`` times what ``against`` takes, or ``most`` units if against nobody."""

    most: float
    against: str = ""


@dataclass(frozen=True)
class Case:
    """One line of a question: competitors that do the same work.  The first one is us."""

    name: str
    unit: str
    competitors: Sequence[Competitor]
    bounds: Sequence[Bound] = ()
    pinned: bool = True


@dataclass(frozen=True)
class Measured:
    """The samples of one competitor in one case, round by round."""

    case: str
    unit: str
    who: str
    samples: list[float]
    ratio: list[float] = field(default_factory=list)
    remark: str = ""
    bound: str = ""
    met: bool | None = None

    @property
    def median(self) -> float:
        return float(np.median(self.samples))


def compare(case: Case, rounds: int) -> list[Measured]:
    """Let the competitors take turns; the order within a round rotates, so that nobody always comes first."""
    samples: dict[str, list[float]] = {competitor.name: [] for competitor in case.competitors}
    for turn in range(rounds):
        sys.stderr.write(f"\r  {case.name}: round {turn + 1} of {rounds}   ")
        sys.stderr.flush()
        first = turn % len(case.competitors)
        for competitor in [*case.competitors[first:], *case.competitors[:first]]:
            if case.pinned:
                with one_core(turn):
                    samples[competitor.name].append(competitor.measure(turn))
            else:
                samples[competitor.name].append(competitor.measure(turn))
    sys.stderr.write("\n")
    return [_measured(case, competitor, samples) for competitor in case.competitors]


def _measured(case: Case, competitor: Competitor, samples: dict[str, list[float]]) -> Measured:
    own, us = samples[competitor.name], case.competitors[0].name
    ratio = [] if competitor.name == us else [a / b for a, b in zip(samples[us], own, strict=True)]
    text, met = "", None
    for bound in case.bounds:
        if (bound.against or us) == competitor.name:
            value = float(np.median(ratio)) if bound.against else float(np.median(own))
            text = f"at most {bound.most:g}" + ("" if bound.against else f" {case.unit}")
            met = value <= bound.most
    return Measured(case.name, case.unit, competitor.name, own, ratio, competitor.remark(), text, met)
