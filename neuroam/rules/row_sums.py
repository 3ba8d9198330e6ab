"""Total strength of every cell."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Dense, Sources
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("row_sums", shorthand="of")
def row_sums(sources: Sources, *, of: Annotated[str, Ref("matrix")], columns: bool = False) -> Dense:
    """Sum of the weights onto each post cell of another matrix, as the weights onto one pooling cell.

    Parameters
    ----------
    sources : Sources
        Holds the matrix, (post, pre).
    of : str
        The matrix.
    columns : bool
        Of the weights from each pre cell instead.

    Returns
    -------
    Dense
        (1, post), or (1, pre).
    """
    return Dense(as_array(sources.matrices[of]).sum(axis=0 if columns else 1)[None, :])
