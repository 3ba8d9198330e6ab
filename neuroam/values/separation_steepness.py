"""How steep an exponential separation function is."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Sources
from neuroam.registry import Ref
from neuroam.units import Quantity
from neuroam.values import value


@value("separation_steepness")
def separation_steepness(sources: Sources, *, of: Annotated[str, Ref("port")]) -> Quantity:
    """N - 1 for patterns of N units: f(m) = exp((N - 1)(m - 1)) falls by a factor of about e^2 per unit that differs.

    Parameters
    ----------
    sources : Sources
        Holds the patterns.
    of : str
        Port with the patterns.

    Returns
    -------
    Quantity
        N - 1, dimensionless.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.
    """
    return Quantity(float(sources.patterns[of].size - 1))
