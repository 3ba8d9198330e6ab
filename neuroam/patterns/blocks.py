"""One group of units per pattern."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern

MAX_ENTRIES = 400_000_000  # as of every matrix


@pattern("blocks")
def blocks(
    *,
    count: Annotated[int, Field(ge=1, le=100_000)],
    copies: Annotated[int, Field(ge=1, le=100_000)] = 1,
) -> PatternSet:
    """Pattern mu is the activity of group mu: the motif cells of a sequence.

    Parameters
    ----------
    count : int
        P patterns, and as many groups.
    copies : int
        K units of a group, which stand beside each other.

    Returns
    -------
    PatternSet
        (P, P K) in {0, 1}: row mu has the units mu K to mu K + K - 1 active.

    Raises
    ------
    FunctionError
        If P x P K numbers are more than a machine should be asked for.
    """
    if count * count * copies > MAX_ENTRIES:
        what = f"{count} patterns of {count * copies} units are more than {MAX_ENTRIES} numbers"
        raise FunctionError(what, "ask for fewer patterns or copies")
    values = np.repeat(np.eye(count), copies, axis=1)
    return PatternSet("blocks", values, binary=True, coding_level=1 / count)
