"""How long may a sequence of random patterns be?  Formulas for large networks, and for coincidences of patterns."""

from __future__ import annotations

import math

from neuroam.theory.capacity import double_factorial

# beta of LSHM: the crosstalk of exponential hidden units has the variance P beta^-(N-1)
EXPONENTIAL_BASE = math.e**2 / math.cosh(2.0)


def transition_limit(size: int, order: int, *, rectified: bool = False) -> float:
    r"""Largest sequence of which one step is right, in large networks: f(x) = x^d.

    .. math:: P_T \simeq \frac{N^d}{2\, (2d-1)!!\, \ln N}

    Parameters
    ----------
    size : int
        N units, at least 2.
    order : int
        d, at least 1.
    rectified : bool
        f(x) = max(x, 0)^d: half of the crosstalk variance, so twice as much.

    Returns
    -------
    float
        P_T, for errors with a chance of about 1/sqrt(4 pi ln N), 0.13 for N = 100.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 9.
    """
    _refuse(size, order)
    scale = float(size) ** order / (2.0 * double_factorial(2 * order - 1) * math.log(size))
    return 2.0 * scale if rectified else scale


def sequence_limit(size: int, order: int, *, rectified: bool = False) -> float:
    r"""Largest sequence of which all steps are right, in large networks: `transition_limit` / (d + 1).

    Parameters
    ----------
    size, order, rectified
        As in `transition_limit`.

    Returns
    -------
    float
        P_S.  Near `sequence_capacity` for a chance of error of 0.007; half-success lies at 1.6 to 2.3 times as many.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 9.
    """
    return transition_limit(size, order, rectified=rectified) / (order + 1)


def exponential_transition_limit(size: int) -> float:
    r"""Largest sequence of which one step is right, in large networks: f(x) = exp((N - 1)(x - 1)).

    .. math:: P_T \simeq \frac{\beta^{N-1}}{2 \ln N}, \qquad \beta = e^2 / \cosh 2 = 1.964

    Parameters
    ----------
    size : int
        N units, at least 2.

    Returns
    -------
    float
        P_T as if the crosstalk were Gaussian; `coincidence_transitions` is smaller and right.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 10.
    """
    _refuse(size)
    return float(EXPONENTIAL_BASE ** (size - 1) / (2.0 * math.log(size)))


def exponential_sequence_limit(size: int) -> float:
    r"""Largest sequence of which all steps are right, in large networks: f(x) = exp((N - 1)(x - 1)).

    .. math:: P_S \simeq \frac{\beta^{N-1}}{2 N \ln \beta}

    Parameters
    ----------
    size : int
        N units, at least 2.

    Returns
    -------
    float
        P_S as if the crosstalk were Gaussian; `coincidence_sequence` is smaller and right for random patterns.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 10.
    """
    _refuse(size)
    return float(EXPONENTIAL_BASE ** (size - 1) / (2.0 * size * math.log(EXPONENTIAL_BASE)))


def coincidence_transitions(size: int, *, chance_of_error: float = 0.1, self_free: bool = True) -> float:
    r"""Largest sequence of which one step is right if only coincidences of patterns do harm.

    .. math:: P_T = \frac{c\, 2^N}{1 + N/4}, \qquad \text{with self-interaction } c\, 2^N

    Parameters
    ----------
    size : int
        N units, at least 2.
    chance_of_error : float
        c; the formula is of first order in it.
    self_free : bool
        A unit that does not see itself cannot tell apart two patterns that differ in its bit alone.

    Returns
    -------
    float
        P_T for f(x) = exp((N - 1)(x - 1)), or any f that is as steep.

    Notes
    -----
    Own derivation.  Another pattern is equal to the present one with a chance of 2^-N, and then the step fails.  It
    differs in one bit with N 2^-N; that bit then has two wanted values in half of these cases, and takes the wrong one
    in half of those.
    """
    _refuse(size)
    _refuse_chance(chance_of_error)
    return chance_of_error * 2.0**size / (1.0 + size / 4.0 if self_free else 1.0)


def coincidence_sequence(size: int, *, chance_of_error: float = 0.5, self_free: bool = True) -> float:
    r"""Largest sequence of which all steps are right if only coincidences of patterns do harm.

    .. math:: P_S = \sqrt{\frac{2 \ln\frac{1}{1-c}\, 2^N}{1 + N/2}}

    Parameters
    ----------
    size, chance_of_error, self_free
        As in `coincidence_transitions`; with self-interaction the term N/2 is absent.

    Returns
    -------
    float
        P_S for f(x) = exp((N - 1)(x - 1)); the birthday bound of every first-order memory where it sees itself.

    Notes
    -----
    Own derivation: P^2 / 2 pairs of patterns.  Two that differ in one bit alone drive it alike, so that if its two
    wanted values differ, one of the two steps fails for sure: 1/2.
    """
    _refuse(size)
    _refuse_chance(chance_of_error)
    pairs = -2.0 * math.log1p(-chance_of_error) * 2.0**size
    return math.sqrt(pairs / (1.0 + size / 2.0 if self_free else 1.0))


def bias_limit(order: int, bias: float) -> float:
    r"""Number of patterns above which their common mean spoils the steps: f(x) = x^d.

    .. math:: P < 1 + |\epsilon|^{-(2d+1)}

    Parameters
    ----------
    order : int
        d, at least 1.
    bias : float
        The mean of the bits, from -1 to 1.

    Returns
    -------
    float
        P; infinite without a bias.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, sec. 2.5.
    """
    _refuse(2, order)
    if not -1.0 <= bias <= 1.0:
        raise ValueError(f"a mean of bits lies in [-1, 1], unlike {bias}")
    return 1.0 + abs(bias) ** -(2 * order + 1) if bias else math.inf


def mixed_transition_limit(size: int, hold: int, move: int, gain: float) -> float:
    r"""Largest sequence of which one step of a mixed network is right, without a memory of earlier states (tau = 1).

    .. math::
        P_T \simeq \frac{(\lambda - 1)^2 N^{\min(d_S, d_A)}}{2 \gamma \ln N}, \qquad
        \gamma = \begin{cases}
            (2 d_S - 1)!! & d_S < d_A \\
            \lambda^2 (2 d_A - 1)!! & d_S > d_A \\
            (\lambda^2 + 1)(2d - 1)!! + 2 \lambda ((d - 1)!!)^2 [d \text{ even}] & d_S = d_A = d
        \end{cases}

    Parameters
    ----------
    size : int
        N units, at least 2.
    hold, move : int
        d_S and d_A, the orders of the term that keeps a pattern and of the term that leads to the next.
    gain : float
        lambda of the second term, above 1.

    Returns
    -------
    float
        P_T.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 15.
    """
    _refuse(size, hold, move)
    if not gain > 1.0:
        raise ValueError(f"the gain must be above 1, or no pattern is left; it is {gain}")
    if hold < move:
        noise = double_factorial(2 * hold - 1)
    elif hold > move:
        noise = gain**2 * double_factorial(2 * move - 1)
    else:
        shared = 2.0 * gain * double_factorial(hold - 1) ** 2 if hold % 2 == 0 else 0.0
        noise = (gain**2 + 1.0) * double_factorial(2 * hold - 1) + shared
    return (gain - 1.0) ** 2 * float(size) ** min(hold, move) / (2.0 * noise * math.log(size))


def mixed_sequence_limit(size: int, hold: int, move: int, gain: float) -> float:
    """Largest sequence of which all steps of a mixed network are right: `mixed_transition_limit` / (min(d_S, d_A) + 1).

    Parameters
    ----------
    size, hold, move, gain
        As in `mixed_transition_limit`.

    Returns
    -------
    float
        P_S.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, eq. 16.
    """
    return mixed_transition_limit(size, hold, move, gain) / (min(hold, move) + 1)


def _refuse(size: int, *orders: int) -> None:
    if size < 2 or min(orders, default=1) < 1:
        raise ValueError(f"the size must be at least 2 and orders at least 1, not {size} and {orders}")


def _refuse_chance(chance_of_error: float) -> None:
    if not 0.0 < chance_of_error < 1.0:
        raise ValueError(f"the chance of an error must lie between 0 and 1, not at {chance_of_error}")
