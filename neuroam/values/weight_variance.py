"""How much the other stored patterns scatter a weight."""

from __future__ import annotations

from typing import Annotated, Literal

from neuroam.circuit import Sources
from neuroam.registry import Ref
from neuroam.units import Quantity
from neuroam.values import value


@value("weight_variance")
def weight_variance(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    table: Literal["simple_hebb", "covariance", "pre_gated", "post_gated"] = "simple_hebb",
    residual: bool = False,
) -> Quantity:
    r"""Variance of an additive weight given one of the P stored patterns; the scale of a recall current.

    .. math:: V = (P - 1) \left[ (\alpha^2 + \beta^2) v + \gamma^2 v^2 \right], \qquad v = f (1 - f)

    Parameters
    ----------
    sources : Sources
        Holds the patterns: P and their coding level f.
    of : str
        Port with the patterns.
    table : str
        As of the rule `additive`; alpha and beta are f where an inactive cell leaves its mark, else 0; gamma is 1.
    residual : bool
        Without the part that all synapses of a cell share (alpha and beta): what is left for a decoder that knows it.

    Returns
    -------
    Quantity
        V, dimensionless; that of two patterns if there are fewer.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288; alpha, beta and gamma by expanding the table in x - f.
    """
    patterns = sources.patterns[of]
    f = patterns.coding_level if patterns.coding_level is not None else float(patterns.values.mean())
    v = f * (1.0 - f)
    alpha = f if table in ("simple_hebb", "post_gated") else 0.0
    beta = f if table in ("simple_hebb", "pre_gated") else 0.0
    shared = 0.0 if residual else (alpha**2 + beta**2) * v
    return Quantity(max(patterns.count - 1, 1) * (shared + v**2))
