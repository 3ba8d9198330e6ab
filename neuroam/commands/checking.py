"""Is a file right?  What its text shows (`spec`), and what only its numbers reveal (`resolve`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from neuroam.errors import Problem, SpecError
from neuroam.resolve import resolve
from neuroam.resolve.not_yet import not_yet, of_model
from neuroam.sim.plan import plan
from neuroam.spec.load import check_file, load, load_model


@dataclass(frozen=True)
class Finding:
    """What a check says of one file: ``problems`` are wrong, ``notes`` are right but cannot be run yet."""

    kind: str
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def check(file: str) -> Finding:
    """Everything that is wrong with a file, found without simulating; never raises for wrong input.

    A protocol that reads well is resolved: sizes, pattern numbers and the like are only known then.
    """
    kind, problems = check_file(file)
    if problems:
        return Finding(kind, problems)
    if kind == "model":
        return Finding(kind, [], list(of_model(load_model(file))))
    if kind != "protocol":
        return Finding(kind)
    spec = load(file)
    notes = not_yet(spec)
    if notes:
        return Finding(kind, [], notes)
    try:
        plan(*resolve(spec))
    except SpecError as error:
        return Finding(kind, list(error.problems))
    return Finding(kind)
