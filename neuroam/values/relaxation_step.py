"""How large a step may be with which cells explain a state by the stored patterns."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.units import Quantity
from neuroam.values import value


@value("relaxation_step")
def relaxation_step(
    sources: Sources, *, of: Annotated[str, Ref("port")], relative: Annotated[float, Field(gt=0, lt=2)] = 1.0
) -> Quantity:
    r"""The step of u <- u + eta (1/N) X (S - X^T u), as a share of the inverse of its largest eigenvalue.

    .. math:: \eta = \frac{r}{\lambda_{max}(O)}, \qquad O = \frac{1}{N} X X^T

    Parameters
    ----------
    sources : Sources
        Holds the patterns X, (P, N).
    of : str
        Port with the patterns.
    relative : float
        r: from 2 on the iteration diverges.  At 1 the error of the slowest direction shrinks by
        1 - lambda_min/lambda_max per step, where lambda_min is the least eigenvalue above zero.

    Returns
    -------
    Quantity
        eta, dimensionless.

    Raises
    ------
    FunctionError
        If there are no patterns, or all are zero.

    References
    ----------
    Landweber (1951) Am J Math 73:615: the iteration and its bound.
    """
    stored = sources.patterns[of].bipolar
    largest = np.linalg.norm(stored, 2) if stored.size else 0.0  # singular values of X: O is never made
    if largest == 0.0:
        raise FunctionError(f"'{of}' holds no patterns, or only zeros", "store patterns, or give a number")
    return Quantity(relative * stored.shape[1] / float(largest) ** 2)
