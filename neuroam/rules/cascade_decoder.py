"""How to read cascade synapses, for every age of the memory."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam import latents
from neuroam.cascades import Cascade, Gate, means, spread
from neuroam.circuit import Array, Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.tables import level_of


@rule("cascade_decoder")
def cascade_decoder(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    gate: Gate = "pre_gated",
    levels: Annotated[int, Field(ge=2, le=10)] = 5,
    chi: Annotated[float, Field(gt=0, le=0.5)] = 0.5,
    ages: Annotated[int, Field(ge=1, le=1000)] = 21,
    aware: bool = True,
) -> Dense:
    """Coefficients of the log-odds that weights give to a bit; `decoder_term` takes them out.

    Parameters
    ----------
    sources : Sources
        Holds the patterns: their size N and coding level f.
    of : str
        Port with the patterns.
    gate, levels, chi
        As of the rule `cascade` that made the weights.
    ages : int
        Row t is for a memory after which t patterns were stored.
    aware : bool
        The decoder knows that synapses of one cell are correlated; else it takes all weights for independent.

    Returns
    -------
    Dense
        (ages, 20): of W x, of W' x; of 1, row sum, column sum and total, each times the powers 0 to 3 of the number of
        other active cells; of the row sums and the column sums of active cells.

    Raises
    ------
    FunctionError
        If there are fewer than 3 units, or they are all active or all silent.

    References
    ----------
    Savin, Dayan & Lengyel (2013) NIPS 26:288, and (2014) PLoS Comput Biol 10:e1003489; the coefficients are our own.
    """
    patterns = sources.patterns[of]
    level = level_of(patterns)
    if patterns.size < 3 or not 0 < level < 1:
        what = f"{patterns.size} units with a coding level of {level:g} have no weights to decode"
        raise FunctionError(what, "use 3 units or more, and a coding level between 0 and 1")
    synapses = Cascade(gate, levels, level, chi)
    return Dense(np.array([_row(synapses, age, patterns.size, aware) for age in range(ages)]))


def _row(synapses: Cascade, age: int, size: int, aware: bool) -> Array:
    mean = means(synapses, age)
    terms = latents.two_latent(mean, spread(synapses, age), size) if aware else latents.independent(mean, size)
    return np.concatenate([[terms.forward, terms.backward], terms.own.ravel(), terms.pooled])
