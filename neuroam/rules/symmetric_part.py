"""What the synapses of both directions between two cells say together."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("symmetric_part")
def symmetric_part(sources: Sources, *, of: Annotated[str, Ref("matrix")]) -> Dense:
    """Mean of a matrix and its transpose; the matrix itself where it is symmetric.

    Parameters
    ----------
    sources : Sources
        Holds the matrix, (N, N).
    of : str
        The matrix.

    Returns
    -------
    Dense
        (N, N).

    Raises
    ------
    FunctionError
        If the matrix is not square.
    """
    values = as_array(sources.matrices[of])
    if values.shape[0] != values.shape[1]:
        raise FunctionError(f"'{of}' is {values.shape[0]} x {values.shape[1]}", "name a square matrix")
    return Dense(0.5 * (values + values.T))
