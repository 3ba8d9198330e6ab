"""Cross-checks of what a projection says beside its weights: values per row, masks, plastic components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from neuroam.errors import Problem
from neuroam.leaves import Call
from neuroam.spec.call_checks import Path, attribute_problems
from neuroam.spec.check import Check
from neuroam.spec.model import SynapseSpec
from neuroam.spec.plasticity import Ends, file_problems, readable, settings_problems
from neuroam.spec.yaml import Document
from neuroam.values import value


def rows_have_known_values(check: Check) -> Iterator[Problem]:
    """``gain`` and ``delay`` by row: ``{each_row: PORT.ATTRIBUTE}`` or ``{each_row: {VALUE_FUNCTION: ...}}``."""
    for name, projection in check.spec.projections.items():
        for key in ("gain", "delay"):
            leaf = getattr(projection, key)
            path: Path = ("projections", name, key)
            if not isinstance(leaf, Call):
                continue
            if leaf.name != "each_row":
                yield from check.unknown(path, "way to give a value per edge", leaf.name, ["each_row"])
                continue
            path = (*path, "each_row")
            if isinstance(leaf.args, str):
                yield from attribute_problems(check.document, path, leaf.args, list(check.spec.ports))
            elif isinstance(leaf.args, dict) and len(leaf.args) == 1:
                yield from check.call(path, Call(*next(iter(leaf.args.items()))), value)
            else:
                fix = "write PORT.ATTRIBUTE or {VALUE_FUNCTION: {...}}"
                yield check.problem(path, "expected an attribute or one value function", fix)


def masks_name_known_flags(check: Check) -> Iterator[Problem]:
    """``only`` names a variable of the post cells."""
    for name, projection in check.spec.projections.items():
        if projection.only is None or name not in check.ends:
            continue
        post = check.ends[name][1].population
        known = list(readable(check.cells[post]))
        if projection.only not in known:
            yield from check.unknown(("projections", name, "only"), f"variable of '{post}'", projection.only, known)


def plasticity_fits_its_projection(
    check: Check, synapses: Mapping[tuple[str, str], tuple[Document, SynapseSpec]]
) -> Iterator[Problem]:
    """The component is a plastic one, its settings exist, and its statements suit the two cells."""
    for name, projection in check.spec.projections.items():
        call = projection.plastic
        if call is None or (name, "plastic") not in synapses or name not in check.ends:
            continue
        path: Path = ("projections", name, "plastic")
        document, spec = synapses[name, "plastic"]
        if not spec.plastic:
            yield check.problem(path, f"'{call.name}' changes no weights", "use it as 'synapse' or 'kernel'")
            continue
        pre, post = check.ends[name]
        ends = Ends(check.cells[pre.population], check.cells[post.population], tuple(check.spec.ports))
        yield from settings_problems(check.document, path, call, spec, ends)
        yield from file_problems(document, spec, call.settings(next(iter([*spec.params, *spec.reads]), "")), ends)
