"""neuroam cache: what is kept, how much it takes, and how to be rid of it."""

from __future__ import annotations

import json
import os
from datetime import datetime

import pytest

from neuroam.sim import cache

A, B = ("0123456789abcdef" * 2, "fedcba9876543210" * 2)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of the cache, with two programs in it."""
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "programs"))
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "500 MB")
    for key, title, size, used in ((A, "two_body_lif, 4 trials", 1_260_000, 1e9), (B, "", 900, 2e9)):
        entry, _ = cache.obtain(key, lambda folder, size=size: (folder / "main").write_bytes(b"x" * size), title)
        os.utime(entry / "entry.json", (used, used))
    yield tmp_path / "programs"
    cache._USED.lock = None


def test_show_is_a_table(neuroam, folder):
    done = neuroam("cache", "show")
    assert (done.code, done.err) == (0, "")
    used = [f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}" for seconds in (2e9, 1e9)]
    assert done.out.splitlines() == [
        "title                        size  last used         key",
        f"-                       900 bytes  {used[0]}  fedcba987654",
        f"two_body_lif, 4 trials     1.3 MB  {used[1]}  0123456789ab",
        "",
        f"{folder}: 2 compiled programs, 1.3 MB of at most 500 MB",
    ]


def test_show_as_json(neuroam, folder):
    done = neuroam("cache", "show", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {
        "folder": str(folder),
        "limit": 500_000_000,
        "total": 1_260_900,
        "programs": [
            {"key": B, "title": "", "size": 900, "last_use": "2033-05-18T03:33:20+00:00", "path": str(folder / B)},
            {
                "key": A,
                "title": "two_body_lif, 4 trials",
                "size": 1_260_000,
                "last_use": "2001-09-09T01:46:40+00:00",
                "path": str(folder / A),
            },
        ],
    }


def test_an_empty_cache_has_no_table(neuroam, tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "empty"))
    done = neuroam("cache", "show")
    assert (done.code, done.out, done.err) == (
        0,
        f"{tmp_path / 'empty'}: 0 compiled programs, 0 bytes of at most 2 GB\n",
        "",
    )


def test_clear_says_what_was_freed(neuroam, folder):
    done = neuroam("cache", "clear")
    assert (done.code, done.out, done.err) == (0, "removed 2 compiled programs, freed 1.3 MB\n", "")
    assert list(folder.iterdir()) == []


def test_clear_keeps_what_is_in_use(neuroam, folder):
    with cache.using(folder / A):
        done = neuroam("cache", "clear")
    assert (done.code, done.err) == (0, "")
    assert done.out == "removed 1 compiled program, freed 900 bytes; kept 1 compiled program in use\n"
    assert [path.name for path in folder.iterdir()] == [A]


def test_a_title_cannot_write_to_the_terminal(neuroam, folder):
    cache.obtain("c" * 32, lambda folder: (folder / "main").touch(), "red \x1b[31m\nalert")
    assert "red \\x1b[31m\\nalert " in neuroam("cache", "show").out


def test_without_a_word_it_helps(neuroam):
    done = neuroam("cache")
    assert done.code == 2
    assert "clear" in done.out + done.err
    assert (done.out + done.err).count("Usage:") == 1


def test_a_limit_that_cannot_be_read_is_told(neuroam, folder, monkeypatch):
    monkeypatch.setenv("NEUROAM_CACHE_SIZE", "plenty")
    done = neuroam("cache", "show")
    text = "NEUROAM_CACHE_SIZE is 'plenty', which is not a size: write a number and a unit, such as '500 MB' or '2 GB'"
    assert (done.code, done.out, done.err) == (3, "", f"{text}\n")
    lines = dict(line[5:].split(None, 1) for line in neuroam("doctor").out.splitlines())
    assert lines["cache"] == text
    assert neuroam("cache", "clear").code == 0


def test_doctor_counts_the_programs(neuroam, folder):
    lines = dict(line[5:].split(None, 1) for line in neuroam("doctor").out.splitlines())
    assert lines["cache"] == f"{folder}: 2 compiled programs, 1.3 MB of at most 500 MB"
