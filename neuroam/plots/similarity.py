"""How similar are the stored memories to each other, and the states at the end of trials to them?"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuroam.circuit import Array
from neuroam.errors import FunctionError
from neuroam.plots.cells import in_sequence, noun, plural, stored
from neuroam.plots.images import decoded, end_text
from neuroam.plots.matrix import matrix, matrix_scale
from neuroam.plots.run import RunData, chosen
from neuroam.plots.style import INK, SMALL, heading, shorten, style

MOST = 400  # memories that are drawn: more would be smaller than a pixel


def cosines(states: Array, patterns: Array) -> Array:
    """Cosine of every state with every pattern: (S, N) and (P, N) give (S, P); 0 where a state is empty.

    Of states and patterns in {-1, +1} it is their overlap.
    """
    lengths = np.linalg.norm(states, axis=1)[:, None] * np.linalg.norm(patterns, axis=1)[None, :]
    return np.asarray(states @ patterns.T / np.where(lengths > 0, lengths, 1.0))


def ends(run: RunData, places: NDArray[np.int64]) -> Array | None:
    """The states at the end of trials, decoded, (trials, N); None where they were not recorded or are no memories."""
    patterns = stored(run.circuit, run.trials)
    if patterns is None or run.circuit.ports[run.trials.cue_port].population in run.recording.selected:
        return None
    if any(epoch.pattern is not None or epoch.patterns is not None for epoch in run.trials.epochs):
        return None  # many were shown, not the one that counts as cued
    found = [decoded(run.recording, run.circuit, run.trials, int(trial)) for trial in places]
    rows = [state for state in found if state is not None and state.size == patterns.size]
    return np.array(rows) if rows and len(rows) == len(found) else None


def confusion(found: Array, cued: Array) -> tuple[Array, Array]:
    """Memories that were cued, and the mean over the trials of each, (cued memories, stored memories).

    ``found`` is (trials, stored memories): the similarity of every end to every stored memory; ``cued`` is (trials).
    """
    memories = np.unique(cued)
    return memories, np.array([found[cued == memory].mean(axis=0) for memory in memories])


def similarity(
    values: Array, axes: Axes, *, rows: Array | None = None, title: str = "", note: str = "", word: str = "memory"
) -> Axes:
    """Memories by memories.

    Parameters
    ----------
    values : ndarray
        (rows, stored memories), from -1 to 1, NaN where there is no value; the first `MOST` of both are drawn.
    axes : Axes
        Filled with an image.
    rows : ndarray, optional
        The numbers of the rows, unless they are all memories in turn.
    title, note : str
        Above it, in two lines.
    word : str
        What they are, if nothing stores them: a pattern, an odour.
    """
    with style():
        matrix(values[:MOST, :MOST], axes)
        axes.set_anchor("NW")
        if rows is not None:
            axes.yaxis.set_major_formatter(lambda at, _: str(rows[int(at)]))
        axes.set_xlabel(_first(values.shape[1], word))
        axes.set_title(note, fontsize=SMALL, loc="left", color=INK)
        axes.annotate(title, (0, 1), (0, 20), "axes fraction", "offset points", fontweight="bold")
    return axes


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """Similarity of the patterns to each other, the first panel of the figure, in given axes."""
    if trial is not None:
        chosen(run.trials, trial)  # they are the same in all trials, but not in those that are not there
    port = _port(run)
    patterns, word = run.circuit.patterns[port], noun(run.circuit, port)
    between = cosines(patterns.bipolar[:MOST], patterns.bipolar[:MOST])
    with style():
        title = "stored memories" if word == "memory" else plural(word)
        similarity(between, axes, title=title, note=_pairs(between, word), word=word)
        axes.set_xlabel(_first(patterns.count, word))
        axes.set_ylabel(_first(0, word))
        matrix_scale(axes, "overlap" if patterns.binary else "cosine")
    return axes


def _port(run: RunData) -> str:
    """The port whose patterns are compared: the cued one, else the first with patterns."""
    ports = [run.trials.cue_port, *run.circuit.patterns]
    for port in ports:
        if port in run.circuit.patterns and run.circuit.patterns[port].values.size:
            return port
    raise FunctionError(
        f"no port of '{run.circuit.name}' has patterns, so there are no memories to compare",
        "give a port patterns in the protocol, for instance: patterns: {memory: {bernoulli: {count: 20}}}",
    )


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Similarity of the stored memories to each other, and of what trials ended in to them: cued by recalled."""
    places = np.arange(run.trials.count) if trial is None else np.array([chosen(run.trials, trial)])
    port = _port(run)
    word = noun(run.circuit, port)
    states = ends(run, places) if word == "memory" else None  # what nothing stores does not come back
    with style():
        left = figure.add_axes((0.07, 0.1, 0.4, 0.7) if states is not None else (0.07, 0.1, 0.8, 0.74))
        into(run, left)
        if states is not None:
            patterns, cued = run.circuit.patterns[port], run.trials.cued[places]
            found = cosines(states, patterns.bipolar)
            right = figure.add_axes((0.55, 0.1, 0.4, 0.7))
            memories, ended = confusion(found, cued)
            moves = in_sequence(run.circuit, run.trials.cue_port)
            note = "a sequence moves on from the cued memory" if moves else _right(found, cued)
            similarity(ended, right, rows=memories, title=_ended(run), note=note)
            right.set_ylabel("cued memory")
        which = "" if trial is None else f", trial {trial}"
        heading(figure, f"Similarity of {plural(word)}", f"{shorten(run.circuit.name, 32)}{which}", left=0.07)


def _first(count: int, word: str = "memory") -> str:
    name = "stored memory" if word == "memory" else word
    return name if count <= MOST else f"{name}, the first {MOST}"


def _pairs(between: Array, word: str) -> str:
    pairs = between[np.triu_indices(len(between), 1)]
    if not pairs.size:
        return f"one {word}"
    return f"pairs: mean {pairs.mean():.2f}, largest {pairs.max():.2f}".replace("-", "\N{MINUS SIGN}")


def _ended(run: RunData) -> str:
    return f"states at the end ({end_text(run.circuit, run.trials)})"


def _right(found: Array, cued: Array) -> str:
    """How often the cued memory is the nearest one; a tie is not."""
    own = found[np.arange(len(cued)), cued]
    others = found.copy()
    others[np.arange(len(cued)), cued] = -np.inf
    nearest = int((own > others.max(axis=1, initial=-np.inf) + 1e-9).sum())
    many = f"{len(cued)} trials" if len(cued) > 1 else "1 trial"
    return f"nearest to the cued memory in {nearest} of {many}"
