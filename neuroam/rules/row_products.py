"""Products of stored patterns that are some places apart."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Dense, Sources
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.rules.rows import shifted


@rule("row_products")
def row_products(sources: Sources, *, of: Annotated[str, Ref("port")], lag: int = 1, periodic: bool = False) -> Dense:
    """Row mu is pattern mu times pattern mu + ``lag``, unit by unit: +1 where a unit keeps its sign, -1 where not.

    Parameters
    ----------
    sources : Sources
        Holds the patterns.
    of : str
        Port whose patterns are stored.
    lag : int
        How many places later; 1 for the successor.
    periodic : bool
        The last pattern is followed by the first one; else its row is empty (zero).

    Returns
    -------
    Dense
        (P, N), dimensionless.

    Notes
    -----
    Own derivation: what a unit of a sequence network must take out of its drive so that it does not see itself, for any
    separation function, is a sum over patterns with these signs (cells ``separation_self_free``).
    """
    stored = sources.patterns[of].bipolar
    return Dense(stored * shifted(stored, lag, periodic))
