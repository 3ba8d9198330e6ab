"""Every projection with all its numbers: a view of a matrix, what delays and filters it, what changes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Dense, Matrix, Ones, Plasticity, Population, Projection, Sparse, Weights
from neuroam.connectivity import connectivity
from neuroam.evaluate import as_array
from neuroam.leaves import Call
from neuroam.resolve.context import Context, apply, is_too_large, step_of
from neuroam.resolve.matrices import make_matrix, sequence_of
from neuroam.resolve.row_values import delays, with_gain
from neuroam.spec.model import ConstantSpec, ProjectionSpec, SameLabel, ViewSpec
from neuroam.spec.protocol_checks import MAX_STEPS
from neuroam.spec.rings import RINGS, ring_length
from neuroam.units import SECOND, Quantity


def make_projections(
    context: Context, populations: dict[str, Population]
) -> tuple[dict[str, Projection], dict[str, Matrix]]:
    """Every projection as a view of a matrix; those without one get a matrix of their own."""
    spec = context.spec.model.spec
    matrices = {
        name: Matrix(name, weights, context.model.where(("matrices", name)), sequence_of(spec.matrices[name]))
        for name, weights in context.matrices.items()
    }
    projections = {}
    for name, item in spec.projections.items():
        pre, post = context.spec.model.ends[name]
        matrix, transpose, gain, per = _weights(context, name, item, populations, matrices)
        if matrix is None:
            continue
        _check_shape(
            context, name, matrices[matrix], transpose, populations[post.population], populations[pre.population]
        )
        scaled = gain / _per(context, name, per, populations, matrices[matrix]) if per else gain
        ends = populations[pre.population], populations[post.population]
        matrix, scaled = with_gain(context, name, item, *ends, (matrix, transpose), scaled, matrices)
        box, delay = _rings(context, name, item)
        rows = delays(context, name, item, ends[1], step_of(context))
        projections[name] = Projection(
            name, pre.population, pre.variable, post.population, post.variable, matrix, transpose, scaled,
            delay if rows is None else rows,
            context.spec.model.filters.get(name), item.scale or "",
            context.model.where(("projections", name), key=True), box, item.only or "", item.message or "",
            _plastic(context, name, populations),
        )  # fmt: skip
    _refuse_tied_copies(context, projections, populations)
    return projections, matrices


def _refuse_tied_copies(
    context: Context, projections: dict[str, Projection], populations: dict[str, Population]
) -> None:
    """A matrix that one projection changes may have other views, as long as every entry is one edge in each."""
    for name, owner in projections.items():
        views = [p for p in projections.values() if p.matrix == owner.matrix]
        if owner.plastic is None or len(views) == 1:
            continue
        others = [p.name for p in views if p.plastic is not None and p.name != name]
        copied = [p.name for p in views for end in (p.pre, p.post) if populations[end].labels["copy"].any()]
        path = ("projections", name, "plastic")
        if others:
            what = f"two projections change the matrix '{owner.matrix}': '{name}' and '{others[0]}'"
            context.refuse(context.model, path, what, "let one of them have a matrix of its own")
        elif copied:
            what = f"'{owner.matrix}' is changed by '{name}' and read by '{copied[0]}', whose cells share places"
            context.refuse(context.model, path, what, "use populations without 'copies', or a matrix of its own")


def _rings(context: Context, name: str, item: ProjectionSpec) -> tuple[float, float]:
    """The lengths of the box and of the delay of a projection, in whole steps, as seconds."""
    dt = step_of(context)
    lengths = {"box": 0.0, "delay": item.delay.value if isinstance(item.delay, Quantity) else 0.0}
    if item.kernel is not None and item.kernel.name in RINGS:
        given = ring_length(item.kernel)
        lengths[item.kernel.name] += given.seconds if given.steps is None else given.steps * dt
    for key, length in lengths.items():
        if length > 0 and round(length / dt) == 0:
            path = context.model.existing(("projections", name, "kernel", key))
            path = path if path[-1] == key else ("projections", name, key)
            what = f"{Quantity(length, SECOND)} is less than half a step of {Quantity(dt, SECOND)}: it would be ignored"
            context.refuse(context.model, path, what, "make it longer, or 'time: {dt: ...}' shorter")
        if length / dt > MAX_STEPS:
            path = context.model.existing(("projections", name, "kernel", key))
            path = path if path[-1] == key else ("projections", name, key)
            what = f"{Quantity(length, SECOND)} is more than {MAX_STEPS} steps of {Quantity(dt, SECOND)}"
            context.refuse(context.model, path, what, "make it shorter: no run is that long")
            lengths[key] = 0.0
    return round(lengths["box"] / dt) * dt, round(lengths["delay"] / dt) * dt


def _plastic(context: Context, name: str, populations: dict[str, Population]) -> Plasticity | None:
    """What changes the weights of a projection; attributes of patterns become one value per cell."""
    if name not in context.spec.model.plastic:
        return None
    plastic, attributes = context.spec.model.plastic[name]
    params = dict(plastic.params)
    for key, text in attributes.items():
        port, _, attribute = text.partition(".")
        pre, post = context.spec.model.ends[name]
        cells = populations[(pre if plastic.sides[key] == "pre" else post).population]
        values = context.patterns[port].attributes.get(attribute) if port in context.patterns else None
        found = None if values is None else per_cell(values, cells)
        if found is None:
            path = ("projections", name, "plastic", plastic.name, key)
            known = ", ".join(context.patterns[port].attributes) if port in context.patterns else ""
            what = f"'{text}' gives no value to each of the {cells.size} cells of '{cells.name}'"
            context.refuse(context.model, path, what, f"attributes of '{port}': {known or 'none'}")
            continue
        params[key] = found
    return replace(plastic, params=params)


def per_cell(values: NDArray[np.float64], cells: Population) -> NDArray[np.float64] | None:
    """One value per unit, row or cell as one per cell; None if there are as many of none of them."""
    for label in ("unit", "row", "place"):
        if label in cells.labels and values.shape == (int(cells.labels[label].max(initial=-1)) + 1,):
            return np.asarray(values[cells.labels[label]], dtype=float)
    return None


def _weights(
    context: Context, name: str, item: ProjectionSpec, populations: dict[str, Population], matrices: dict[str, Matrix]
) -> tuple[str | None, bool, float, str | None]:
    """Matrix, transposition, gain and divisor of one projection; new matrices are added to ``matrices``."""
    weights = item.weights
    if isinstance(weights, ViewSpec):
        if weights.sign and weights.of in matrices:
            signed = f"sign_of_{weights.of}"
            matrices[signed] = Matrix(signed, _signs(matrices[weights.of].weights))
            return signed, weights.transpose, weights.gain.value, weights.per
        return (weights.of if weights.of in matrices else None), weights.transpose, weights.gain.value, weights.per
    if isinstance(weights, Call):
        made = make_matrix(context, name, weights, ("projections", name, "weights"))
        matrices |= {key: Matrix(key, found, sequence=sequence_of(weights)) for key, found in made.items()}
        return (name if made else None), False, 1.0, None
    gain, per = (weights.constant.gain, weights.constant.per) if isinstance(weights, ConstantSpec) else (weights, None)
    contacts = _contacts(context, name, item, populations)
    if contacts is None:
        return None, False, 0.0, None
    matrices[f"{name}_contacts"] = Matrix(f"{name}_contacts", contacts)
    return f"{name}_contacts", False, gain.value, per


def _signs(weights: Weights) -> Weights:
    if isinstance(weights, Sparse):
        return replace(weights, data=np.sign(weights.data))
    return Dense(np.sign(as_array(weights)))


def _contacts(context: Context, name: str, item: ProjectionSpec, populations: dict[str, Population]) -> Weights | None:
    pre_end, post_end = context.spec.model.ends[name]
    pre, post = populations[pre_end.population], populations[post_end.population]
    if isinstance(item.connect, SameLabel):
        label = item.connect.same
        for population in (pre, post):
            if label not in population.labels:
                known = ", ".join(key for key in population.labels if key != "place")
                what = f"the cells of '{population.name}' have no label '{label}'"
                context.refuse(context.model, ("projections", name, "connect", "same"), what, f"they have: {known}")
                return None
        return _same(context, name, pre.labels[label], post.labels[label])
    assert isinstance(item.connect, Call)
    if item.connect.name == "all":
        return Ones((post.size, pre.size))
    rng = context.seeds.stream("structure", f"edges:{name}")
    path = ("projections", name, "connect")
    offers = {"pre": pre.size, "post": post.size, "rng": rng}
    made: Weights | None = apply(context, connectivity, item.connect, context.model, path, offers)
    return made


def _same(context: Context, name: str, pre: NDArray[np.int64], post: NDArray[np.int64]) -> Sparse | None:
    """An edge wherever two cells carry the same label."""
    order = np.argsort(pre, kind="stable")
    start = np.searchsorted(pre[order], post, side="left")
    stop = np.searchsorted(pre[order], post, side="right")
    if is_too_large(context, context.model, ("projections", name, "connect"), int((stop - start).sum())):
        return None
    rows = [np.sort(order[a:b]) for a, b in zip(start, stop, strict=True)]
    indptr = np.concatenate([[0], np.cumsum(stop - start)])
    indices = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    return Sparse((post.size, pre.size), indptr, indices.astype(np.int64), np.ones(indices.size))


def _check_shape(
    context: Context, name: str, matrix: Matrix, transpose: bool, post: Population, pre: Population
) -> None:
    rows, columns = matrix.shape[::-1] if transpose else matrix.shape
    wanted = [(int(p.labels["place"].max(initial=-1)) + 1, p.size) for p in (post, pre)]
    if rows in wanted[0] and columns in wanted[1]:
        return
    turned = ", transposed," if transpose else ""
    ends = " x ".join(f"{n} (the {'cells' if n == p.size else 'places'} of '{p.name}')"
                      for (n, _), p in zip(wanted, (post, pre), strict=True))  # fmt: skip
    what = f"the matrix '{matrix.name}'{turned} is {rows} x {columns} but must be {ends}"
    fix = "check 'of', and the sizes of the populations"
    if columns in wanted[0] and rows in wanted[1]:
        fix = "remove 'transpose'" if transpose else "add 'transpose: true'"
    context.refuse(context.model, ("projections", name, "weights"), what, fix)


def _per(
    context: Context, name: str, per: str, populations: dict[str, Population], matrix: Matrix
) -> float | NDArray[np.float64]:
    """The number that a gain is divided by."""
    pre_end, post_end = context.spec.model.ends[name]
    pre, post = populations[pre_end.population], populations[post_end.population]
    if per == "pre_size":
        return float(pre.size)
    if per == "post_size":
        return float(post.size)
    if per == "copies":
        return float(int(pre.labels["copy"].max(initial=0)) + 1)
    if per == "fan_in":
        if isinstance(matrix.weights, Ones):
            return float(pre.size)
        turned = context.spec.model.spec.projections[name].weights
        edges = as_array(matrix.weights) != 0
        edges = edges.T if isinstance(turned, ViewSpec) and turned.transpose else edges
        copies = pre.size // max(edges.shape[1], 1)
        fan = np.maximum(edges.sum(axis=1) * copies, 1).astype(float)
        return np.asarray(fan[post.labels["place"]] if fan.size != post.size else fan)
    ports = [context.spec.model.spec.populations[p.name].size.origin for p in (pre, post)]
    patterns = next((context.patterns[port] for port in ports if port in context.patterns), None)
    if patterns is None:
        path = context.model.existing(("projections", name, "weights", "constant", "per"))
        path = path if path[-1] == "per" else ("projections", name, "weights", "per")
        what = f"'per: {per}' needs a population whose size follows from patterns"
        context.refuse(context.model, path, what, "use 'per: pre_size', or divide the gain yourself")
        return 1.0
    number = {"units": patterns.size, "count": patterns.count, "units_minus_2": patterns.size - 2}[per]
    if number <= 0:
        what = f"'per: {per}' would divide by {number}"
        context.refuse(context.model, ("projections", name, "weights"), what, "store larger or more patterns")
        return 1.0
    return float(number)
