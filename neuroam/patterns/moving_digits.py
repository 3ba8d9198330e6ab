"""Frames of a movie: handwritten digits that move and bounce, or frames from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError
from neuroam.files import read_array
from neuroam.patterns import pattern


@pattern("moving_digits")
def moving_digits(
    rng: np.random.Generator,
    folder: Path,
    *,
    count: Annotated[int, Field(ge=1, le=1_000_000)],
    size: Annotated[int, Field(ge=10, le=256)] = 28,
    clip: Annotated[int, Field(ge=1)] = 20,
    file: str | None = None,
) -> PatternSet:
    """Binary frames, one after the other: clips in which two digits move in straight lines and bounce at the edges.

    Parameters
    ----------
    rng : Generator
        Chooses digits, places and speeds, clip after clip.
    folder : Path
        Where the YAML file lies; files are looked for there.
    count : int
        P, frames.
    size : int
        Pixels along an edge.
    clip : int
        Frames of a clip, which shows two digits.
    file : str, optional
        Frames of one's own: an .npy file of (frames, pixels), on where above the middle of its range; the first
        ``count`` are taken.

    Returns
    -------
    PatternSet
        (P, size x size) in {0, 1}, from scikit-learn's 8 x 8 digits drawn at twice their size, unless a file is named.
        No two frames are alike: a sequence memory of first order cannot tell what follows one that occurs twice.

    Raises
    ------
    FunctionError
        If the file cannot be read, has too few frames, or two of its frames are alike.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, fig. 3A, with moving MNIST digits.
    """
    if file is not None:
        return _from_file(read_array(folder, file), file, count)
    digits = _digits()
    frames: list[Array] = []
    seen: set[bytes] = set()
    while len(frames) < count:
        shown = [np.kron(digits[rng.integers(len(digits))], np.ones((2, 2))) for _ in range(2)]
        place, speed = rng.uniform(0, size - 16, (2, 2)), rng.uniform(1, 4, (2, 2)) * rng.choice([-1, 1], (2, 2))
        for _ in range(clip):
            frame = np.zeros((size, size))
            for digit, (row, column) in zip(shown, np.rint(place).astype(int), strict=True):
                part = frame[row : row + 16, column : column + 16]
                np.maximum(part, digit, out=part)
            if frame.tobytes() not in seen and len(frames) < count:
                seen.add(frame.tobytes())
                frames.append(frame.ravel())
            place += speed
            over = (place < 0) | (place > size - 16)
            speed[over] *= -1
            place = np.clip(place, 0, size - 16)
    return PatternSet("moving_digits", np.array(frames), binary=True, shape=(size, size))


def _digits() -> Array:
    from sklearn.datasets import load_digits

    return np.asarray(load_digits().images >= 8, dtype=float)


def _from_file(frames: Array, name: str, count: int) -> PatternSet:
    if len(frames) < count:
        raise FunctionError(f"'{name}' holds {len(frames)} frames, and {count} are wanted", "ask for fewer")
    flat = frames[:count]
    on = (flat > 0.5 * (flat.max() + flat.min())).astype(float)
    if len(np.unique(on, axis=0)) < count:
        raise FunctionError(f"two frames of '{name}' are alike", "leave one out: what follows it could not be told")
    edge = round(float(np.sqrt(flat.shape[1])))
    return PatternSet("moving_digits", on, binary=True, shape=(edge, edge) if edge**2 == flat.shape[1] else None)
