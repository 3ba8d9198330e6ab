"""One term of a decoder, as weights from the cells that stand for ages."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.registry import Ref
from neuroam.rules import rule

OF_SIGNALS = {"forward": 0, "backward": 1, "rows": 18, "columns": 19}
OF_CELLS = ("still", "linear", "quadratic", "cubic")
Term = Literal["forward", "backward", "rows", "columns", "still", "linear", "quadratic", "cubic"]


@rule("decoder_term")
def decoder_term(
    sources: Sources,
    *,
    of: Annotated[str, Ref("matrix")],
    weights: Annotated[str, Ref("matrix")],
    term: Term,
) -> Dense:
    """What a memory of each age lets every cell do with one signal.

    Parameters
    ----------
    sources : Sources
        Holds the matrices.
    of : str
        The decoder, made by the rule `cascade_decoder`: one row per age.
    weights : str
        The weights that are read, (N, N).
    term : str
        Gain of W x (``forward``), of W' x (``backward``), of the row sums (``rows``) or column sums (``columns``) of
        active cells; or what every cell gets from its own strength times the power 0 (``still``), 1 (``linear``), 2 or
        3 of the number of other active cells.

    Returns
    -------
    Dense
        (N, ages).

    Raises
    ------
    FunctionError
        If the decoder has another shape, or is for other synapses than those of the weights; of weights that a stage
        has learned, nothing is known.
    """
    _refuse_other_synapses(sources, of, weights)
    decoder, w = as_array(sources.matrices[of]), as_array(sources.matrices[weights])
    if decoder.shape[1] != 20:
        raise FunctionError(f"'{of}' is no decoder: it has {decoder.shape[1]} columns", "make it by 'cascade_decoder'")
    if term in OF_SIGNALS:
        return Dense(np.tile(decoder[:, OF_SIGNALS[term]], (len(w), 1)))
    known = np.stack([np.ones(len(w)), w.sum(axis=1), w.sum(axis=0), np.full(len(w), w.sum())])
    power = OF_CELLS.index(term)
    return Dense(known.T @ decoder[:, 2 + power : 18 : 4].T)


def _refuse_other_synapses(sources: Sources, of: str, weights: str) -> None:
    rule_, settings = sources.made.get(weights, ("", {}))
    if rule_ not in ("cascade", "cascade_surrogate"):
        return
    theirs = sources.made.get(of, ("", {}))[1]
    for name, default in (("gate", "pre_gated"), ("levels", 5), ("chi", 0.5)):
        mine, other = settings.get(name, default), theirs.get(name, default)
        if mine != other:
            what = f"'{of}' is for synapses of {name} {other}, but those of '{weights}' have {mine}"
            raise FunctionError(what, f"give both the same: matrices.{of}.cascade_decoder.{name}={mine}")
