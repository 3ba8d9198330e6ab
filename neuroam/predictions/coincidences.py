"""How many random patterns follow each other before two are alike?"""

from __future__ import annotations

from typing import Annotated

from neuroam import theory
from neuroam.circuit import Circuit
from neuroam.errors import FunctionError
from neuroam.predictions import prediction
from neuroam.registry import Ref


@prediction("coincidences")
def coincidences(
    circuit: Circuit,
    *,
    port: Annotated[str, Ref("port")] = "memory",
    whole: bool = False,
    self_free: bool = True,
) -> float:
    """The capacity of a sequence that only fails where a pattern repeats: exponential separation, independent patterns.

    Parameters
    ----------
    circuit : Circuit
        One point of a sweep: N.
    port : str
        Port whose patterns are stored.
    whole : bool
        Half of all sequences without a wrong bit, not 90 % of the steps.
    self_free : bool
        Units do not see themselves, so that patterns which differ in one bit are alike to it.

    Raises
    ------
    FunctionError
        If the network is too small.

    References
    ----------
    Own derivation, a birthday bound.
    """
    law = theory.coincidence_sequence if whole else theory.coincidence_transitions
    try:
        return law(circuit.patterns[port].size, self_free=self_free)
    except ValueError as error:
        raise FunctionError(str(error)) from None
