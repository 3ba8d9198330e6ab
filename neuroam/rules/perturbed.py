"""A matrix that is not quite another one: imperfect wiring."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("perturbed")
def perturbed(
    sources: Sources,
    rng: np.random.Generator,
    *,
    of: Annotated[str, Ref("matrix")],
    sd: Annotated[float, Field(ge=0)] = 0.0,
    keep: Annotated[float, Field(ge=0, le=1)] = 1.0,
    uniform: Annotated[float, Field(ge=0)] = 0.0,
) -> Dense:
    """Every entry of another matrix, multiplied by its own random factor.

    Parameters
    ----------
    sources : Sources
        Holds the matrix.
    rng : Generator
        Stream of this matrix.
    of : str
        The matrix to start from.
    sd : float
        The factor is 1 + sd z, with z standard normal.
    keep : float
        Probability that an entry is kept; the others are 0 (dilution).
    uniform : float
        If above 0, a further factor uniform between 0 and this number.

    Returns
    -------
    Dense
        Of the same shape.
    """
    base = sources.matrices[of]
    if not isinstance(base, Dense):
        raise FunctionError(f"'{of}' is sparse; only a dense matrix can be perturbed")
    weights = base.values * (1.0 + sd * rng.standard_normal(base.values.shape))
    weights = np.where(rng.random(base.values.shape) < keep, weights, 0.0)
    if uniform > 0:
        weights = weights * rng.uniform(0.0, uniform, base.values.shape)
    return Dense(weights)
