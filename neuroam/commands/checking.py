"""Is a file right?  What its text shows (`spec`), and what only its numbers reveal (`resolve`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from neuroam.errors import Problem, SpecError
from neuroam.recorded import refuse_impossible
from neuroam.resolve import begin, finish, resolve
from neuroam.resolve.not_yet import not_yet
from neuroam.sim.cuda_plan import unsupported
from neuroam.sim.plan import plan
from neuroam.sim.structure import Blueprint, Wanted
from neuroam.sim.trial import batch_size
from neuroam.spec.load import check_file, load

FIX = "use --device cpp"


@dataclass(frozen=True)
class Finding:
    """What a check says of one file: ``problems`` are wrong, ``notes`` are right but cannot be run yet."""

    kind: str
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def check(file: str, device: str = "") -> Finding:
    """Everything that is wrong with a file, found without simulating; never raises for wrong input.

    A protocol that reads well is resolved: sizes, pattern numbers and the like are only known then.  With the device
    "cuda", what a GPU cannot run is a problem too; none needs to be there.
    """
    kind, problems = check_file(file)
    if problems:
        return Finding(kind, problems)
    if kind != "protocol":
        return Finding(kind)
    spec = load(file)
    notes = not_yet(spec)
    if notes:
        return Finding(kind, [], notes)
    try:
        for stage in spec.stages.values():
            plan(*resolve(stage))
        if spec.stages:  # its sizes follow from what they will have learned
            return Finding(kind)
        begun = begin(spec)
        refuse_impossible(spec, begun.circuit, begun.outline)
        made = plan(begun.circuit, finish(begun))
        if spec.protocol.spec.sweep:
            from neuroam import sweeps

            sweeps.asked(file)
    except SpecError as error:
        return Finding(kind, list(error.problems))
    reasons = (
        unsupported(Blueprint(made, batch_size(begun.circuit, begun.outline), Wanted())) if device == "cuda" else []
    )
    where = spec.protocol.document.where(())
    return Finding(kind, [Problem(where, "", f"the cuda device cannot run this: {why}", FIX) for why in reasons])
