"""The numbers of edges: their weights, the parameters of what changes them, and which cells they join."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Dense, Ones, Projection
from neuroam.sim import weights
from neuroam.sim.structure import Group


def joined(
    circuit: Circuit, projection: Projection, zeros: bool | None = None
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Pre cell, post cell and weight of every edge, by pre cell and then post cell, both ascending.

    ``zeros`` as of `weights.entries`; by default where the weights may change.
    """
    kept = projection.plastic is not None if zeros is None else zeros
    if kept and isinstance(circuit.matrices[projection.matrix].weights, Dense | Ones):  # every pair of cells
        full = weights.dense_array(circuit, projection)
        n_post, n_pre = (np.arange(size, dtype=np.int32) for size in full.shape)
        return np.repeat(n_pre, n_post.size), np.tile(n_post, n_pre.size), full.T.ravel()
    edges = weights.sparse_array(circuit, projection, zeros=kept).tocoo()
    post, pre = edges.coords
    order = np.lexsort((post, pre))
    return pre[order].astype(np.int32), post[order].astype(np.int32), edges.data[order]


def variables(circuit: Circuit, projection: Projection, room: int, count: int) -> dict[str, float | NDArray[Any]]:
    """What the edges hold at the start; there is room for more of them than there are."""
    pre, post, weight = joined(circuit, projection)

    def per_edge(values: NDArray[Any]) -> NDArray[Any]:
        return np.tile(np.concatenate([values, np.zeros(room - values.size)]), count)

    found: dict[str, float | NDArray[Any]] = {"w": per_edge(weight)}
    plastic = projection.plastic
    if plastic is not None:
        for name, value in plastic.params.items():
            ends = pre if plastic.sides.get(name) == "pre" else post
            found[name] = value if isinstance(value, float) else per_edge(np.asarray(value)[ends])
        if plastic.prune:
            found["is_there"] = per_edge(np.ones(weight.size))
    return found


def lookups(circuit: Circuit, projection: Projection, group: Group) -> dict[str, NDArray[Any]]:
    """Which cell every edge reads."""
    pre, post, _ = joined(circuit, projection)
    found = {}
    for look in group.lookups:
        at = pre if look.side == "pre" else post
        full = np.zeros(group.size, dtype=np.int32)
        full[: at.size] = at
        found[f"at_{look.name}_{group.name}"] = full
    return found


def edge_numbers(circuit: Circuit, owner: Projection, view: Projection) -> NDArray[Any]:
    """For every edge of ``view``, by pre and then post cell, the number of the edge of ``owner`` that it shares."""
    pre, post, _ = joined(circuit, owner)
    rows, columns = (pre, post) if owner.transpose else (post, pre)
    number = {key: e for e, key in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))}
    pre, post, _ = joined(circuit, view, zeros=True)
    rows, columns = (pre, post) if view.transpose else (post, pre)
    return np.array([number[key] for key in zip(rows.tolist(), columns.tolist(), strict=True)], dtype=np.int32)
