"""What a network took from other runs: weights of stages, and factors of pattern rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neuroam.circuit import Learned, Sparse

SPARSE = ("shape", "indptr", "indices", "data")  # how a sparse matrix is kept


def write_learned(path: Path, networks: Sequence[Learned]) -> None:
    """By network, stage and projection; no file if there are none."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for number, stages in enumerate(networks):
        for stage, projections in stages.items():
            for name, weights in projections.items():
                pieces = (np.array(weights.shape), weights.indptr, weights.indices, weights.data)
                arrays |= {f"{number}/{stage}/{name}/{key}": piece for key, piece in zip(SPARSE, pieces, strict=True)}
    if arrays:
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)


def read_learned(path: Path) -> dict[int, dict[str, dict[str, Sparse]]]:
    """By network, stage and projection."""
    found: dict[int, dict[str, dict[str, Sparse]]] = {}
    if not path.exists():
        return found
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:
            number, stage, rest = key.split("/", 2)
            name, _, part = rest.rpartition("/")
            if part == SPARSE[0]:
                shape, *pieces = (arrays[f"{number}/{stage}/{name}/{part}"] for part in SPARSE)
                weights = Sparse((int(shape[0]), int(shape[1])), *pieces)
                found.setdefault(int(number), {}).setdefault(stage, {})[name] = weights
    return found


def write_adjusted(path: Path, networks: Sequence[Mapping[str, Any]]) -> None:
    """By network and path of the model; no file if there are none."""
    arrays = {f"{number}/{key}": values for number, found in enumerate(networks) for key, values in found.items()}
    if arrays:
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)


def read_adjusted(path: Path) -> dict[int, dict[str, Any]]:
    """By network and path of the model."""
    found: dict[int, dict[str, Any]] = {}
    if path.exists():
        with np.load(path, allow_pickle=False) as arrays:
            for key in arrays.files:
                number, _, name = key.partition("/")
                found.setdefault(int(number), {})[name] = arrays[key]
    return found
