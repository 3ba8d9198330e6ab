"""Binary synapses with hidden depth whose noise is not shared: the control for what correlations do."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.cascades import Cascade, Gate, means
from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.tables import level_of


@rule("cascade_surrogate", recalls=1)
def cascade_surrogate(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    gate: Gate = "pre_gated",
    levels: Annotated[int, Field(ge=2, le=10)] = 5,
    chi: Annotated[float, Field(gt=0, le=0.5)] = 0.5,
) -> Dense:
    r"""Weights of the rule ``cascade`` in which every synapse has seen its own patterns, but for the first one.

    .. math:: P(W_{ij} = 1) = \mu_t(x_i, x_j), \qquad t = T - 1, \qquad W_{ii} = 0

    Parameters
    ----------
    sources : Sources
        Holds the patterns: T of them, of coding level f; x is the first, after which T - 1 more were stored.
    rng : Generator
        Draws the weights.
    of, gate, levels, chi
        As of ``cascade``; mu_t is the chance that such a synapse is strong t patterns later, see `neuroam.cascades`.

    Returns
    -------
    Dense
        (N, N) of 0 and 1, each drawn on its own.

    Raises
    ------
    FunctionError
        If the patterns are not binary, there is none, or they are all active or all silent.

    Notes
    -----
    Only the first pattern can be recalled: cue it in every trial (``show: {pattern: 0}``, ``trials: 1``).  Another age
    is another number of patterns; none is needed before the first, the synapses are in their stationary state.
    """
    patterns = sources.patterns[of]
    if not patterns.binary or patterns.count < 1:
        raise FunctionError(f"'{of}' does not hold binary patterns", "a synapse sees two active or silent cells")
    level = level_of(patterns)
    if not 0.0 < level < 1.0:
        raise FunctionError(
            f"patterns of coding level {level:g} change synapses in one way", "use a level between 0 and 1"
        )
    bits = patterns.values[0].astype(int)
    chance = means(Cascade(gate, levels, level, chi), patterns.count - 1)[bits[:, None], bits[None, :]]
    weights = (rng.random(chance.shape) < chance).astype(float)
    np.fill_diagonal(weights, 0.0)
    return Dense(weights)
