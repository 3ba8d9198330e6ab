"""Frames of a movie: handwritten digits that move and bounce."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.patterns import pattern
from neuroam.patterns.digits import pixels_and_labels


@pattern("moving_digits")
def moving_digits(
    rng: np.random.Generator,
    *,
    count: Annotated[int, Field(ge=1, le=1_000_000)],
    size: Annotated[int, Field(ge=16, le=256)] = 28,
    clip: Annotated[int, Field(ge=1)] = 20,
) -> PatternSet:
    """Binary frames, one after the other: clips in which two digits move in straight lines and bounce at the edges.

    Parameters
    ----------
    rng : Generator
        Chooses digits, places and speeds, clip after clip.
    count : int
        P, frames.
    size : int
        Pixels along an edge.
    clip : int
        Frames of a clip, which shows two digits.

    Returns
    -------
    PatternSet
        (P, size x size) in {0, 1}, from scikit-learn's 8 x 8 handwritten digits, drawn at twice their size.  No two
        frames are alike: a sequence memory of first order cannot tell what follows one that occurs twice.

    References
    ----------
    Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023) NeurIPS, arXiv 2306.04532, fig. 3A, with moving MNIST digits.
    """
    digits = (pixels_and_labels()[0] >= 8).astype(float).reshape(-1, 8, 8)
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
