"""How many bits does one pass of recall get wrong that takes synapses for independent?"""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.predictions import prediction
from neuroam.registry import Ref
from neuroam.tables import fitted_table, level_of
from neuroam.theory import correlations


@prediction("one_pass_error")
def one_pass_error(
    circuit: Circuit,
    *,
    port: Annotated[str, Ref("port")] = "memory",
    matrix: Annotated[str, Ref("matrix")] = "w",
) -> float:
    """Share of wrong bits where the popularity of cells is heard as if it were memory: Phi(-sqrt(T*/T)/2).

    Parameters
    ----------
    circuit : Circuit
        One point of a sweep: T patterns, their coding level, and weights, which say of what table they are.
    port : str
        Port whose patterns are stored.
    matrix : str
        Weights of the rule ``additive``, (N, N).

    Returns
    -------
    float
        NaN if the weights are not a sum over the stored patterns, as of the rule ``surrogate``.

    Raises
    ------
    FunctionError
        If the patterns are not those of the cells that the matrix joins.

    References
    ----------
    Own derivation: `neuroam.theory.correlations.one_pass_error`.
    """
    stored = circuit.patterns[port]
    weights = as_array(circuit.matrices[matrix].weights)
    if weights.shape != (stored.size, stored.size) or not stored.binary or not stored.count:
        what = f"'{matrix}' does not join the units of the binary patterns of '{port}' with each other"
        raise FunctionError(what, "name another matrix or port")
    f = level_of(stored)
    table = fitted_table(weights, stored.values, f)
    if table is None:
        return float("nan")
    return correlations.one_pass_error(stored.count, correlations.critical_count(table, f))
