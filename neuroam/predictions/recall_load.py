"""Up to how many patterns does a two-body circuit mend a cue?  Laws of powers, and of a softmax."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from neuroam import theory
from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.predictions.sequence_capacity import power_of
from neuroam.registry import Ref


@prediction("recall_load")
def recall_load(
    circuit: Circuit,
    *,
    flips: Annotated[float, Field(ge=0, lt=0.5)],
    law: Literal["freezing", "clean", "nearest_ties_lose", "nearest_ties_win"],
    port: Annotated[str, Ref("port")] = "memory",
    population: Annotated[str, Ref("population")] = "hidden",
) -> float:
    """The load at which half of all cues are recalled, or at which stored patterns stay as they are.

    Parameters
    ----------
    circuit : Circuit
        One point of a sweep: N, and for the first two laws the power d = n - 1 and whether it is one-sided.
    flips : float
        p, the share of wrong bits in a cue.
    law : {"freezing", "clean", "nearest_ties_lose", "nearest_ties_win"}
        ``freezing``: wrong bits freeze because every unit sees itself, N^(n/2).  ``clean``: an update of a stored
        pattern makes 0.5 % of the bits wrong, in units that do not see themselves, N^(n-1).  ``nearest_...``: another
        pattern is as near to the cue, the limit of a softmax and of exponentials, 2^(N (1 - H2(p))).
    port : str
        Port whose patterns are stored.
    population : str
        Cells with the parameters ``d`` and ``one_sided``.

    Raises
    ------
    FunctionError
        If the law needs a power and the cells have none.

    References
    ----------
    Krotov & Hopfield (2016) NeurIPS, arXiv 1606.01164: ``clean``.  Demircigil et al. (2017) J Stat Phys 168:288:
    ``nearest``.  Own derivation: ``freezing``, see `neuroam.theory.freezing_load`.
    """
    size = circuit.patterns[port].size
    try:
        if law in ("nearest_ties_lose", "nearest_ties_win"):
            return theory.nearest_pattern_load(size, flips, ties="win" if law == "nearest_ties_win" else "lose")
        power, rectified = power_of(circuit, population)
        if law == "freezing":
            return theory.freezing_load(size, power + 1, flips, rectified=rectified)
        return theory.clean_load(size, power + 1, rectified=rectified)
    except ValueError as error:
        raise FunctionError(str(error)) from None
