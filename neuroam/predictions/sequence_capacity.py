"""Up to how many random patterns is a step of a sequence right, or all steps?  The exact law of their crosstalk."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from neuroam import theory
from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.predictions.reading import number_of
from neuroam.registry import Ref


@prediction("sequence_capacity")
def sequence_capacity(
    circuit: Circuit,
    *,
    port: Annotated[str, Ref("port")] = "memory",
    population: Annotated[str, Ref("population")] = "motifs",
    whole: bool = False,
    chance_of_error: Annotated[float, Field(gt=0, lt=1)] | None = None,
    self_free: bool = True,
) -> float:
    """The number of independent random patterns up to which a step leads to the next one without a wrong bit.

    Parameters
    ----------
    circuit : Circuit
        One point of a sweep: N, the power d, and whether it is one-sided.
    port : str
        Port whose patterns are stored.
    population : str
        Cells with the parameters ``d`` and ``one_sided``.
    whole : bool
        All steps of the sequence, not one.
    chance_of_error : float, optional
        c; 0.1 for one step and 0.5 for all, unless given.
    self_free : bool
        Units do not see themselves.

    Raises
    ------
    FunctionError
        If the cells have no power, or the capacity is out of reach.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.1; the law is our own.
    """
    size = circuit.patterns[port].size
    order, rectified = power_of(circuit, population)
    separation = theory.power_separation(order, rectified=rectified)
    chance = chance_of_error or (0.5 if whole else 0.1)
    law = theory.sequence_capacity if whole else theory.transition_capacity
    try:
        return law(size, separation, chance_of_error=chance, self_free=self_free)
    except ValueError as error:
        raise FunctionError(str(error)) from None


def power_of(circuit: Circuit, population: str) -> tuple[int, bool]:
    """The power of separation cells, and whether they are one-sided.

    Raises
    ------
    FunctionError
        If they have none.
    """
    return round(number_of(circuit, population, "d")), number_of(circuit, population, "one_sided") > 0
