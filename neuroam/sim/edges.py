"""Projections whose edges do something of their own: plastic weights, and messages.

Their edges are a group like any other: one cell per edge and trial, with the weight and whatever else an edge has.
What an edge reads of its two cells it looks up.  Statements at spikes run for the edges of the cells that fired only.
"""

from __future__ import annotations

from collections.abc import Iterable

from neuroam.circuit import Plasticity, Projection, Statement
from neuroam.formula import device_text, names, substitute
from neuroam.linear import NotLinear, split_linear
from neuroam.sim import weights
from neuroam.sim.gates import gates
from neuroam.sim.structure import Draft, Group, Kernel, Lookup, Table, Variable, lower
from neuroam.sim.words import variable_of
from neuroam.units import ONE

LATE = 500_000  # in the slot "start": when everything instantaneous is known
LEARN = 10_000  # in the slot "synapses": after all deliveries
MOVE, STEP, END, PRUNE = -4000, -3000, -2000, -1000  # in the slot "groups": before all states move, each with room


def edges_key(projection: str) -> str:
    """The name of the group of edges of a projection."""
    return f"edges of {projection}"


def owner_of_weights(draft: Draft, projection: Projection) -> str:
    """The plastic projection that changes the matrix of this one; "" if none does."""
    same = (p.name for p in draft.projections.values() if p.plastic and p.matrix == projection.matrix)
    return projection.name if projection.plastic else next(same, "")


def declare_edges(draft: Draft) -> None:
    """A group for every projection whose edges do something."""
    for projection in draft.projections.values():
        if projection.pre in draft.lines or (projection.plastic is None and not projection.message):
            continue
        size = draft.room(
            f"edges of {projection.name}",
            weights.entries(draft.circuit, projection, zeros=projection.plastic is not None),
        )
        group = Group(f"edge_{lower(projection.name, draft.projections)}", ("edges", projection.name), size)
        group.variables.append(Variable("w", ONE))
        if projection.message:
            group.variables.append(Variable("carried", weights.carried(draft.circuit, projection)))
        if projection.plastic is not None:
            group.variables += _variables(projection.plastic)
            if projection.plastic.epoch_end or projection.plastic.prune:
                group.tables.append(Table("learn_end", ("close", projection.name), ONE, 4, per_trial=True))
            if projection.plastic.step or projection.plastic.pre or projection.plastic.post:
                group.tables.append(Table("learn_on", ("learn", projection.name), ONE, 4, per_trial=True))
        draft.groups[edges_key(projection.name)] = group


def _variables(plastic: Plasticity) -> Iterable[Variable]:
    for name, dimension in plastic.variables.items():
        yield Variable(name, dimension)
    for name, value in plastic.params.items():
        yield Variable(name, plastic.dimensions[name], "shared" if isinstance(value, float) else "cell")
    if plastic.prune:
        yield Variable("is_there", ONE)


def messages(draft: Draft, projection: Projection, when: str, order: int) -> None:
    """What every edge carries in this step."""
    key = edges_key(projection.name)
    text = _words(draft, projection, projection.message, when, order)
    draft.add(f"carry_{projection.name}", key, when, order + 1, f"carried = {text}")


def learn(draft: Draft) -> None:
    """Everything that changes weights in time."""
    for projection in draft.projections.values():
        plastic = projection.plastic
        if plastic is None or projection.pre in draft.lines:
            continue
        on, end = "learn_on(t_in_timesteps, i) > 0", "learn_end(t_in_timesteps, i) > 0"
        _move(draft, projection, plastic)
        _assign(draft, projection, "step", plastic.step, "groups", STEP, [on, *gates(draft)])
        _assign(draft, projection, "end", plastic.epoch_end, "groups", END, [end])
        if plastic.prune:
            _prune(draft, projection, plastic)
        for side, statements in (("pre", plastic.pre), ("post", plastic.post)):
            if statements:
                _at_spikes(draft, projection, side, statements)


def _prune(draft: Draft, projection: Projection, plastic: Plasticity) -> None:
    """Edges that are to go have weight zero from here on, and do not learn."""
    condition = _words(draft, projection, plastic.prune, "start", LATE)
    lines = [
        f"is_going = int(learn_end(t_in_timesteps, i) > 0)*int({condition})",
        "is_there = is_there*(1 - is_going)",
        "w = w*is_there",
    ]
    draft.add(f"prune_{projection.name}", edges_key(projection.name), "groups", PRUNE, "\n".join(lines))


def _move(draft: Draft, projection: Projection, plastic: Plasticity) -> None:
    """The variables that have equations, in every step: exponential Euler where they are linear, else Euler."""
    lines = []
    for ode in plastic.equations:
        try:
            constant, slope = split_linear(ode.rate, ode.variable)
        except NotLinear:
            constant, slope = ode.rate, ""
        if slope:
            by = _words(draft, projection, slope, "start", LATE)
            rest = f"({_words(draft, projection, constant, 'start', LATE)})/(-({by}))" if constant else ""
            decayed = f"({ode.variable} - {rest})" if rest else ode.variable
            moved = f"{rest + ' + ' if rest else ''}{decayed}*exp(dt*({by}))"
        else:
            moved = f"{ode.variable} + dt*({_words(draft, projection, constant, 'start', LATE)})"
        for gate in gates(draft):
            moved = f"int({gate})*({moved}) + (1 - int({gate}))*{ode.variable}"
        lines.append(f"{ode.variable} = {moved}")
    if lines:
        draft.add(f"move_{projection.name}", edges_key(projection.name), "groups", MOVE, "\n".join(lines))


def _assign(
    draft: Draft, projection: Projection, label: str, statements: Iterable[Statement], when: str, order: int,
    gates: list[str], events: str = "",
) -> None:  # fmt: skip
    """Statements of the edges, one after the other; what they add to post cells is added up there."""
    plastic, key = projection.plastic, edges_key(projection.name)
    assert plastic is not None
    gates = [*gates, *(["is_there > 0"] if plastic.prune else [])]
    is_open = " and ".join(f"({gate})" for gate in gates)
    lines: list[str] = []
    added: list[tuple[str, str]] = []
    for target, value in statements:
        late = ("start", LATE) if when == "groups" else (when, order)
        text = _words(draft, projection, value, *late)
        if target.endswith("_post"):
            state, share = target.removesuffix("_post"), f"share_{label}_{len(added)}"
            unit = draft.populations[projection.post].cell.dimensions[state]
            draft.groups[key].variables.append(Variable(share, unit))
            lines.append(f"{share} = int({is_open})*({text})" if gates else f"{share} = {text}")
            added.append((state, share))
        elif gates:
            lines.append(f"{target} = int({is_open})*({text}) + (1 - int({is_open}))*{target}")
        else:
            lines.append(f"{target} = {text}")
    if lines:
        draft.add(f"learn_{projection.name}_{label}", key, when, order + 1, "\n".join(lines), events=events)
    for number, (state, share) in enumerate(added):
        _gather(draft, projection, state, share, when, order + 2 + number, events)


def _gather(draft: Draft, projection: Projection, state: str, share: str, when: str, order: int, events: str) -> None:
    """The shares of all edges, added to a state of the post cells."""
    key, post = edges_key(projection.name), draft.groups[projection.post]
    name = f"add_{lower(projection.name, draft.projections)}_{share}"
    draft.kernels[name] = Kernel(
        name, "edges", False, (key, share), projection.post, draft.groups[key].size, post.size, events=events
    )
    unit = draft.populations[projection.post].cell.dimensions[state]
    scale = "" if unit == ONE else f"*{unit.base_text()}"
    draft.add(f"add_{projection.name}", projection.post, when, order, f"{state} = {state} + {name}_get(i){scale}", name)


def _at_spikes(draft: Draft, projection: Projection, side: str, statements: Iterable[Statement]) -> None:
    """List the edges of the cells that fired, then run the statements for those."""
    key, order = edges_key(projection.name), LEARN if side == "pre" else LEARN + 100
    cells = projection.pre if side == "pre" else projection.post
    events = "touched_source" if side == "pre" else "touched_target"
    group = draft.groups[key]
    group.lists.append(events)
    name = f"touch_{side}_{lower(projection.name, draft.projections)}"
    draft.kernels[name] = Kernel(
        name, "touched", True, (cells, "_spikespace"), key, draft.groups[cells].size, group.size, events=events
    )
    draft.add(f"touch_{projection.name}", key, "synapses", order, "", name)
    _assign(draft, projection, f"at_{side}", statements, "synapses", order + 10, [], events)


def _words(draft: Draft, projection: Projection, text: str, when: str, order: int) -> str:
    """Text of an edge as Brian2 sees it.

    What an edge reads of its cells becomes a variable there first, by a statement at this place of the schedule.
    """
    key = edges_key(projection.name)
    group = draft.groups[key]
    table = {}
    for name in sorted(names(text)):
        side = name.rpartition("_")[2]
        if side in ("pre", "post") and name not in {v.name for v in group.variables}:
            table[name] = _lookup(draft, projection, side, name.removesuffix(f"_{side}"), when, order)
    result = substitute(text, table) if table else text
    for call, kind in (("rand()", "uniform"), ("randn()", "gaussian")):
        while call in result:
            result = result.replace(call, f"{draft.new_noise(key, kind)}(t_in_timesteps, i)", 1)
    return device_text(result)


def _lookup(draft: Draft, projection: Projection, side: str, read: str, when: str, order: int) -> str:
    owner = projection.pre if side == "pre" else projection.post
    group = draft.groups[edges_key(projection.name)]
    variable, statement = variable_of(draft, owner, read)
    look = Lookup(
        f"look_{side}_{variable}", (owner, variable), side, draft.groups[owner].size,
        draft.populations[owner].cell.dimensions[read],
    )  # fmt: skip
    if look not in group.lookups:
        group.lookups.append(look)
    if statement and not any((c.text, c.when, c.order) == (statement, when, order) for c in draft.codes):
        draft.add(f"see_{owner}_{read}", owner, when, order, statement)
    return f"{look.name}(i)"
