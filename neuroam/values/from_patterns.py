"""Numbers that follow from the stored patterns."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Sources
from neuroam.registry import Ref
from neuroam.tables import level_of
from neuroam.units import Quantity
from neuroam.values import value


@value("units")
def units(sources: Sources, *, of: Annotated[str, Ref("port")]) -> Quantity:
    """The number N of units of the patterns."""
    return Quantity(float(sources.patterns[of].size))


@value("sqrt_units")
def sqrt_units(sources: Sources, *, of: Annotated[str, Ref("port")]) -> Quantity:
    """The square root of the number N of units of the patterns."""
    return Quantity(float(np.sqrt(sources.patterns[of].size)))


@value("count")
def count(sources: Sources, *, of: Annotated[str, Ref("port")]) -> Quantity:
    """The number P of stored patterns."""
    return Quantity(float(sources.patterns[of].count))


@value("coding_level")
def coding_level(sources: Sources, *, of: Annotated[str, Ref("port")]) -> Quantity:
    """The share of active units that the patterns were drawn with, else their mean."""
    return Quantity(level_of(sources.patterns[of]))
