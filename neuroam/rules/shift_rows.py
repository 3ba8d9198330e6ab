"""From the cells of one pattern to those of a later one."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from neuroam.circuit import Sources, Sparse
from neuroam.registry import Ref
from neuroam.rules import rule


@rule("shift_rows")
def shift_rows(sources: Sources, *, of: Annotated[str, Ref("port")], lag: int = 1, periodic: bool = False) -> Sparse:
    """1 from every pattern to the one ``lag`` places later: Hebb between one-hot codes that are shifted in time.

    Parameters
    ----------
    sources : Sources
        Says how many patterns there are.
    of : str
        Port with the sequence.
    lag : int
        How many places later; 1 for the successor.
    periodic : bool
        The last pattern is followed by the first one.

    Returns
    -------
    Sparse
        (P, P): entry (mu + lag, mu) is 1.

    References
    ----------
    Sompolinsky & Kanter (1986) Phys Rev Lett 57:2861 and Kleinfeld (1986) PNAS 83:9469: asymmetric synapses; here
    between the hidden cells of a two-layer network (Chaudhry et al. 2023, arXiv 2306.04532, sec. 4).
    """
    count = sources.patterns[of].count
    post = np.arange(count)
    pre = post - lag
    valid = np.ones(count, dtype=bool) if periodic else (pre >= 0) & (pre < count)
    indptr = np.concatenate([[0], np.cumsum(valid)]).astype(np.int64)
    indices = (pre[valid] % max(count, 1)).astype(np.int64)
    return Sparse((count, count), indptr, indices, np.ones(indices.size))
