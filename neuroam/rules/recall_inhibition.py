"""Synapses from a pooling cell that make recall from additive weights optimal, for a given view of their noise."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from neuroam.circuit import Array, Dense, Sources
from neuroam.decoders import Decoder, stored, terms
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("recall_inhibition")
def recall_inhibition(
    sources: Sources,
    *,
    of: Annotated[str, Ref("matrix")],
    decoder: Decoder = "ignoring",
    term: Literal["uniform", "weighted", "square", "cube"] = "uniform",
) -> Dense:
    r"""From one pooling cell onto every cell: what has to be added to the excitation, per unit of the pooled activity.

    Parameters
    ----------
    sources : Sources
        Holds the weights, (N, N), and the patterns that they were made from.
    of : str
        Weights of the rule ``additive``, of any table.
    decoder : str
        ``ignoring``: every weight has noise of its own; ``plug_in``: popularities are what strengths say (with
        ``uniform``, only what does not follow from strengths); ``second_order``: the covariance of all weights;
        ``own_strength``, ``strength_weighted``: parts of the plug-in.
    term : str
        ``uniform``: of the number of active cells; ``square``, ``cube``: of its powers; ``weighted``: of the active
        strength, where `recall_strength` are the weights onto the pooling cell.

    Returns
    -------
    Dense
        (N, 1); negative entries inhibit.  In the unit of the weights, to be divided by `recall_scale`.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or says nothing of pairs.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288; derivation for any table in `neuroam.decoders`.
    """
    found = terms(stored(sources, of), decoder)
    values: dict[str, Array] = {
        "uniform": found.uniform,
        "weighted": np.full(found.uniform.shape, -found.weighted),
        "square": np.full(found.uniform.shape, found.square),
        "cube": np.full(found.uniform.shape, found.cube),
    }
    return Dense(values[term][:, None])
