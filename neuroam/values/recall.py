"""What recall currents are divided by, and what is taken off them."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Array, Sources
from neuroam.decoders import Decoder, stored, terms
from neuroam.registry import Ref
from neuroam.units import ONE, Dimension, Quantity
from neuroam.values import value


@value("recall_scale")
def recall_scale(sources: Sources, *, of: Annotated[str, Ref("matrix")], decoder: Decoder = "ignoring") -> Quantity:
    r"""What a synaptic current is divided by to be a log-odds: the noise of a weight over what a pattern adds to it.

    .. math:: c = \frac{(T - 1) \gamma^2 v^2}{\gamma}

    Parameters
    ----------
    sources : Sources
        Holds the weights and the patterns: T of level f, v = f (1 - f).
    of : str
        Weights of the rule ``additive``; gamma is what their table adds only where both bits count.
    decoder : str
        ``ignoring`` takes the whole variance of a weight instead, or half of it where both directions count.

    Returns
    -------
    Quantity
        c, dimensionless; that of two patterns if there are fewer.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or says nothing of pairs.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288; see `neuroam.decoders`.
    """
    return Quantity(terms(stored(sources, of), decoder).scale)


@value("recall_threshold")
def recall_threshold(
    sources: Sources, *, of: Annotated[str, Ref("matrix")], decoder: Decoder = "ignoring"
) -> tuple[Array, Dimension]:
    """What is taken off the synaptic current of every cell, whatever the others do.

    Parameters
    ----------
    sources, of, decoder
        As of `recall_scale`.

    Returns
    -------
    ndarray, Dimension
        (N,), in the unit of the weights.  Depends on a cell's own strength unless the table is ``simple_hebb``.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or says nothing of pairs.
    """
    return terms(stored(sources, of), decoder).threshold, ONE
