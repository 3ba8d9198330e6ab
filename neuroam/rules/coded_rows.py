"""Stored patterns as rows of zeros and ones, in the code of their port."""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Dense, Sources
from neuroam.codes import coded_patterns
from neuroam.registry import Ref
from neuroam.rules import rule
from neuroam.rules.rows import shifted


@rule("coded_rows", shorthand="of")
def coded_rows(sources: Sources, *, of: Annotated[str, Ref("port")], lag: int = 0, periodic: bool = False) -> Dense:
    """Row mu is 1 where pattern mu drives a cell: with an on/off code, every pattern drives one cell of each pair.

    Parameters
    ----------
    sources : Sources
        Holds the patterns and the code of the port.
    of : str
        Port whose patterns are stored.
    lag, periodic
        As of `rows`.

    Returns
    -------
    Dense
        (P, cells) in {0, 1}: excitatory synapses only (Dale's law).
    """
    return Dense(shifted(coded_patterns(sources.patterns[of], sources.codes[of]), lag, periodic))
