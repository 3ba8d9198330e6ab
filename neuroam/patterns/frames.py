"""Frames of a movie from a file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.files import read_array
from neuroam.patterns import pattern


@pattern("frames")
def frames(
    folder: Path,
    *,
    file: str,
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None,
) -> PatternSet:
    """Binary frames, in the order of the file.

    Parameters
    ----------
    folder : Path
        Where the YAML file lies; the file is looked for there.
    file : str
        A .npy file of (frames, pixels) or (frames, rows, columns); a pixel is on above the middle of the file's range.
    count : int, optional
        Only the first so many frames; all unless given.

    Returns
    -------
    PatternSet
        (frames, pixels) in {0, 1}.  No two are alike: a sequence memory of first order cannot tell what follows a frame
        that occurs twice.

    Raises
    ------
    FunctionError
        If the file cannot be read, has too few frames, or two of them are alike.
    """
    found = read_array(folder, file, dimensions=(2, 3))
    wanted = len(found) if count is None else count
    if found.size == 0 or len(found) < wanted:
        raise FunctionError(f"'{file}' holds {len(found)} frames, and {max(wanted, 1)} are wanted", "ask for fewer")
    taken = found[:wanted].reshape(wanted, -1)
    on = (taken > 0.5 * (found.max() + found.min())).astype(float)
    if len(np.unique(on, axis=0)) < wanted:
        fix = "leave one out; 'order' beside 'frames' can repeat the other, for a chain of motif cells"
        raise FunctionError(f"two frames of '{file}' are alike: what follows them could not be told", fix)
    edge = math.isqrt(on.shape[1])
    square = (edge, edge) if edge**2 == on.shape[1] else None
    return PatternSet("frames", on, binary=True, shape=found.shape[1:] if found.ndim == 3 else square)
