"""Divisive normalisation by the pooled activity, the transform of the antennal lobe."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array
from neuroam.errors import FunctionError
from neuroam.leaves import QuantityLeaf
from neuroam.transforms import step
from neuroam.units import HERTZ, Quantity

R_MAX = Quantity(165.0, HERTZ, "165 Hz")
SIGMA = Quantity(12.0, HERTZ, "12 Hz")


@step("divide_by_pool")
def divide_by_pool(
    values: Array,
    *,
    r_max: QuantityLeaf = R_MAX,
    sigma: QuantityLeaf = SIGMA,
    n: Annotated[float, Field(gt=0, le=10)] = 1.5,
    pool: Annotated[float, Field(ge=0)] = 10.63,
    lateral: Annotated[float, Field(gt=0)] = 190.0,
) -> Array:
    r"""Rates of projection neurons from those of receptor neurons.

    .. math:: R_i = \frac{R_{max} O_i^n}{O_i^n + \sigma^n + s^n}, \qquad s = a \sum_j O_j / L

    Parameters
    ----------
    values : ndarray
        O, (P, N), rates above spontaneous in Hz; not negative (put ``rectify`` first).
    r_max, sigma : Quantity
        R_max and sigma, rates.
    n : float
        Steepness.
    pool : float
        a, weight of the pool of all channels.
    lateral : float
        L, the pooled rate that counts as one.

    Returns
    -------
    ndarray
        R, (P, N), Hz.

    Raises
    ------
    FunctionError
        If a rate is negative, or a setting is not a rate.

    References
    ----------
    Olsen, Bhandawat & Wilson (2010) Neuron 66:287, input-gain form.
    """
    for name, given in (("r_max", r_max), ("sigma", sigma)):
        if given.dimension != HERTZ or given.value <= 0:
            raise FunctionError(f"'{name}' is not a rate above zero: {given}", "for instance 165 Hz")
    if (values < 0).any():
        raise FunctionError("a rate is negative", "put 'rectify' before 'divide_by_pool'")
    powered = values**n
    suppression = pool * values.sum(axis=1, keepdims=True) / lateral
    return np.asarray(r_max.value * powered / (powered + sigma.value**n + suppression**n))
