"""Binary synapses with hidden depth, after a stream of patterns."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.cascades import TABLES, Gate, chances
from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("cascade")
def cascade(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("port")],
    gate: Gate = "pre_gated",
    levels: Annotated[int, Field(ge=2, le=50)] = 5,
    chi: Annotated[float, Field(gt=0, le=0.5)] = 0.5,
) -> Dense:
    r"""Every pattern, one after the other, makes some synapses strong, some weak, and some harder to change.

    A synapse of the wrong strength flips with probability q and is then at depth 1; one that is right already goes one
    deeper with probability p:

    .. math:: q_k = \chi^{k-1} \;(k < n), \quad q_n = \frac{\chi^{n-1}}{1 - \chi}, \quad p_k = \frac{\chi^k}{1 - \chi}

    Parameters
    ----------
    sources : Sources
        Holds the patterns, stored in their order; the last one is the newest.
    rng : Generator
        Draws which synapses change.
    of : str
        Port with the patterns.
    gate : str
        ``pre_gated``: synapses of an active pre cell become strong if the post cell is active, else weak;
        ``post_gated``: the same with pre and post exchanged; ``xor``: strong if both cells agree, else weak.
    levels : int
        n depths.
    chi : float
        How much less likely each depth is to change than the one before.

    Returns
    -------
    Dense
        (N, N) of 0 and 1, 0 on the diagonal.  All synapses start weak at depth 1: it takes a few hundred patterns until
        that is forgotten.

    Raises
    ------
    FunctionError
        If the patterns are not binary.

    References
    ----------
    Fusi, Drew & Abbott (2005) Neuron 45:599.  Gates: Savin, Dayan & Lengyel (2014) PLoS Comput Biol 10:e1003489.
    """
    patterns = sources.patterns[of]
    if not patterns.binary:
        raise FunctionError(f"the patterns of '{of}' are not binary", "a synapse sees two active or silent cells")
    state = np.zeros((patterns.size, patterns.size), dtype=np.uint8)
    moves = {sign: _moves(sign, levels, chi) for sign in (-1, 1)}
    for x in patterns.values > 0.5:
        for post, pre in zip(*np.nonzero(TABLES[gate]), strict=True):
            chance, to = moves[int(TABLES[gate][post, pre])]
            block = np.ix_(x == post, x == pre)
            now = state[block]
            changes = rng.random(now.shape, dtype=np.float32) < chance.take(now)
            state[block] = np.where(changes, to.take(now), now)
    weights = (state >= levels).astype(float)
    np.fill_diagonal(weights, 0.0)
    return Dense(weights)


def _moves(sign: int, levels: int, chi: float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """How likely a state changes, and to which one: weak states by depth, then strong ones."""
    flip, deepen = (chance.astype(np.float32) for chance in chances(levels, chi))
    depth = np.arange(levels, dtype=np.uint8)
    deeper = np.minimum(depth + 1, levels - 1).astype(np.uint8)
    if sign > 0:
        return np.concatenate([flip, deepen]), np.concatenate([np.full_like(depth, levels), levels + deeper])
    return np.concatenate([deepen, flip]), np.concatenate([deeper, np.zeros_like(depth)])
