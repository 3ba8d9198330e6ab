"""Words of the dialect that are understood but that this version cannot run."""

from __future__ import annotations

from collections.abc import Iterator

from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.resolve.context import Context
from neuroam.spec.nouns import Model, Spec
from neuroam.spec.yaml import dotted

CUES = ("state", "clamp", "current", "rates")
_FIX = "'check' accepts it, but a run needs a later version"


def refuse_what_cannot_run(context: Context) -> None:
    """Add a problem for every such word."""
    context.problems += not_yet(context.spec)


def not_yet(spec: Spec) -> list[Problem]:
    """Every word of both files that cannot be run."""
    return [*of_model(spec.model), *_of_protocol(spec)]


def of_model(model: Model) -> Iterator[Problem]:
    """Every word of a model that cannot be run."""

    def problem(path: tuple[str | int, ...], what: str) -> Problem:
        return Problem(model.document.where(path), dotted(path), f"{what} cannot be run yet", _FIX)

    for name, projection in model.spec.projections.items():
        path = ("projections", name)
        if projection.gain is not None:
            yield problem((*path, "gain"), "'gain'")
        if isinstance(projection.delay, Call):
            yield problem((*path, "delay"), "a delay per row")


def _of_protocol(spec: Spec) -> Iterator[Problem]:
    document, protocol = spec.protocol.document, spec.protocol.spec

    def problem(path: tuple[str | int, ...], what: str) -> Problem:
        return Problem(document.where(path), dotted(path), f"{what} cannot be run yet", _FIX)

    if protocol.repeat:
        yield problem(("repeat",), "'repeat'")
    for i, epoch in enumerate(protocol.epochs):
        if epoch.as_ is not None and epoch.as_.name not in CUES:
            yield problem(("epochs", i, "as"), f"the cue kind '{epoch.as_.name}'")
    for name, patterns in protocol.patterns.items():
        if patterns.attributes:
            yield problem(("patterns", name), f"the attribute '{next(iter(patterns.attributes))}'")
