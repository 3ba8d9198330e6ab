"""Grey images as vectors: those of a file, or scikit-learn's handwritten digits."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from neuroam.circuit import Array, PatternSet
from neuroam.errors import FunctionError
from neuroam.files import read_array, read_bytes
from neuroam.patterns import pattern
from neuroam.patterns.digits import pixels_and_labels
from neuroam.transforms import StepLeaf, stepped

BYTES = 0x08  # the only kind of entry that image files hold


@pattern("images")
def images(
    rng: np.random.Generator,
    folder: Path,
    *,
    file: str | None = None,
    labels: str | None = None,
    count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None,
    then: list[StepLeaf] = [],  # noqa: B006 - never changed; the signature is the schema
) -> PatternSet:
    """One image per row, one pixel per column.

    Parameters
    ----------
    rng : Generator
        Chooses the images if ``count`` is given.
    folder : Path
        Where the YAML file lies; the files are looked for there.
    file : str, optional
        An IDX file of bytes, the format of MNIST (images x rows x columns; also .gz), or a .npy file (images x pixels).
        Unless given: the 1797 digits of scikit-learn, 8 x 8 pixels from 0 to 16.
    labels : str, optional
        An IDX or .npy file with a number per image: the attribute ``label``.
    count : int, optional
        Only so many images, chosen at random; all, in the order of the file, unless given.
    then : list
        Steps that follow, such as ``divide_by_mean``.

    Returns
    -------
    PatternSet
        (images, pixels), with the attribute ``label`` if there are labels.  ``remark`` says so if no file was named.

    Raises
    ------
    FunctionError
        If a file cannot be found or read, or there are fewer images or labels than asked for.

    References
    ----------
    LeCun, Bottou, Bengio & Haffner (1998) Proc IEEE 86:2278 (MNIST and its files); Alpaydin & Kaynak (1998), UCI.
    """
    if file is None:
        values, label = pixels_and_labels()
        shape: tuple[int, ...] | None = (8, 8)
        remark = "the images are scikit-learn's digits: name others with 'file'"
    else:
        found = _numbers(folder, file)
        if found.ndim < 2:
            raise FunctionError(f"'{file}' holds one number per image", "that is a file of labels: name the images")
        shape, remark = found.shape[1:] if found.ndim == 3 else _square(found.shape[-1]), ""
        values = found.reshape(len(found), -1)
        label = _numbers(folder, labels).ravel() if labels is not None else np.empty(0)
    if label.size not in (0, len(values)):
        what = f"'{labels}' has {label.size} labels for {len(values)} images"
        raise FunctionError(what, "name the file that belongs to them")
    if count is not None:
        if count > len(values):
            raise FunctionError(f"there are {len(values)} images, not {count}", "ask for fewer")
        chosen = rng.permutation(len(values))[:count]
        values, label = values[chosen], label[chosen] if label.size else label
    attributes = {"label": label} if label.size else {}
    return PatternSet(
        "images", stepped(values, then), binary=False, shape=shape, attributes=attributes, remark=remark,
        per_row=tuple(attributes),
    )  # fmt: skip


def _square(pixels: int) -> tuple[int, ...] | None:
    side = math.isqrt(pixels)
    return (side, side) if side * side == pixels else None


def _numbers(folder: Path, name: str) -> Array:
    return read_array(folder, name) if name.endswith(".npy") else read_idx(read_bytes(folder, name), name)


def read_idx(data: bytes, name: str) -> Array:
    """The array of an IDX file of bytes.

    Raises
    ------
    FunctionError
        If it is none, or is cut short.
    """
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != BYTES:
        raise FunctionError(f"'{name}' is no IDX file of bytes", "such a file begins with 0, 0, 8 and its dimensions")
    shape = np.frombuffer(data[4 : 4 + 4 * data[3]], dtype=">u4").astype(int)
    size, start = int(np.prod(shape)), 4 + 4 * data[3]
    if len(shape) != data[3] or len(data) - start != size:
        raise FunctionError(f"'{name}' does not hold as many numbers as it says", "get the whole file")
    return np.frombuffer(data[start:], dtype=np.uint8).astype(float).reshape(shape)
