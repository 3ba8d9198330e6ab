"""Projections of lines of tokens: sums over the lines that are active in a step, and weights that follow them.

The lines are no group of cells (`neuroam.token_lines`).  A kernel walks through the list of a step, which is an array
of the run, and adds one row of the matrix per line.

Where such a projection is plastic, the weight of line i at cell j is ``scale_j * w_ij``.  A rule that takes a share of
all weights of a cell away changes its scale and nothing else; only the weights of active lines are touched.  When a
scale gets close to where numbers end, it goes into the weights once and begins again at 1.
"""

from __future__ import annotations

from neuroam.circuit import Projection
from neuroam.formula import names, substitute
from neuroam.sim import weights
from neuroam.sim.edges import LEARN, edges_key
from neuroam.sim.gates import still
from neuroam.sim.structure import Draft, Group, Kernel, Variable, lower
from neuroam.sim.words import device_words, variable_of
from neuroam.token_lines import SPIKE, drive_of, teaching
from neuroam.units import ONE


def declare_lines(draft: Draft) -> None:
    """The weights that change, and what the cells behind them hold for it."""
    for projection in _of_lines(draft):
        if projection.plastic is None:
            continue
        name, post = projection.name, draft.groups[projection.post]
        size = draft.room(f"edges of {name}", weights.entries(draft.circuit, projection, zeros=True))
        draft.groups[edges_key(name)] = Group(
            f"edge_{lower(name, draft.projections)}", ("edges", name), size, [Variable("w", ONE)]
        )
        post.variables += [Variable(f"{part}_{name}", ONE) for part in ("scale", "keep", "lift")]
        for key, value in projection.plastic.params.items():
            if projection.plastic.sides.get(key, "post") == "post":
                kind = "shared" if isinstance(value, float) else "cell"
                post.variables.append(Variable(f"{key}_{name}", projection.plastic.dimensions[key], kind))


def _of_lines(draft: Draft) -> list[Projection]:
    return [p for p in draft.projections.values() if p.pre in draft.lines]


def list_of(draft: Draft, projection: Projection) -> str:
    """The name of the arrays with the drives of a population of lines."""
    drive = drive_of(draft.trials, projection.pre)
    draft.room(f"list of {projection.pre}", drive.cell.size)
    draft.room(f"rows of {projection.pre}", drive.start.size)
    return f"list_{lower(projection.pre, draft.circuit.populations)}"


def kernel_scale(draft: Draft, projection: Projection) -> str:
    """What sums of a projection are multiplied by: the scale, where weights of lines change."""
    return f"scale_{projection.name}*" if projection.plastic and projection.pre in draft.lines else ""


def of_lines(draft: Draft, projection: Projection, name: str) -> Kernel:
    """The kernel of a projection that lines send over."""
    if projection.plastic is not None:
        why = "few lines are active at a time: a row of weights for each of those, every trial with its own weights"
        return _rows(draft, projection, name, f"{projection.source}_pre", why=why)
    kind, why = weights.choose(draft.circuit.matrices[projection.matrix].weights)
    value = SPIKE if projection.source == SPIKE else f"{projection.source}_pre"
    post = draft.groups[projection.post]
    edges = 0
    if kind == "sparse":
        edges = draft.room(f"entries of {projection.name}", weights.entries(draft.circuit, projection))
    return Kernel(
        name, kind, False, (projection.pre, "_list"), projection.post, draft.lines[projection.pre].size, post.size,
        stride=-(-post.size // weights.LANES) * weights.LANES if kind == "dense" else 0, edges=edges,
        listed=list_of(draft, projection), value=value, why=f"few lines are active at a time; {why}",
    )  # fmt: skip


def _rows(
    draft: Draft, projection: Projection, name: str, value: str, *, learns: bool = False, why: str = ""
) -> Kernel:
    """A sum over active lines, with weights that change."""
    key = edges_key(projection.name)
    value = SPIKE if value == f"{SPIKE}_pre" else value
    return Kernel(
        name, "dense", False, (projection.pre, "_list"), projection.post, draft.lines[projection.pre].size,
        draft.groups[projection.post].size, edges=draft.groups[key].size, own=key,
        listed=list_of(draft, projection), value=value, learns=learns, why=why,
    )  # fmt: skip


def teach(draft: Draft) -> None:
    """Everything that changes weights of lines: first what lines add to states, then the weights of cells that fired.

    All of it is after spikes were delivered, as for other plastic projections.
    """
    for projection in _of_lines(draft):
        if projection.plastic is None:
            continue
        rule, post = teaching(projection.plastic), projection.post
        short = lower(projection.name, draft.projections)
        for number, (state, factor) in enumerate(rule.adds):
            kernel = f"add_{short}_{number}"
            draft.kernels[kernel] = _rows(draft, projection, kernel, factor, learns=True)
            unit = draft.populations[post].cell.dimensions[state]
            scale = "" if unit == ONE else f"*{unit.base_text()}"
            added = f"{state} + {kernel_scale(draft, projection)}{kernel}_get(i){scale}"
            draft.add(
                f"add_{projection.name}", post, "synapses", LEARN + number, f"{state} = {still(draft, state, added)}",
                kernel,
            )  # fmt: skip
        if not projection.plastic.post:
            continue
        for part, text in (("keep", rule.keep), ("lift", rule.gain)):
            words = _of_post(draft, projection, text)
            draft.add(f"{part}_{projection.name}", post, "synapses", LEARN + 100, f"{part}_{projection.name} = {words}")
        key, kernel, size = edges_key(projection.name), f"turn_{short}", draft.groups[post].size
        draft.kernels[kernel] = Kernel(
            kernel, "turned", True, (post, "_spikespace"), post, size, size, edges=draft.groups[key].size, own=key,
            listed=list_of(draft, projection), value=rule.grow or "0", learns=True, scale=f"scale_{projection.name}",
            keep=f"keep_{projection.name}", lift=f"lift_{projection.name}",
        )  # fmt: skip
        draft.add(f"turn_{projection.name}", post, "synapses", LEARN + 101, "", kernel)


def _of_post(draft: Draft, projection: Projection, text: str) -> str:
    """Text of an edge that reads nothing but the post cell, in words of that cell."""
    assert projection.plastic is not None
    table = {}
    for name in sorted(names(text)):
        if name in projection.plastic.params:
            table[name] = f"{name}_{projection.name}"
        elif name.endswith("_post"):
            variable, statement = variable_of(draft, projection.post, name.removesuffix("_post"))
            if statement:
                draft.add(f"see_{projection.name}", projection.post, "synapses", LEARN + 99, statement)
            table[name] = variable
    return device_words(draft, projection.post, substitute(text, table) if table else text)
