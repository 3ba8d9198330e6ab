"""Gains of slow synapses that make a sequence dwell in each pattern as long as wanted."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Sources
from neuroam.errors import FunctionError
from neuroam.leaves import TimeLeaf
from neuroam.registry import Ref
from neuroam.units import ONE, SECOND, in_words
from neuroam.values import value
from neuroam.values.distributions import Drawn


@value("gains_for_dwell", per_row=True)
def gains_for_dwell(
    sources: Sources,
    *,
    dwell: Annotated[str, Ref("attribute")],
    tau: TimeLeaf,
    threshold: Annotated[float, Field(gt=0)] = 1.0,
    power: Annotated[float, Field(gt=0)] = 1.0,
    periodic: bool = False,
    into: bool = False,
) -> Drawn:
    r"""The gain of the step from each pattern to its successor, by the law of an exponential trace.

    .. math::

        \lambda_\mu (1 - y_\mu)^d = 1 + \lambda_{\mu-1} \left[ (1 - y_{\mu-1}) y_\mu \right]^d,
        \qquad y_\mu = e^{-T_\mu / \tau}

    Parameters
    ----------
    sources : Sources
        Holds the pattern set with the attribute.
    dwell : str
        ``PORT.ATTRIBUTE``: wanted dwell times T, (P,), seconds.
    tau : Quantity
        Time constant of the slow synapses.
    threshold : float
        Factor of all gains: 1 for the law itself; 0.78 was measured for the chain of spiking cells.
    power : float
        d, the power between overlap and drive.
    periodic : bool
        The last pattern is followed by the first one.
    into : bool
        Value mu belongs to the step that leads into pattern mu, for projections onto the cells of the successor.

    Returns
    -------
    tuple
        (P,) and its dimension, 1: value mu belongs to the step from pattern mu to pattern mu + 1, unless ``into``.

    Raises
    ------
    FunctionError
        If there is no such attribute, or a time is not above zero.

    Notes
    -----
    For equal T and d = 1: T = -tau ln(1 - 1/sqrt(lambda)).  The law follows from equating the slow drive to the
    successor with the fast and residual slow support of the present pattern.
    """
    times = _attribute(sources, dwell)
    if tau.dimension != SECOND or tau.value <= 0:
        raise FunctionError(f"'tau' is not a time above zero: {tau}", "for instance 100 ms")
    if (times <= 0).any():
        raise FunctionError(f"'{dwell}' holds a time that is not above zero")
    y = np.exp(-times / tau.value)
    gains = np.zeros_like(y)
    # once around is exact for an open chain; a periodic one forgets where it began
    for _ in range(200 if periodic else 1):
        before = gains.copy()
        for mu in range(len(y)):
            last = gains[mu - 1] if mu or periodic else 0.0
            gains[mu] = (1.0 + last * ((1.0 - y[mu - 1]) * y[mu]) ** power) / (1.0 - y[mu]) ** power
        if np.allclose(gains, before, rtol=1e-12, atol=0.0):
            break
    return threshold * (np.roll(gains, 1) if into else gains), ONE


def _attribute(sources: Sources, text: str) -> Array:
    port, _, name = text.partition(".")
    if port not in sources.patterns or name not in sources.patterns[port].attributes:
        known = [
            f"{key}.{attribute}" for key, patterns in sources.patterns.items() for attribute in patterns.attributes
        ]
        raise FunctionError(f"no pattern set has '{text}'", f"attributes: {', '.join(known) or 'none'}")
    unit = sources.units.get((port, name), SECOND)
    if unit != SECOND:
        raise FunctionError(f"'{text}' holds no times, but is {in_words(unit)}", "give it times, for instance 100 ms")
    return sources.patterns[port].attributes[name]
