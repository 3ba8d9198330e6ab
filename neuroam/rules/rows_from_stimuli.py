"""Initial weights for competitive learning: copies of stimuli."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("rows_from_stimuli")
def rows_from_stimuli(
    sources: Sources, shape: tuple[int, int] | None, rng: np.random.Generator, *, of: Annotated[str, Ref("port")]
) -> Dense:
    """Each row is a stored pattern chosen at random, at length one: every cell wins for something from the start.

    Parameters
    ----------
    sources : Sources
        Holds the patterns, (P, N).
    shape : tuple of int
        (post, pre) as the projection needs it; N pre cells.
    rng : Generator
        Stream of this matrix.
    of : str
        Port with the stimuli.

    Returns
    -------
    Dense
        (post, N); rows are different patterns.

    Raises
    ------
    FunctionError
        If the sizes do not follow from the model, or there are fewer different patterns than rows.

    References
    ----------
    Initialisation by samples: Rumelhart & Zipser (1985) Cogn Sci 9:75, against dead units.
    """
    if shape is None:
        raise FunctionError("the sizes of both populations must be known before the rows are drawn")
    stimuli = sources.patterns[of].values
    norm = np.linalg.norm(stimuli, axis=1)
    different = np.unique(stimuli[norm > 0] / norm[norm > 0, None], axis=0)
    if len(different) < shape[0]:
        raise FunctionError(f"{shape[0]} rows need as many different patterns, but '{of}' has {len(different)}")
    return Dense(different[rng.permutation(len(different))[: shape[0]]])
