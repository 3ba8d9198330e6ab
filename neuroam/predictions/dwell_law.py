"""How long does a sequence stay in a pattern if the gain of its slow synapses is scaled?"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam import theory
from neuroam.circuit import Circuit, Sources, Trials
from neuroam.errors import FunctionError
from neuroam.leaves import TimeLeaf
from neuroam.predictions import prediction
from neuroam.predictions.reading import last_control
from neuroam.values.gains_for_dwell import gains_for_dwell


@prediction("dwell_law")
def dwell_law(
    circuit: Circuit,
    trials: Trials,
    *,
    tau: TimeLeaf,
    dwell: str = "memory.dwell",
    control: str = "tempo",
    power: Annotated[float, Field(gt=0)] = 1.0,
    periodic: bool = False,
) -> float:
    """The mean dwell time where gains made for the wanted times are multiplied by a control.

    Parameters
    ----------
    circuit, trials
        One point of a sweep.
    tau : Quantity
        Time constant of the slow synapses.
    dwell : str
        ``PORT.ATTRIBUTE``: the times that the gains were made for.
    control : str
        The factor of all gains; 1 if the model has no such control.
    power : float
        d, between the trace and the drive.
    periodic : bool
        The last pattern is followed by the first one.

    Returns
    -------
    float
        In ms, of all patterns but the last one of an open chain, which is not left; infinite where the sequence stops.

    Raises
    ------
    FunctionError
        If there is no such attribute, or the law has no solution.

    References
    ----------
    Own derivation: the law of the value function ``gains_for_dwell``, turned round.
    """
    sources = Sources(circuit.patterns, {})
    gains = np.asarray(gains_for_dwell(sources, dwell=dwell, tau=tau, power=power, periodic=periodic)[0])
    try:
        scaled = gains * last_control(trials, control, 1.0)
        times = theory.dwell_times(scaled, tau.value, power, periodic=periodic)
    except ValueError as error:
        raise FunctionError(str(error)) from None
    return 1e3 * float(np.mean(times if periodic else times[:-1]))
