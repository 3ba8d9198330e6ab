"""Cross-checks of what a projection says beside its weights: values per row, masks, plastic components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from neuroam.errors import FunctionError, Problem
from neuroam.formula import FormulaError, dimension, parse
from neuroam.leaves import Call
from neuroam.spec.call_checks import Path, attribute_problems
from neuroam.spec.check import Check
from neuroam.spec.model import SynapseSpec
from neuroam.spec.plasticity import Ends, build, file_problems, names_are_known, readable, settings_problems
from neuroam.spec.rings import RINGS, ring_length
from neuroam.spec.yaml import Document
from neuroam.units import ONE, in_words
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


def messages_are_expressions(check: Check) -> Iterator[Problem]:
    """A message reads the weight ``w`` and the variables of both cells, and has the dimension of the signal."""
    for name, projection in check.spec.projections.items():
        if projection.message is None or name not in check.ends:
            continue
        path: Path = ("projections", name, "message")
        pre, post = check.ends[name]
        if pre.variable == "spike":
            fix = f"name a graded signal: 'from: {pre.population}.VARIABLE'"
            yield check.problem(path, "a message needs a graded signal, and this projection carries spikes", fix)
            continue
        known = {"w": ONE} | {f"{key}_pre": found for key, found in readable(check.cells[pre.population]).items()}
        known |= {f"{key}_post": found for key, found in readable(check.cells[post.population]).items()}
        wanted = check.cells[pre.population].dimensions[pre.variable]
        ends = Ends(check.cells[pre.population], check.cells[post.population], ())
        try:
            parse(projection.message)
            names_are_known(projection.message, known, ends)
            found = dimension(projection.message, known)
        except FormulaError as error:
            bare = error.what.removeprefix("unknown name '").rstrip("'")
            sides = [name for name in (f"{bare}_pre", f"{bare}_post") if name in known]
            fix = f"write {' or '.join(sides)}" if sides else error.fix
            yield check.problem(path, error.what, fix or "write it in w, NAME_pre and NAME_post")
            continue
        if found != wanted:
            right = "a condition" if found is None else in_words(found)
            what = f"the message is {right} but the signal '{pre.variable}' is {in_words(wanted)}"
            yield check.problem(path, what, "check the units of every term")


def rings_say_how_long(check: Check) -> Iterator[Problem]:
    """``kernel: {box: ...}`` and ``{delay: ...}`` say how long, once, and carry graded signals."""
    for name, projection in check.spec.projections.items():
        call = projection.kernel
        if call is None or call.name not in RINGS or name not in check.ends:
            continue
        path: Path = ("projections", name, "kernel")
        if check.ends[name][0].variable == "spike":
            fix = "write 'delay: 2 ms' beside 'synapse'" if call.name == "delay" else "use a 'synapse'"
            yield check.problem(path, f"'{call.name}' is for graded signals but '{name}' carries spikes", fix, key=True)
            continue
        try:
            ring_length(call)
        except FunctionError as error:
            yield check.problem((*path, call.name), error.what, error.fix)


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
        settings = call.settings(next(iter([*spec.params, *spec.reads]), ""))
        found = [*settings_problems(check.document, path, call, spec, ends)]
        found += file_problems(document, spec, settings, ends)
        yield from found
        if not found:
            check.plastic[name] = build(spec, call.name, settings)
