"""What cells behind lines of tokens learned of every word; shared by the readouts of words."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Projection
from neuroam.errors import FunctionError
from neuroam.files import read_table
from neuroam.readouts.winners import top
from neuroam.recording import Recording
from neuroam.token_lines import are_lines
from neuroam.toy_language import judged_pairs
from neuroam.toy_language import words as toy_words

Block = Literal["target", "context", "both"]
Pairs = list[tuple[str, str, float]]
TOY = "toy language"


def learned(circuit: Circuit, port: str) -> Projection:
    """The plastic projection from lines of tokens to the cells of a port.

    Raises
    ------
    FunctionError
        If there is none, or the patterns of its lines have no words.
    """
    population = circuit.ports[port].population
    found = [
        p for p in circuit.projections.values()
        if p.post == population and p.plastic is not None and are_lines(circuit.populations[p.pre])
    ]  # fmt: skip
    if not found:
        raise FunctionError(f"no plastic projection from lines of tokens ends in '{population}'", "name another port")
    words_of(circuit, found[0])
    return found[0]


def words_of(circuit: Circuit, projection: Projection) -> tuple[str, ...]:
    """The vocabulary behind a projection: the first half of its lines is for context, the second for targets."""
    for name, port in circuit.ports.items():
        if port.population == projection.pre and name in circuit.patterns and circuit.patterns[name].units:
            units = circuit.patterns[name].units
            return units[: len(units) // 2]
    raise FunctionError(f"the lines of '{projection.pre}' stand for no words", "use the patterns 'token_windows'")


def strengths(recording: Recording, circuit: Circuit, port: str, block: Block) -> tuple[Array, tuple[str, ...]]:
    """(words, cells): the weights of a block of lines, those of every cell at length one over all its lines; the words.

    Target lines are as many times weaker as there are context words in a window; in "both" they count as much.

    Raises
    ------
    FunctionError
        As of `learned`, or if the run kept no weights.
    """
    projection = learned(circuit, port)
    words = words_of(circuit, projection)
    if projection.name not in recording.weights:
        raise FunctionError(f"the weights of '{projection.name}' were not kept")
    edges, cells = recording.weights[projection.name], circuit.populations[projection.post].size
    table = np.zeros((2 * len(words), cells))
    table[edges.pre, edges.post] = edges.values[0]
    norm = np.linalg.norm(table, axis=0)
    table /= np.where(norm > 0, norm, 1.0)
    context, target = table[: len(words)], table[len(words) :]
    if block == "both":
        ratio = np.linalg.norm(context) / max(float(np.linalg.norm(target)), 1e-300)
        return context + ratio * target, words
    return (target if block == "target" else context), words


def codes_of(table: Array, rows: NDArray[np.int64], k: int, seed: int) -> NDArray[np.bool_]:
    """The k cells with the strongest weights of some words, (words, cells); what is not above zero never counts."""
    return top(table[rows], k, np.random.default_rng((seed, k)))


def similarity_sets(folder: Path, files: list[str] | None, known: Collection[str]) -> dict[str, Pairs]:
    """Judged pairs by the name of their file; those of the toy language if none is named and its words are ``known``.

    Raises
    ------
    FunctionError
        If a file cannot be read, or does not hold two words and a number per row; or if there are no judgements.
    """
    if not files:
        if not set(toy_words()) <= set(known):
            what = "no judged pairs are named, and those of the toy language are of other words"
            raise FunctionError(what, "name tables of two words and a number per row: 'file: [pairs.tsv]'")
        return {TOY: judged_pairs()}
    found: dict[str, Pairs] = {}
    for name in files:
        table = read_table(folder, name)
        if len(table.columns) < 3:
            raise FunctionError(f"'{name}' has {len(table.columns)} columns", "give two words and a number per row")
        first, second, score = table.columns[:3]
        try:
            scores = table.numbers(score)
        except FunctionError as error:
            raise FunctionError(f"'{name}', {error.what}", "correct that row of the table") from None
        label = Path(name).name.partition(".")[0]
        found[label] = list(zip(table.texts(first), table.texts(second), scores.tolist(), strict=True))
    return found


def need_words(circuit: Circuit, given: Any, _folder: Path) -> None:
    """For readouts of words: told before a run, not after it.

    Raises
    ------
    FunctionError
        As of `learned`.
    """
    learned(circuit, given.port)
