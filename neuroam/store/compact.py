"""Labelled arrays in one small file that is quick to write and to read: what is kept of one point of a sweep."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuroam.store.folders import whole_file

HEADER = "measures.json"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)  # what a damaged file may raise


def write_compact(path: Path, measures: Mapping[str, Any]) -> None:
    """Write labelled arrays by name, as ``.npz``; the file appears when it is whole.

    Raises
    ------
    StoreError
        If the disk refuses.
    """
    arrays: dict[str, Any] = {}
    header = {}
    for name, array in measures.items():
        parts = {"": array.variable, **{key: coord.variable for key, coord in array.coords.items()}}
        header[name] = {key: [list(part.dims), _plain(part.attrs)] for key, part in parts.items()}
        arrays |= {f"{name}/{key}": _typed(part.to_numpy()) for key, part in parts.items()}
    with whole_file(path) as half:
        np.savez(half, allow_pickle=False, **{HEADER: np.array(json.dumps(header))}, **arrays)


def read_compact(path: Path) -> dict[str, Any]:
    """Labelled arrays by name.

    Raises
    ------
    OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile
        If there is no such file, or it is damaged (`UNREADABLE`).
    """
    import xarray as xr

    found = {}
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        for name, parts in json.loads(file[HEADER].item()).items():
            made = {key: xr.Variable(dims, file[f"{name}/{key}"], attrs) for key, (dims, attrs) in parts.items()}
            values = made.pop("")
            found[name] = xr.DataArray(values, coords=made, name=name)
    return found


def _typed(values: Any) -> Any:
    """Texts as such, not as objects."""
    return np.array(values.tolist(), dtype=str) if values.dtype == object else values


def _plain(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: np.asarray(value).tolist() for key, value in attrs.items()}
