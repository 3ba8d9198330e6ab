"""`neuroam export`: a stored run for other tools."""

from __future__ import annotations

import json

import h5py
import pytest


@pytest.fixture
def run(neuroam, tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = neuroam(*tiny, "-o", "run")
    assert done.code == 0, done.err
    return tmp_path / "run"


def test_a_run_is_exported_into_its_directory(run, neuroam):
    done = neuroam("export", "run", "--to", "csv")
    assert (done.code, done.out) == (0, "run/csv\n"), done.err
    assert (run / "csv" / "trials.csv").exists()
    again = neuroam("export", "run", "--to", "csv")
    assert again.code == 2
    assert "run/csv is there: give --overwrite" in again.err
    assert neuroam("export", "run", "--to", "csv", "--overwrite").code == 0
    assert neuroam("export", "run", "--to", "nwb", "-o", "elsewhere/a.nwb").out == "elsewhere/a.nwb\n"


def test_what_is_no_run_or_no_format_is_told(neuroam, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    missing = neuroam("export", "nothing", "--to", "csv")
    assert (missing.code, missing.out) == (2, "")
    assert "there is no directory nothing" in missing.err
    unknown = neuroam("export", "nothing", "--to", "matlab")
    assert unknown.code == 2
    assert "'matlab' is not one of" in unknown.err


@pytest.mark.parametrize("command", [["export", "--to", "csv"], ["plot"], ["report"]])
def test_what_is_not_as_it_was_written_is_told(run, neuroam, command):
    name, *options = command
    assert neuroam(name, "run", *options).err == ""
    with h5py.File(run / "recording.h5", "a") as file:
        file["trials/start"][0] += 1e-3
    for part in (run / "cells").iterdir():
        part.unlink()
    done = neuroam(name, "run", *options, *(["--overwrite"] if name == "export" else []))
    assert done.code == 0
    changed, *missing = done.err.splitlines()
    assert changed == "run: recording.h5 changed since the run wrote it"
    assert "run: cells/softmax.yaml is missing, the shipped file is read in its place" in missing


@pytest.mark.parametrize("name", ["recording.h5", "model.yaml", "protocol.yaml"])
def test_a_missing_file_of_a_run_is_named(run, neuroam, name):
    (run / name).unlink()
    done = neuroam("export", "run", "--to", "csv")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"run is damaged ({name} missing): put it back, or run it again\n"


def test_a_recording_that_is_cut_short_is_told_in_plain_words(run, neuroam):
    (run / "recording.h5").write_bytes((run / "recording.h5").read_bytes()[:3000])
    done = neuroam("export", "run", "--to", "csv")
    assert done.code == 2
    assert done.err == "run is damaged (recording.h5 is no whole file of a recording): run it again\n"


@pytest.mark.parametrize("command", [["export", "--to", "nwb", "-o", "a/b/x.nwb"], ["plot", "-o", "a/b/x.png"],
                                     ["report", "-o", "a/b/x.html"]])  # fmt: skip
def test_folders_on_the_way_are_made(run, neuroam, command):
    name, *options = command
    done = neuroam(name, "run", *options)
    assert (done.code, done.out) == (0, f"{options[-1]}\n"), done.err
    assert (run.parent / options[-1]).is_file()


def test_a_missing_cell_of_ones_own_is_named(run, neuroam):
    facts = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    facts["file_sha256"] |= {"cells/mine.yaml": "0"}
    (run / "provenance.json").write_text(json.dumps(facts), encoding="utf-8")
    done = neuroam("export", "run", "--to", "csv")
    assert done.code == 2
    assert done.err == "run is damaged (cells/mine.yaml missing): put it back, or run it again\n"
