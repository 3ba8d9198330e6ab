"""What was understood?  A model or a protocol in words: sizes, units, equations, order of evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from neuroam.circuit import Circuit, Dense, Ones, Population, Projection, Sparse, Trials
from neuroam.leaves import Call
from neuroam.pipeline import resolved
from neuroam.resolve.not_yet import not_yet
from neuroam.sim.plan import plan
from neuroam.sim.structure import Plan
from neuroam.spec.describe import size_of, time_of
from neuroam.spec.load import kind_of_name, load, load_model
from neuroam.spec.nouns import Model, Spec
from neuroam.units import SECOND, Quantity, si_text


def show_text(file: str, model: str | None, settings: Sequence[str], equations: bool) -> str:
    """The text of ``neuroam show``.

    Raises
    ------
    SpecError
        If the files are wrong.
    """
    if kind_of_name(file) == "protocol":
        return "\n".join(_protocol(load(file, model, settings), equations))
    return "\n".join(_model(load_model(file, settings)))


def _model(model: Model) -> Iterator[str]:
    """A model without numbers that only patterns give."""
    spec = model.spec
    yield f"model {model.name}: {spec.title}"
    yield f"time: {time_of(model)}"
    yield "populations:"
    for name, population in spec.populations.items():
        yield f"  {name}: {size_of(population.size)}, cell {population.cell}"
        given = dict(population.params)
        for key, default in model.defaults[name].items():
            leaf = given.get(key, default)
            text = f"{leaf.name}(...)" if isinstance(leaf, Call) else str(leaf)
            yield f"    {key} = {text}{'' if key in given else ' (default)'}"
        yield from _equations(model, name)
    yield "projections:"
    for name, (pre, post) in model.ends.items():
        kind = "spikes" if pre.variable == "spike" else "graded"
        filtered = f", filtered by {model.filters[name].kind}" if name in model.filters else ""
        yield f"  {name}: {pre.population}.{pre.variable} -> {post.population}.{post.variable} ({kind}{filtered})"
    yield "one step is evaluated in this order:"
    yield "  " + (" -> ".join(str(step) for step in model.order) or "(nothing instantaneous)")


def _equations(model: Model, name: str) -> Iterator[str]:
    cell = model.cells[name]
    for ode in cell.odes:
        yield f"    d{ode.variable}/dt = {ode.rate}    [{cell.dimensions[ode.variable]}]"
    for variable, text in cell.updates:
        yield f"    {variable} <- {text}    [{cell.dimensions[variable]}]"
    for reduction in cell.reductions:
        yield f"    {reduction.name} = {reduction.kind}({reduction.argument}) over the population"
    for output, text in cell.outputs:
        yield f"    {output} = {text}    [{cell.dimensions[output]}]"
    if cell.event:
        then = "; ".join(cell.event.then)
        refractory = f", refractory for {cell.event.refractory}" if cell.event.refractory else ""
        yield f"    spike when {cell.event.when}: {then}{refractory}"
    if cell.lagrangian:
        yield f"    Lagrangian: {cell.lagrangian}"


def _protocol(spec: Spec, equations: bool) -> Iterator[str]:
    """A protocol with all numbers."""
    yield f"protocol {spec.protocol.name}: {spec.protocol.spec.title}"
    yield from _model_lines(spec)
    limits = not_yet(spec)
    for problem in limits:
        yield f"not yet: {problem.path}: {problem.what}"
    if limits:
        return
    circuit, trials = resolved(spec)
    made = plan(circuit, trials)
    yield from _structure(circuit, made)
    yield from _world(circuit, trials)
    if equations:
        yield from _statements(made)


def _model_lines(spec: Spec) -> Iterator[str]:
    yield f"model {spec.model.name}: {spec.model.spec.title}"
    yield f"time: {time_of(spec.model)}"


def _structure(circuit: Circuit, made: Plan) -> Iterator[str]:
    yield "patterns:"
    for name, patterns in circuit.patterns.items():
        level = f", mean activity {patterns.values.mean():.3f}" if patterns.binary and patterns.count else ""
        yield f"  {name}: {patterns.count} patterns of {patterns.size} units{level}, code {circuit.ports[name].code}"
    yield "populations:"
    for name, population in circuit.populations.items():
        yield f"  {name}: {population.size} cells of {population.cell.name}"
        for key, value in population.params.items():
            yield f"    {key} = {_value(population, key, value)}"
    yield "projections:"
    for name, projection in circuit.projections.items():
        yield f"  {name}: {_edges(circuit, projection)}"
        if name in made.kernel_of:
            kernel = made.kernels[made.kernel_of[name]]
            yield f"    kernel {kernel.kind}: {kernel.why}"
    yield "one step is evaluated in this order:"
    yield "  " + (" -> ".join(str(step) for step in made.order) or "(nothing instantaneous)")


def _value(population: Population, key: str, value: float | np.ndarray) -> str:
    dimension = population.cell.dimensions[key]
    if isinstance(value, float):
        return si_text(value, dimension)
    return f"{si_text(float(value.mean()), dimension)} on average, sd {si_text(float(value.std()), dimension)}"


def _edges(circuit: Circuit, projection: Projection) -> str:
    matrix = circuit.matrices[projection.matrix]
    post = circuit.populations[projection.post]
    dimension = post.cell.dimensions[projection.slot]
    gain = projection.gain if isinstance(projection.gain, float) else float(np.mean(projection.gain))
    weights = matrix.weights
    shape = f"{matrix.shape[0]} x {matrix.shape[1]}"
    kind = "all to all" if isinstance(weights, Ones) else "dense" if isinstance(weights, Dense) else "sparse"
    if isinstance(weights, Sparse):
        shape += f", {weights.data.size} edges"
    turned = " transposed" if projection.transpose else ""
    own = projection.matrix == f"{projection.name}_contacts"
    source = f"{kind} ({shape})" if own else f"matrix {projection.matrix}{turned} ({shape}, {kind})"
    text = f"{projection.pre}.{projection.source} -> {projection.post}.{projection.slot}, {source}"
    text += f", gain {si_text(gain, dimension)}" if projection.source == "spike" else f", gain {gain:.6g}"
    if projection.filter is not None:
        params = ", ".join(
            f"{key} {Quantity(value, projection.filter.dimensions[key])}"
            for key, value in projection.filter.params.items()
        )
        text += f", {projection.filter.kind} ({params})"
    return ", ".join([text, *_extras(projection)])


def _extras(projection: Projection) -> Iterator[str]:
    """What else a projection does, in words."""
    if projection.box:
        yield f"mean of the last {si_text(projection.box, SECOND)}"
    if projection.longest_delay:
        longest = si_text(projection.longest_delay, SECOND)
        yield f"delay {longest}" if isinstance(projection.delay, float) else f"delay up to {longest}, by post cell"
    if projection.only:
        yield f"only where '{projection.only}' is not zero"
    if projection.message:
        yield f"message {projection.message}"
    if projection.plastic is not None:
        yield f"plastic ({projection.plastic.name})"


def _world(circuit: Circuit, trials: Trials) -> Iterator[str]:
    yield f"trials: {trials.count}, each {trials.n_steps} steps of {circuit.dt * 1e3:g} ms"
    yield "epochs:"
    for epoch in trials.epochs:
        yield f"  {epoch.name}: {epoch.start * circuit.dt * 1e3:g} to {epoch.stop * circuit.dt * 1e3:g} ms"


def _statements(made: Plan) -> Iterator[str]:
    yield "what Brian2 sees (one group holds every trial):"
    for name, group in made.groups.items():
        yield f"  {name}:"
        for variable in group.variables:
            kind = "" if variable.kind == "cell" else f" ({variable.kind})"
            yield f"    {variable.name} : {variable.dimension.base_text()}{kind}"
        for text in group.ode_texts:
            yield f"    {text}"
        if group.threshold:
            yield f"    threshold: {group.threshold}"
            yield f"    reset: {'; '.join(group.reset.splitlines())}"
    yield "  statements of one step:"
    for code in sorted(
        made.codes, key=lambda c: (("start", "groups", "thresholds", "synapses", "end").index(c.when), c.order)
    ):
        for line in code.text.splitlines():
            yield f"    {code.when:9} {code.population:10} {line}"
