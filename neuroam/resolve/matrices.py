"""Named matrices, each made once."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Dense, Matrix, Sparse, Trials, Weights
from neuroam.leaves import Call
from neuroam.needs import sorted_by_need
from neuroam.resolve.context import Context, apply, folder, is_too_large, sources_of
from neuroam.rules import rule
from neuroam.spec.model import ViewSpec


def make_matrices(context: Context) -> None:
    """Named matrices, each after those it is made from; then the populations that are sized by one."""
    spec = context.spec.model.spec
    needs: dict[str, list[str]] = {name: [] for name in spec.matrices}
    for name, call in spec.matrices.items():
        entry = rule.get(call.name)
        if entry is not None:
            settings = call.settings(entry.shorthand)
            made_from = [settings.get(key) for key, kind in entry.refers.items() if kind == "matrix"]
            needs[name] = [other for other in spec.matrices if other in made_from]
    for name in sorted_by_need(needs):
        if not set(needs[name]) <= set(context.matrices):  # what it is made from has a problem of its own
            continue
        context.matrices |= make_matrix(context, name, spec.matrices[name], ("matrices", name))
    for name, population in spec.populations.items():
        if population.size.rows is not None and population.size.rows in context.matrices:
            context.sizes[name] = _shape(context.matrices[population.size.rows])[0] * population.size.copies


def make_matrix(context: Context, name: str, call: Call, path: tuple[str, ...]) -> dict[str, Weights]:
    """One matrix by its name; nothing if there is a problem."""
    sources = sources_of(context)
    shape = _wanted_shape(context, name)
    offers = {
        "sources": sources,
        "shape": shape,
        "rng": context.seeds.stream("structure", f"matrix:{name}"),
        "folder": folder(context.model),
    }
    if is_too_large(context, context.model, path, *_expected(context, call, shape)):
        return {}
    found = apply(context, rule, call, context.model, (*path, call.name), offers)
    if found is None or is_too_large(context, context.model, path, *_shape(found)):
        return {}
    values = found.data if isinstance(found, Sparse) else found.values if isinstance(found, Dense) else np.ones(1)
    if not np.isfinite(values).all():
        what = "the matrix has entries that are not finite"
        context.refuse(context.model, path, what, "check the gain, and the numbers that it is made from")
        return {}
    return {name: found}


def sequence_of(call: Call) -> str:
    """The port whose patterns a rule pairs with those of other places: its setting ``of``, if its ``lag`` is not 0."""
    entry = rule[call.name]
    settings = entry.schema.model_validate(call.settings(entry.shorthand))
    return str(getattr(settings, "of", "")) if getattr(settings, "lag", 0) else ""


def _expected(context: Context, call: Call, shape: tuple[int, int] | None) -> tuple[int, ...]:
    """The numbers that a rule will probably draw, as far as they can be told beforehand."""
    entry = rule[call.name]
    settings = entry.schema.model_validate(call.settings(entry.shorthand))
    stored = context.patterns.get(str(getattr(settings, "of", "")))
    size, times = (getattr(settings, key, None) for key in ("size", "times"))
    if stored is not None and isinstance(times, int):
        return times, stored.size, stored.size
    if shape is not None:
        return *shape, getattr(settings, "copies", 1)
    return (stored.count, size) if stored is not None and isinstance(size, int) else ()


def _wanted_shape(context: Context, name: str) -> tuple[int, int] | None:
    """(post, pre) in places, from the first projection whose populations have a size without this matrix."""
    for key, projection in context.spec.model.spec.projections.items():
        weights = projection.weights
        own = (isinstance(weights, ViewSpec) and weights.of == name) or (isinstance(weights, Call) and key == name)
        pre, post = context.spec.model.ends[key]
        if not own or pre.population not in context.sizes or post.population not in context.sizes:
            continue
        shape = (_places(context, post.population), _places(context, pre.population))
        turned = isinstance(weights, ViewSpec) and weights.transpose
        return (shape[1], shape[0]) if turned else shape
    return None


def _places(context: Context, population: str) -> int:
    return context.sizes[population] // context.spec.model.spec.populations[population].size.copies


def _shape(weights: Weights) -> tuple[int, int]:
    return Matrix("", weights).shape


def refuse_lost_patterns(context: Context, trials: Trials) -> None:
    """Of control weights only the first patterns can be recalled: a later one would seem forgotten."""
    for name, call in context.spec.model.spec.matrices.items():
        entry = rule[call.name]
        kept = entry.options.get("recalls")
        if kept is None:
            continue
        settings = entry.schema.model_validate(call.settings(entry.shorthand))
        most = getattr(settings, kept) if isinstance(kept, str) else kept
        lost = np.flatnonzero(trials.cued >= most)
        if lost.size:
            asked = f"trial {lost[0]} asks for pattern {trials.cued[lost[0]]}"
            what = f"{asked}, and '{name}' ({call.name}) keeps only the first {most}"
            fix = "ask for no other: write for instance 1, or {patterns: [0]}"
            context.refuse(context.protocol, ("trials",), what, fix)
