"""Windows of words of a text."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import PatternSet, Sparse
from neuroam.errors import FunctionError
from neuroam.files import read_text
from neuroam.patterns import pattern
from neuroam.stop_words import ENGLISH
from neuroam.toy_language import toy_text

MAX_ENTRIES = 400_000_000
TOKEN = re.compile(r"[^\W_]+")


@pattern("token_windows")
def token_windows(
    rng: np.random.Generator,
    folder: Path,
    *,
    file: str | list[str] | None = None,
    window: Annotated[int, Field(ge=1, le=1001)] = 11,
    vocabulary: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000,
    stop_words: list[str] | Literal["english"] = "english",
) -> PatternSet:
    """One pattern per window of words inside a line of the text: the words around, and the word in the middle.

    Parameters
    ----------
    rng : Generator
        Draws the text if no file is named.
    folder : Path
        Where the YAML file lies; files are looked for there.
    file : str or list of str, optional
        UTF-8 texts (also .gz or .xz) in the same folder or below; one sentence or paragraph per line.  Without one,
        10,000 sentences of a toy language of 96 words in 12 topics.
    window : int
        Words per window, an odd number.
    vocabulary : int
        V: the most frequent words.  Others, stop words and numbers keep their place in a window but drive nothing, and
        no window has one of them in the middle.
    stop_words : list of str, or "english"
        Words to leave out, in lower case; "english" are about 200 words of closed classes.

    Returns
    -------
    PatternSet
        (windows, 2V), as rows: how often each word is in the context, then one 1 for the target word.  ``units`` are
        the words of both blocks.  Attribute ``frequency`` (2V,): how often each word is in the text, in units of the
        mean of all words, the same for both blocks.

    Raises
    ------
    FunctionError
        If the window is even, the text has no window, or there would be too many numbers.

    References
    ----------
    Liang et al. (2021) ICLR, arXiv 2101.06887, sec. 2.
    """
    if window % 2 == 0:
        raise FunctionError(f"a window of {window} words has no middle", "use an odd number")
    files = [file] if isinstance(file, str) else file or []
    text = [line for name in files for line in read_text(folder, name).splitlines()] if files else toy_text(rng)
    tokens, starts, known = _numbered(text)
    counted = np.bincount(tokens, minlength=len(known))
    words = _vocabulary(known, counted, vocabulary, ENGLISH if stop_words == "english" else set(stop_words))
    rows, middle = _windows(tokens, starts, window, _places(words, known))
    named = ", ".join(files) or "the toy language"
    if not len(rows):
        raise FunctionError(f"no line of {named} has {window} words in a row", "use a smaller window")
    if rows.size > MAX_ENTRIES:
        raise FunctionError(f"{len(rows)} windows of {window} words are too many", "shorten the text or the window")
    share = counted[[known[word] for word in words]].astype(float)
    remark = "" if files else f"no text is named: {len(text)} sentences of a toy language of {len(words)} words"
    return PatternSet(
        "token_windows", np.empty((0, 0)), False, attributes={"frequency": np.tile(share / share.mean(), 2)},
        remark=remark, rows=_counted(rows, middle, len(words)), units=tuple(words) * 2,
    )  # fmt: skip


def _numbered(text: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, int]]:
    """All tokens as numbers, where lines begin and the last one ends, and the number of every token."""
    known: dict[str, int] = {}
    numbers: list[int] = []
    starts = [0]
    for line in text:
        numbers += [known.setdefault(token, len(known)) for token in TOKEN.findall(line.lower())]
        starts.append(len(numbers))
    return np.array(numbers, dtype=np.int64), np.array(starts, dtype=np.int64), known


def _vocabulary(known: dict[str, int], counted: NDArray[np.int64], size: int, stops: Collection[str]) -> list[str]:
    """The most frequent words, equally frequent ones by the alphabet."""
    words = [word for word in known if word.isalpha() and word not in stops]
    return sorted(words, key=lambda word: (-counted[known[word]], word))[:size]


def _places(words: list[str], known: dict[str, int]) -> NDArray[np.int32]:
    """The place of every token in the vocabulary, -1 for none."""
    places = np.full(len(known), -1, dtype=np.int32)
    places[[known[word] for word in words]] = np.arange(len(words))
    return places


def _windows(
    tokens: NDArray[np.int64], starts: NDArray[np.int64], window: int, places: NDArray[np.int32]
) -> tuple[NDArray[np.int32], int]:
    """Windows (windows, words) with a known word in the middle, as places in the vocabulary; which column is that."""
    half = window // 2
    inside = np.zeros(tokens.size, dtype=bool)
    for first, last in pairwise(starts.tolist()):
        inside[first + half : max(first + half, last - half)] = True
    ids = places[tokens] if tokens.size else np.empty(0, dtype=np.int32)
    middle = np.flatnonzero(inside & (ids >= 0))
    rows = np.empty((middle.size, window), dtype=np.int32)
    for column in range(window):
        rows[:, column] = ids[middle + column - half]
    return rows, half


def _counted(rows: NDArray[np.int32], middle: int, size: int) -> Sparse:
    """How often every word is in the context, and the target word behind those."""
    from scipy import sparse

    rows[:, middle] += size
    there = rows >= 0
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    table = sparse.csr_array((np.ones(start[-1]), rows[there], start), shape=(len(rows), 2 * size))
    table.sum_duplicates()
    return Sparse(table.shape, table.indptr.astype(np.int64), table.indices.astype(np.int64), table.data)
