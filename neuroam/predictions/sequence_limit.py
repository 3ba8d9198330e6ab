"""Capacity of sequences in large networks of powers."""

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
    circuit, port, population, whole
        As of `sequence_capacity`.

    Raises
    ------
    FunctionError
        If the cells have no power.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 9.
    """
    order, rectified = power_of(circuit, population)
    law = theory.sequence_limit if whole else theory.transition_limit
    try:
        return law(circuit.patterns[port].size, order, rectified=rectified)
    except ValueError as error:
        raise FunctionError(str(error)) from None
