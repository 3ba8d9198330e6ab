"""Words of the dialect that are understood but that this version cannot run."""

from __future__ import annotations

from neuroam.errors import Problem
from neuroam.resolve.context import Context
from neuroam.spec.nouns import Spec
from neuroam.spec.yaml import dotted

CUES = ("state", "clamp", "current", "rates", "log_odds")
_FIX = "'check' accepts it, but a run needs a later version"


def refuse_what_cannot_run(context: Context) -> None:
    """Add a problem for every such word."""
    context.problems += not_yet(context.spec)


def not_yet(spec: Spec) -> list[Problem]:
    """Every word of a protocol that cannot be run."""
    document = spec.protocol.document
    return [
        Problem(document.where(path), dotted(path), f"the cue kind '{epoch.as_.name}' cannot be run yet", _FIX)
        for i, epoch in enumerate(spec.protocol.spec.epochs)
        for path in [("epochs", i, "as")]
        if epoch.as_ is not None and epoch.as_.name not in CUES
    ]
