"""A matrix that is written out in the model file."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Dense
from neuroam.errors import FunctionError
from neuroam.rules import rule


@rule("entries")
def entries(*, rows: list[list[float]]) -> Dense:
    """Every entry as it stands: for circuits of a few cells, and for tests.

    Parameters
    ----------
    rows : list of lists of numbers
        One list per post cell (or per row of a named matrix), all of the same length; ``{entries: [[0, 1], [1, 0]]}``
        will do.

    Returns
    -------
    Dense
        (post, pre), dimensionless.

    Raises
    ------
    FunctionError
        If the rows differ in length, or there are none.
    """
    lengths = sorted({len(row) for row in rows})
    if lengths in ([], [0]):
        raise FunctionError("the matrix has no entries", "write one list per row: [[0.6, -0.3], [-0.3, 0.5]]")
    if len(lengths) > 1:
        raise FunctionError(f"the rows have {' and '.join(map(str, lengths))} entries", "make all rows equally long")
    return Dense(np.array(rows, dtype=float))
