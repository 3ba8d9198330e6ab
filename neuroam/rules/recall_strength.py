"""How strongly every cell drives the pooling cell that knows of strengths."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Dense, Sources
from neuroam.decoders import Decoder, stored, terms
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("recall_strength")
def recall_strength(sources: Sources, *, of: Annotated[str, Ref("matrix")], decoder: Decoder = "second_order") -> Dense:
    """What speaks for a cell's popularity: its mean incoming and outgoing strength, and their difference if that tells.

    Parameters
    ----------
    sources, of, decoder
        As of `recall_inhibition`.

    Returns
    -------
    Dense
        (1, N).  For symmetric tables the row sums of the weights.

    Raises
    ------
    FunctionError
        If the matrix is not of the rule ``additive``, or says nothing of pairs.
    """
    return Dense(terms(stored(sources, of), decoder).strength[None, :])
