"""Cross-checks of what differs from trial to trial: conditions, and when a cue begins."""

from __future__ import annotations

from collections.abc import Iterator

from neuroam.errors import Problem
from neuroam.spec.call_checks import Path, call_is_known, problem_at
from neuroam.spec.nouns import Model
from neuroam.spec.protocol import ProtocolSpec, ShowSpec
from neuroam.spec.yaml import Document
from neuroam.stimuli import corruption
from neuroam.units import SECOND, UnitError, in_words, quantity
from neuroam.values import value

DRAWN = ("normal", "uniform")


def conditions_corrupt(document: Document, path: Path, show: ShowSpec) -> Iterator[Problem]:
    """Every condition is a list of known corruptions."""
    for name, calls in show.conditions.items():
        for k, call in enumerate(calls):
            yield from call_is_known(document, (*path, "conditions", name, k), call, corruption, {})


def onset_is_drawn(document: Document, path: Path, show: ShowSpec) -> Iterator[Problem]:
    """When a cue begins is a time, drawn from a distribution."""
    if show.onset is None:
        return
    fix = "write {uniform: {low: 0 ms, high: 30 ms}}"
    if show.onset.name not in DRAWN:
        yield problem_at(document, path, f"'{show.onset.name}' draws no time for every trial", fix)
        return
    yield from call_is_known(document, path, show.onset, value, {})
    for key, raw in show.onset.settings("").items():
        try:
            found = quantity(raw)
        except UnitError:
            continue  # told above
        if found.dimension != SECOND:
            what = f"'{found}' is {in_words(found.dimension)}, not a time"
            yield problem_at(document, (*path, show.onset.name, key), what, "write for instance 30 ms")


def epochs_have_the_same_conditions(_model: Model, spec: ProtocolSpec, document: Document) -> Iterator[Problem]:
    """A trial is in one condition, whatever it shows."""
    first: list[str] = []
    for i, epoch in enumerate(spec.epochs):
        names = list(epoch.show.conditions) if epoch.show is not None else []
        first = first or names
        if names and names != first:
            what = f"these are other conditions than before: {', '.join(names)}"
            path: Path = ("epochs", i, "show", "conditions")
            yield problem_at(document, path, what, f"name the same, in the same order: {', '.join(first)}", key=True)
