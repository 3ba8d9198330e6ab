"""Capacity of sequences in large networks."""

from __future__ import annotations

from typing import Annotated

from neuroam import theory
from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.predictions.sequence_capacity import power_of
from neuroam.registry import Ref


@prediction("sequence_limit")
def sequence_limit(
    circuit: Circuit,
    *,
    port: Annotated[str, Ref("port")] = "memory",
    population: Annotated[str, Ref("population")] = "motifs",
    whole: bool = False,
) -> float:
    """The published formula for large networks; for all steps it demands far more than that half of them succeed.

    Parameters
    ----------
    circuit, port, whole
        As of `sequence_capacity`.
    population : str
        Cells with a power ``d``; without one, their separation function is taken as exp((N - 1)(m - 1)).

    Raises
    ------
    FunctionError
        If the network is too small for the formula.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eqs. 9 and 10.
    """
    size = circuit.patterns[port].size
    try:
        if "d" not in circuit.populations[population].params:
            return (theory.exponential_sequence_limit if whole else theory.exponential_transition_limit)(size)
        order, rectified = power_of(circuit, population)
        return (theory.sequence_limit if whole else theory.transition_limit)(size, order, rectified=rectified)
    except ValueError as error:
        raise FunctionError(str(error)) from None
