"""`neuroam export`: a stored run for other tools."""

from __future__ import annotations

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
