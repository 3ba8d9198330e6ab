"""What do binary cascade synapses remember, and how are their weights correlated?"""

from __future__ import annotations

import math

from neuroam.cascades import Cascade, Gate, means, moments

KINDS = ("same_post", "same_pre", "chain", "reciprocal")


def cascade_correlations(
    gate: Gate, age: int, *, levels: int = 5, level: float = 0.5, chi: float = 0.5
) -> dict[str, float]:
    """Correlation of two weights that share cells, given the bits of the target and averaged over them.

    Parameters
    ----------
    gate : {"pre_gated", "post_gated", "xor"}
        Which bits of a pattern potentiate and depress a synapse.
    age : int
        Patterns stored since the target.
    levels : int
        n depths, 2 or more.
    level : float
        Coding level f.
    chi : float
        How much less likely each depth is to change than the one before, at most 1/2.

    Returns
    -------
    dict
        By what the two share: ``same_post``, ``same_pre``, ``chain`` (the post cell of one is the pre cell of the
        other), ``reciprocal`` (both cells).
    """
    of = moments(Cascade(gate, levels, level, chi), age)
    return {kind: getattr(of, kind) / of.variance for kind in KINDS}


def cascade_trace(gate: Gate, age: int, *, levels: int = 5, level: float = 0.5, chi: float = 0.5) -> float:
    r"""How far two stored bits move their synapse, in standard deviations of a weight.

    .. math:: \left[ \mu_t(1, 1) - \mu_t(1, 0) - \mu_t(0, 1) + \mu_t(0, 0) \right] / \sqrt{V_t}

    Parameters
    ----------
    gate, age, levels, level, chi
        As of `cascade_correlations`.

    Returns
    -------
    float
        Falls towards zero with age; for XOR not in every step, as chi = 1/2 makes the first level certain to change.
        Gated synapses are left alone by some patterns.
    """
    cascade = Cascade(gate, levels, level, chi)
    mu = means(cascade, age)
    joint = float(mu[1, 1] - mu[1, 0] - mu[0, 1] + mu[0, 0])
    return joint / math.sqrt(moments(cascade, age).variance)
