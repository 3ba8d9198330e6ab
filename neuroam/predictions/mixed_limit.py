"""Capacity of a mixed network without memory of earlier steps, in large networks."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam import theory
from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.predictions.reading import number_of
from neuroam.registry import Ref


@prediction("mixed_limit")
def mixed_limit(
    circuit: Circuit,
    *,
    port: Annotated[str, Ref("port")] = "memory",
    hold: Annotated[str, Ref("population")] = "present",
    move: Annotated[str, Ref("population")] = "past",
    projection: str = "move",
    whole: bool = False,
) -> float:
    """The published formula for one step, or for all steps of a sequence.

    Parameters
    ----------
    circuit : Circuit
        One point of a sweep: N, both powers, and the gain lambda of the slow part.
    port : str
        Port whose patterns are stored.
    hold, move : str
        Cells of the fast and of the slow part, with the parameter ``d``.
    projection : str
        From the slow part; its gain is lambda.
    whole : bool
        All steps of the sequence, not one.

    Raises
    ------
    FunctionError
        If the circuit has no such projection, or not one gain above 1.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eqs. 15 and 16.
    """
    if projection not in circuit.projections or np.ndim(circuit.projections[projection].gain):
        raise FunctionError(f"no projection '{projection}' with a single gain", "name the one from the slow part")
    fast, slow = (round(number_of(circuit, population, "d")) for population in (hold, move))
    law = theory.mixed_sequence_limit if whole else theory.mixed_transition_limit
    try:
        return law(circuit.patterns[port].size, fast, slow, float(circuit.projections[projection].gain))
    except ValueError as error:
        raise FunctionError(str(error)) from None
