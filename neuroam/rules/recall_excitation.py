"""The synapses between cells that recall from additive weights."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.decoders import Decoder, stored, terms
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("recall_excitation")
def recall_excitation(sources: Sources, *, of: Annotated[str, Ref("matrix")], decoder: Decoder = "ignoring") -> Dense:
    r"""What the synapses of both directions say together, and for every cell what takes it out of the pooled activity.

    .. math:: S_{ij} = \frac{W_{ij} + W_{ji}}{2}, \qquad S_{ii} = \omega s_i - h_i

    Parameters
    ----------
    sources, of, decoder
        As of `recall_inhibition`; h are its uniform entries, omega the weighted ones, s is `recall_strength`.

    Returns
    -------
    Dense
        (N, N).  Formulas have the activity of the *other* cells, and pools have that of all: without the diagonal an
        active cell would inhibit itself, by about T f^2 in units of one coincidence.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or says nothing of pairs.
    """
    found = stored(sources, of)
    values = 0.5 * (found.weights + found.weights.T)
    np.fill_diagonal(values, terms(found, decoder).own)
    return Dense(values)
