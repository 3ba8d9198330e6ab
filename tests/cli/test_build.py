"""neuroam build: a program is made and not run; it says where it is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from neuroam.sim import cuda_tools

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
BUILD = ["build", "recall_random", "--model", "two_body_softmax"]


@pytest.fixture
def small(tiny):
    """Without the words for the run itself."""
    return [*BUILD, *tiny[tiny.index("--device") + 2 :]]


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))


@needs_compiler
def test_a_program_goes_into_the_cache_once(neuroam, small, own_cache, tmp_path):
    first, second = neuroam(*small), neuroam(*small)
    assert (first.code, first.err) == (second.code, second.err) == (0, "")
    program = first.out.removeprefix("program: ").partition(" (")[0]
    assert os.access(program, os.X_OK)
    assert Path(program).is_relative_to(tmp_path / "cache")
    assert first.out == f"program: {program} (compiled now, in the cache)\n"
    assert second.out == f"program: {program} (compiled before, in the cache)\n"


@needs_compiler
def test_what_is_built_is_what_runs(neuroam, small, tiny, own_cache, tmp_path):
    tiny = [*tiny, "--precision", "single"]
    neuroam(*small, "--precision", "single")
    as_cpp = ["cpp" if word == "numpy" else word for word in tiny]
    done = neuroam(*as_cpp, "--json", "-o", str(tmp_path / "out"))
    assert json.loads(done.out)["cache"] == "hit"


@needs_compiler
def test_a_program_with_its_source(neuroam, small, own_cache, tmp_path):
    folder = tmp_path / "made" / "here"
    done = neuroam(*small, "-o", str(folder))
    assert (done.code, done.err) == (0, "")
    assert done.out == f"source: {folder}\nprogram: {folder / 'main'}\n"
    assert os.access(folder / "main", os.X_OK)
    assert (folder / "main.cpp").exists()
    assert "arrays" in json.loads((folder / "manifest.json").read_text())
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("device", "source"), [("cpp", "main.cpp"), ("cuda", "main.cu")])
def test_source_alone_needs_no_compiler(neuroam, small, monkeypatch, tmp_path, device, source):
    if device == "cuda":
        pytest.importorskip("brian2cuda", reason="brian2cuda is not installed")
    monkeypatch.setattr(cuda_tools, "nvcc", lambda: None)
    monkeypatch.setattr(cuda_tools, "gpu", lambda: "none here")
    monkeypatch.setenv("PATH", "")
    folder = tmp_path / device
    folder.mkdir()  # an empty one is as good as none
    done = neuroam(*small, "--device", device, "--no-compile", "-o", str(folder))
    assert (done.code, done.out, done.err) == (0, f"source: {folder}\n", "")
    assert (folder / source).exists()
    assert not (folder / "main").exists()


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_an_occupied_folder_is_refused(neuroam, small, tmp_path, kind):
    taken = tmp_path / "taken"
    if kind == "folder":
        taken.mkdir()
        (taken / "mine.txt").write_text("mine")
    else:
        taken.write_text("mine")
    done = neuroam(*small, "-o", str(taken))
    assert (done.code, done.out) == (2, "")
    assert done.err == f"{taken} is there and not an empty directory: name another one with -o\n"
    assert (taken if kind == "file" else taken / "mine.txt").read_text() == "mine"


def test_source_wants_a_folder(neuroam, small):
    done = neuroam(*small, "--no-compile")
    assert (done.code, done.out) == (2, "")
    assert done.err == "--no-compile leaves nothing in the cache: name a directory for the source with -o\n"


def test_a_toolkit_that_is_not_there(neuroam, small, monkeypatch, own_cache):
    pytest.importorskip("brian2cuda", reason="brian2cuda is not installed")
    monkeypatch.setattr(cuda_tools, "nvcc", lambda: None)
    monkeypatch.setattr(cuda_tools, "gpu", lambda: "none here")
    done = neuroam(*small, "--device", "cuda")
    assert (done.code, done.out) == (3, "")
    assert "no nvcc found" in done.err
