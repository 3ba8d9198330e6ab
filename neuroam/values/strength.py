"""How strong are the synapses of every cell together?"""

from __future__ import annotations

from typing import Annotated

from neuroam.circuit import Sources
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.units import ONE
from neuroam.values import value
from neuroam.values.distributions import Drawn


@value("strength", per_cell=True)
def strength(sources: Sources, *, of: Annotated[str, Ref("matrix")], columns: bool = False) -> Drawn:
    """Sum of the weights onto every cell.

    Parameters
    ----------
    sources : Sources
        Holds the matrix, (post, pre).
    of : str
        The matrix.
    columns : bool
        Of the weights from every cell instead.

    Returns
    -------
    tuple
        (cells,) and its dimension, 1.
    """
    return as_array(sources.matrices[of]).sum(axis=0 if columns else 1), ONE
