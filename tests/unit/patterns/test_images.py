"""Images from files, whole and broken."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from neuroam.errors import FunctionError
from neuroam.patterns.images import images

PIXELS = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def made(tmp_path):
    (tmp_path / "images.gz").write_bytes(gzip.compress(idx(PIXELS)))
    (tmp_path / "labels").write_bytes(idx(np.array([7, 3], dtype=np.uint8)))
    (tmp_path / "short").write_bytes(idx(PIXELS)[:-1])
    (tmp_path / "text").write_text("no image")
    np.save(tmp_path / "flat.npy", PIXELS.reshape(2, 12).astype(float))
    return lambda **settings: images(np.random.default_rng(0), tmp_path, **settings)


def test_files_of_bytes(made):
    found = made(file="images.gz", labels="labels")
    assert found.values.tolist() == PIXELS.reshape(2, 12).tolist()
    assert found.shape == (3, 4)
    assert found.attributes["label"].tolist() == [7, 3]
    assert not found.remark


def test_arrays(made):
    found = made(file="flat.npy")
    assert found.values.tolist() == PIXELS.reshape(2, 12).tolist()
    assert found.shape is None


def test_without_a_file_they_are_digits_and_say_so(made):
    found = made(count=5)
    assert found.values.shape == (5, 64)
    assert found.shape == (8, 8)
    assert "scikit-learn" in found.remark
    assert found.attributes["label"].size == 5


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"file": "text"}, "no IDX file of bytes"),
        ({"file": "short"}, "does not hold as many numbers as it says"),
        ({"file": "images.gz", "labels": "flat.npy"}, "24 labels for 2 images"),
        ({"file": "images.gz", "count": 3}, "there are 2 images, not 3"),
        ({"file": "gone.gz"}, "there is no file"),
    ],
)
def test_what_is_wrong_with_a_file(made, settings, said):
    with pytest.raises(FunctionError, match=said):
        made(**settings)
