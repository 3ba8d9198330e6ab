"""How strong and how fast is a loop of residual cells that takes the covariance of stored patterns out of a state?"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.leaves import TimeLeaf
from neuroam.registry import Ref
from neuroam.tables import level_of
from neuroam.units import SECOND, Quantity
from neuroam.values import value

Share = Annotated[float, Field(gt=0)]
SHARE, LEAST, EDGES = 0.05, 2.5, 1.4
Noisy = Annotated[str | None, Ref("matrix")]


@value("unit_variance")
def unit_variance(
    sources: Sources, *, of: Annotated[str, Ref("port")], per: Share = 1.0, summed: bool = False
) -> Quantity:
    """Variance of one bit of a pattern, v = f (1 - f), over a number.

    Parameters
    ----------
    sources : Sources
        Holds the patterns; f is their coding level.
    of : str
        Port with the patterns.
    per : float
        What it is divided by.
    summed : bool
        Over all patterns: T v.

    Returns
    -------
    Quantity
        Dimensionless.
    """
    f = level_of(sources.patterns[of])
    return Quantity(f * (1.0 - f) / per * (sources.patterns[of].count if summed else 1))


@value("whitening_ridge")
def whitening_ridge(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    share: Share = SHARE,
    least: Share = LEAST,
    noise_of: Noisy = None,
    edges: Share = EDGES,
) -> Quantity:
    r"""How much covariance a direction must have to count as stored.

    .. math:: \lambda = \max(s N v, \lambda_0, 2 e \sigma \sqrt N), \qquad v = f (1 - f)

    Parameters
    ----------
    sources : Sources
        Holds the patterns: N units of coding level f.
    of : str
        Port with the patterns.
    share : float
        s; N v is the covariance of one pattern along itself.
    least : float
        lambda_0.  It must exceed the size of the lowest eigenvalue of what the rule ``centred`` makes, 1 to 1.5.
    noise_of : str, optional
        A symmetric matrix of weights, (N, N), nearly all of whose variance sigma^2 is noise, as of binary synapses; the
        largest eigenvalue of noise alone is 2 sigma sqrt(N).  Without it the third number is left out.
    edges : float
        e, above 1.

    Returns
    -------
    Quantity
        lambda, dimensionless.  The values of s, lambda_0 and e were found by trying.

    References
    ----------
    The edge of the noise is that of Wigner's semicircle: Wigner (1958) Ann Math 67:325.
    """
    patterns = sources.patterns[of]
    f = level_of(patterns)
    edge = 0.0 if noise_of is None else _edge(as_array(sources.matrices[noise_of]))
    return Quantity(max(share * patterns.size * f * (1.0 - f), least, edges * edge))


def _edge(weights: Array) -> float:
    """Twice the standard deviation of what is off the diagonal, times the root of the size."""
    away = weights[~np.eye(len(weights), dtype=bool)]
    return float(2.0 * away.std() * np.sqrt(len(weights)))


@value("whitening_share")
def whitening_share(
    sources: Sources, *, of: Annotated[str, Ref("port")], share: Share = SHARE, least: Share = LEAST
) -> Quantity:
    r"""How much of what the loop tells a cell is the cell's own activity: a mean diagonal entry of C (C + lambda)^-1.

    .. math:: d = \frac{T / N}{1 + \lambda / (N v)}

    Parameters
    ----------
    sources : Sources
        Holds the patterns: T of N units.
    of, share, least
        As of ``whitening_ridge``, which gives lambda.

    Returns
    -------
    Quantity
        d, dimensionless, of T patterns that are orthogonal; at most N of them.

    Raises
    ------
    FunctionError
        If f is zero or one.
    """
    patterns = sources.patterns[of]
    f, size = level_of(patterns), patterns.size
    if not 0.0 < f < 1.0:
        raise FunctionError(f"patterns of coding level {f:g} have no variance", "use a level between 0 and 1")
    ridge = whitening_ridge(sources, of=of, share=share, least=least).value
    return Quantity(min(patterns.count, size) / size / (1.0 + ridge / (size * f * (1.0 - f))))


@value("whitening_time")
def whitening_time(
    sources: Sources,
    *,
    of: Annotated[str, Ref("port")],
    through: Annotated[str, Ref("matrix")],
    fastest: TimeLeaf,
    share: Share = SHARE,
    least: Share = LEAST,
    noise_of: Noisy = None,
    edges: Share = EDGES,
) -> Quantity:
    r"""The time constant with which the fastest direction of tau dv/dt = lambda (z - v) - C v has a given one.

    .. math:: \tau = t (\lambda + \|C\|_2)

    Parameters
    ----------
    sources : Sources
        Holds the matrix C, (N, N).
    of, share, least, noise_of, edges
        As of ``whitening_ridge``, which gives lambda.
    through : str
        C.
    fastest : Quantity
        t, a time.  The slowest direction takes up to ||C||_2/lambda + 1 times as long.

    Returns
    -------
    Quantity
        tau, in seconds.
    """
    ridge = whitening_ridge(sources, of=of, share=share, least=least, noise_of=noise_of, edges=edges).value
    largest = float(np.linalg.norm(as_array(sources.matrices[through]), 2))
    return Quantity(fastest.value * (ridge + largest), SECOND)
