"""Weights that an earlier stage has learned."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.evaluate import residuals, unit_rows
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("learned", shorthand="stage")
def learned(
    sources: Sources,
    *,
    stage: Annotated[str, Ref("stage")],
    projection: str | None = None,
    scaled: bool = False,
    of: Annotated[str | None, Ref("port")] = None,
    residual: Annotated[float, Field(gt=0)] = 0.01,
) -> Sparse:
    r"""What a plastic projection of a stage ended with; pruned synapses are left out.

    Parameters
    ----------
    sources : Sources
        Holds the weights of every stage, and the patterns.
    stage : str
        One of the protocol's ``stages``; ``{learned: STAGE}`` will do.  Of several trials, the first counts.
    projection : str, optional
        The projection, where several learn in that stage.
    scaled : bool
        Every row is divided by the root mean square of its entries, so that a weighted sum is in the unit of the input.
    of : str, optional
        Port whose patterns every row is to be silent for.
    residual : float
        With ``of``: the largest sum that is allowed,

        .. math:: \max_{i, \mu} \left| \sum_j W_{ij} x^\mu_j \right|

    Returns
    -------
    Sparse
        (post, pre) cells of the projection.

    Raises
    ------
    FunctionError
        If there is no such stage or projection, the sizes differ, a row is empty, or a residual is too large.
    """
    weights = _found(sources, stage, projection)
    count = np.diff(weights.indptr)
    if (scaled or of is not None) and (count == 0).any():
        what = f"cell {int(np.argmin(count))} of stage '{stage}' has no synapse left"
        raise FunctionError(what, "prune less, or learn from fewer patterns than there are dimensions")
    weights = unit_rows(weights) if scaled else weights
    if of is not None:
        _refuse_residual(weights, sources, stage, of, residual)
    return weights


def _found(sources: Sources, stage: str, projection: str | None) -> Sparse:
    if stage not in sources.learned:
        raise FunctionError(f"no stage named '{stage}' has run", f"add 'stages: [{stage}]' to the protocol")
    known = sources.learned[stage]
    if projection is None and len(known) != 1:
        names = ", ".join(known)
        what = f"{len(known)} projections learn in stage '{stage}'" if known else f"nothing learns in stage '{stage}'"
        fix = f"add 'projection: NAME', one of: {names}" if known else "let one of its epochs 'learn' a projection"
        raise FunctionError(what, fix)
    name = projection or next(iter(known))
    if name not in known:
        raise FunctionError(f"no projection '{name}' learns in stage '{stage}'", f"use one of: {', '.join(known)}")
    return known[name]


def _refuse_residual(weights: Sparse, sources: Sources, stage: str, of: str, residual: float) -> None:
    patterns = sources.patterns[of].values
    if patterns.shape[1] != weights.shape[1]:
        what = f"stage '{stage}' has learned from {weights.shape[1]} units, and patterns of '{of}' have"
        raise FunctionError(f"{what} {patterns.shape[1]}", "give both protocols the same patterns")
    worst = residuals(weights, patterns)
    if worst.max(initial=0.0) > residual:
        row, wrong = int(np.argmax(worst)), int((worst > residual).sum())
        what = (
            f"constraint {row} leaves a residual of {worst[row]:.3g} on the patterns of '{of}', and {residual:g} is the"
            f" most; {wrong} of {worst.size} constraints leave too much"
        )
        fix = f"let stage '{stage}' learn longer, and from the same subspace: give both the same settings and seeds"
        raise FunctionError(what, fix)
