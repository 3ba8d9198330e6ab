"""Parts of an unfinished run are kept whole, found by name, and told from everything else."""

from __future__ import annotations

import json

import numpy as np
import pytest

from neuroam import parts, store
from neuroam.errors import StoreError

ARRAYS = {"spikes/e/cell": np.arange(5, dtype=np.int32), "traces/e/v": np.linspace(0, 1, 6).reshape(2, 3)}


@pytest.fixture
def kept(tmp_path):
    made = parts.beside(tmp_path / "run", "neuroam run x -o run")
    made.keep("one", ARRAYS)
    return made


def test_what_is_kept_is_found(kept, tmp_path):
    found = kept.find("one")
    assert {key: (array.dtype, array.tolist()) for key, array in found.items()} == {
        key: (array.dtype, array.tolist()) for key, array in ARRAYS.items()
    }
    assert kept.find("two") is None
    assert sorted(path.name for path in (tmp_path / "run.partial").iterdir()) == ["one.npz", "unfinished.json"]


def test_nothing_is_made_before_there_is_something_to_keep(tmp_path):
    made = parts.beside(tmp_path / "run")
    assert not made.begun
    assert made.find("one") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_part_is_not_there(kept, damage):
    path = kept.folder / "one.npz"
    whole = bytearray(path.read_bytes())
    whole[whole.index(np.float64(1.0).tobytes())] ^= 1
    path.write_bytes({"cut": whole[:-30], "flipped": whole, "empty": b"", "text": b"not that"}[damage])
    assert kept.find("one") is None


def test_a_full_disk_is_told_and_leaves_no_half_part(kept, monkeypatch):
    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(StoreError, match=r"cannot write .*run.partial: No space left on device: make room"):
        kept.keep("two", ARRAYS)
    assert kept.find("two") is None


def test_they_go_when_the_run_is_there(kept, tmp_path):
    parts.remove(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_what_is_something_else_is_neither_used_nor_removed(tmp_path):
    (tmp_path / "run.partial").mkdir()
    assert not parts.beside(tmp_path / "run").begun  # an empty folder is free
    (tmp_path / "run.partial" / "thesis.tex").touch()
    with pytest.raises(StoreError, match="run.partial is in the way of what an interrupted run leaves"):
        parts.beside(tmp_path / "run")
    parts.remove(tmp_path / "run")
    assert (tmp_path / "run.partial" / "thesis.tex").exists()


@pytest.mark.parametrize("place", ["run", "run.partial"])
def test_reading_an_unfinished_run_says_how_to_go_on(kept, tmp_path, place):
    with pytest.raises(StoreError) as caught:
        store.read(tmp_path / place)
    assert str(caught.value) == (
        f"{tmp_path / place} is not a whole run: it was interrupted, finished batches are kept in "
        f"{tmp_path}/run.partial, go on with: neuroam run x -o run"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"to go on": 3}', json.dumps({"to go on": "\x1b[2J"})])
def test_a_mark_that_says_nothing_sensible_is_not_repeated(kept, text):
    (kept.folder / parts.MARK).write_text(text, encoding="utf-8")
    assert parts.unfinished(kept.folder) is None
