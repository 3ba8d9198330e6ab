"""Handwritten digits as binary patterns."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from neuroam.circuit import PatternSet
from neuroam.errors import FunctionError
from neuroam.patterns import pattern


@pattern("digits")
def digits(
    rng: np.random.Generator,
    *,
    count: Annotated[int, Field(ge=1, le=1797)],
    threshold: Annotated[float, Field(ge=0, le=16)] = 8.0,
    min_distance: Annotated[int, Field(ge=0, le=64)] = 0,
) -> PatternSet:
    """Real handwritten digits, 8 x 8 pixels, binarised: scikit-learn's own copy of the UCI test set.

    Parameters
    ----------
    rng : Generator
        Decides which digits are stored.
    count : int
        P, at most 1797 images.
    threshold : float
        A pixel of 0 to 16 is active from this value on.
    min_distance : int
        Smallest Hamming distance between two stored digits, in pixels; images that come too close to one that is
        already stored are passed over.

    Returns
    -------
    PatternSet
        Binary, (count, 64), with the attribute ``label`` (the digit).

    Raises
    ------
    FunctionError
        If there are not so many digits that far apart.

    References
    ----------
    Alpaydin & Kaynak (1998) Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, CC BY 4.0.
    """
    pixels, label = pixels_and_labels()
    images: NDArray[np.float64] = (pixels >= threshold).astype(float)
    order = rng.permutation(len(images))
    chosen: list[int] = []
    for index in order:
        if chosen and np.abs(images[chosen] - images[index]).sum(axis=1).min() < max(min_distance, 1):
            continue
        chosen.append(int(index))
        if len(chosen) == count:
            break
    else:
        raise FunctionError(
            f"only {len(chosen)} digits are at least {max(min_distance, 1)} pixels apart, not {count}",
            "ask for fewer, or for a smaller min_distance",
        )
    return PatternSet(
        "digits", images[chosen], binary=True, shape=(8, 8), attributes={"label": label[chosen]}, per_row=("label",)
    )


def pixels_and_labels() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixels (1797, 64) and labels (1797,), from the file that scikit-learn brings; importing it takes a second."""
    found = find_spec("sklearn")
    assert found is not None
    assert found.origin is not None
    with gzip.open(Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",")
    return table[:, :-1], table[:, -1]
