"""A value of its own for every cell."""

from __future__ import annotations

import numpy as np

from neuroam.errors import FunctionError
from neuroam.leaves import QuantityLeaf
from neuroam.units import Dimension, in_words
from neuroam.values import value

Drawn = tuple[np.ndarray, Dimension]


@value("normal", per_cell=True)
def normal(size: int, rng: np.random.Generator, *, mean: QuantityLeaf, sd: QuantityLeaf) -> Drawn:
    """Normally distributed over the cells.

    Parameters
    ----------
    size : int
        Number of cells.
    rng : Generator
        Stream of this parameter.
    mean, sd : Quantity
        In the same unit.
    """
    if mean.dimension != sd.dimension:
        what = f"the mean is {in_words(mean.dimension)} but the sd is {in_words(sd.dimension)}"
        raise FunctionError(what, "give both the same unit")
    return mean.value + sd.value * rng.standard_normal(size), mean.dimension


@value("uniform", per_cell=True)
def uniform(size: int, rng: np.random.Generator, *, low: QuantityLeaf, high: QuantityLeaf) -> Drawn:
    """Uniformly distributed over the cells.

    Parameters
    ----------
    size : int
        Number of cells.
    rng : Generator
        Stream of this parameter.
    low, high : Quantity
        In the same unit.
    """
    if low.dimension != high.dimension:
        what = f"'low' is {in_words(low.dimension)} but 'high' is {in_words(high.dimension)}"
        raise FunctionError(what, "give both the same unit")
    if low.value > high.value:
        raise FunctionError(f"'low' is above 'high': {low} and {high}", "exchange them")
    return rng.uniform(low.value, high.value, size), low.dimension
