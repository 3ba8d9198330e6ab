"""Windows of words of a text."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.files import read_text
from neuroam.patterns import pattern

MAX_ENTRIES = 200_000_000


@pattern("token_windows")
def token_windows(
    folder: Path,
    *,
    file: str,
    window: Annotated[int, Field(ge=1, le=1001)] = 11,
    vocabulary: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000,
    stop_words: list[str] = [],  # noqa: B006 - never changed; the signature is the schema
) -> PatternSet:
    """One pattern per window of words inside a line of the text: the words around, and the word in the middle.

    Parameters
    ----------
    folder : Path
        Where the YAML file lies; ``file`` is looked for there.
    file : str
        UTF-8 text (also .gz or .xz) in the same folder or below; one sentence or paragraph per line.
    window : int
        Words per window, an odd number.
    vocabulary : int
        V: the most frequent words; others, stop words and numbers keep their place in the window but drive nothing.
    stop_words : list of str
        Words to leave out, in lower case.

    Returns
    -------
    PatternSet
        (windows, 2V): how often each word is in the context, then one 1 for the target word.  Attribute
        ``frequency`` (2V,): the share of each word among all, the same for both blocks.

    Raises
    ------
    FunctionError
        If the window is even, the text has no window, or the table would be too large.

    References
    ----------
    Liang et al. (2021) ICLR, arXiv 2101.06887, sec. 2.
    """
    if window % 2 == 0:
        raise FunctionError(f"a window of {window} words has no middle", "use an odd number")
    lines = [re.findall(r"[^\W\d_]+", line.lower()) for line in read_text(folder, file).splitlines()]
    counted = Counter(word for line in lines for word in line if word not in set(stop_words))
    words = [word for word, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:vocabulary]]
    index = {word: at for at, word in enumerate(words)}
    windows = [line[at : at + window] for line in lines for at in range(len(line) - window + 1)]
    windows = [found for found in windows if found[window // 2] in index]
    if not windows:
        raise FunctionError(f"no line of '{file}' has {window} words in a row", "use a smaller window")
    if len(windows) * 2 * len(words) > MAX_ENTRIES:
        raise FunctionError(f"{len(windows)} windows of {len(words)} words are too many", "shorten text or vocabulary")
    values = np.zeros((len(windows), 2 * len(words)))
    for row, found in zip(values, windows, strict=True):
        for place, word in enumerate(found):
            if word in index:
                row[index[word] + (len(words) if place == window // 2 else 0)] += 1.0
    share = np.array([counted[word] for word in words], dtype=float)
    frequency = np.tile(share / share.sum(), 2)
    return PatternSet("token_windows", values, binary=False, attributes={"frequency": frequency})
