"""`neuroam run`, with simulations of a few cells and a few milliseconds."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from neuroam import store
from neuroam.sim import devices

KEYS = ["protocol", "model", "device", "seed", "trials", "run_dir", "cache", "seconds", "result_sha256", "measures"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs with blanks é")


@pytest.fixture(scope="module")
def first(folder, tiny, process):
    """A run in a process of its own, with --json, from another working directory."""
    return process(*tiny, "--json", "-o", "first run", cwd=folder)


def test_json_is_one_object_on_stdout(first):
    assert first.code == 0, first.err
    found = json.loads(first.out)
    assert list(found) == KEYS
    assert (found["protocol"], found["model"], found["device"]) == ("recall_random", "two_body_softmax", "numpy")
    assert (found["seed"], found["trials"], found["run_dir"], found["cache"]) == (1, 2, "first run", "miss")
    assert list(found["seconds"]) == ["resolve", "build", "run", "measure"]
    assert len(found["result_sha256"]) == 64
    assert list(found["measures"]) == ["overlap", "energy_rise"]
    for measure in found["measures"].values():
        assert list(measure) == ["dims", "values", "mean", "ci95"]
        assert measure["dims"] == {"trial": [0, 1]}
        assert len(measure["values"]) == 2
        low, high = measure["ci95"]
        assert low <= measure["mean"] <= high


def test_nothing_else_is_printed_beside_json(first):
    assert len(first.out.splitlines()) == 1
    assert first.err == ""


def test_the_directory_holds_all_that_a_run_needs(first, folder):
    names = {path.name for path in (folder / "first run").iterdir()}
    assert names >= {
        "recording.h5",
        "raster.png",
        "provenance.json",
        "model.yaml",
        "protocol.yaml",
        "cells",
    }
    assert [path.name for path in folder.iterdir()] == ["first run"]  # nothing half-written is left


def test_the_table_goes_to_stdout_and_progress_to_stderr(neuroam, tmp_path, tiny):
    done = neuroam(*tiny, "--seed", "3", "-o", "run")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].split() == ["trial", "cued", "overlap", "energy_rise"]
    assert done.err.splitlines()[-1] == "run directory: run"
    assert "recall_random on two_body_softmax: 2 trials of 12 cells, 100 steps of 0.1 ms, device numpy" in done.err
    assert json.loads((tmp_path / "run" / "provenance.json").read_text(encoding="utf-8"))["seed"] == 3


def test_another_run_is_overwritten_only_on_demand_and_the_result_is_the_same(
    neuroam, first, folder, monkeypatch, tiny
):
    monkeypatch.chdir(folder)
    shutil.copytree("first run", "second")
    before = {path.name: path.read_bytes() for path in (folder / "second").glob("*.*")}
    done = neuroam(*tiny, "-o", "second")
    assert (done.code, done.out) == (2, "")
    assert done.err == "second holds another run: give --overwrite, or another directory with -o\n"
    assert {path.name: path.read_bytes() for path in (folder / "second").glob("*.*")} == before
    done = neuroam(*tiny, "--json", "-o", "second", "--overwrite")
    assert done.code == 0
    assert json.loads(done.out)["result_sha256"] == json.loads(first.out)["result_sha256"]


def test_a_stored_run_can_be_run_again_and_checked(neuroam, first, folder, monkeypatch):
    monkeypatch.chdir(folder / "first run")
    assert neuroam("check", "protocol.yaml", "model.yaml").code == 0
    done = neuroam("run", "protocol.yaml", "--device", "numpy", "--json", "-o", "../again")
    assert done.code == 0, done.err
    assert json.loads(done.out)["result_sha256"] == json.loads(first.out)["result_sha256"]


def test_plot_prints_the_file_that_it_wrote(neuroam, first, folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = neuroam("plot", "first run", "--kind", "raster", "--trial", "1", "-o", "a figure.svg")
    assert (done.code, done.out, done.err) == (0, "a figure.svg\n", "")
    assert (folder / "a figure.svg").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--kind", "raser"], "raser"),
        (["--trial", "2"], "there is no trial 2"),
        (["-o", "x.gif"], "no figure format '.gif'"),
        (["-o", "first run/provenance.json/x.png"], "cannot write the file"),
        (["--kind", "energy"], "energy"),
    ],
)
def test_plots_that_cannot_be_made(neuroam, first, folder, monkeypatch, arguments, what):
    monkeypatch.chdir(folder)
    done = neuroam("plot", "first run", *arguments)
    assert (done.code, done.out) == (2, "")
    assert what in done.err


def test_a_damaged_run_is_not_taken_for_a_whole_one(neuroam, first, folder, monkeypatch):
    monkeypatch.chdir(folder)
    shutil.copytree("first run", "damaged")
    recording = folder / "damaged" / "recording.h5"
    recording.write_bytes(recording.read_bytes()[:1000])
    done = neuroam("plot", "damaged")
    assert done.code == 2
    assert done.err.startswith("damaged is damaged (")
    (folder / "damaged" / "provenance.json").unlink()
    assert neuroam("plot", "damaged").err == (
        "damaged is not a whole run (no provenance.json): name another, or run it again\n"
    )


def test_without_a_compiler_auto_runs_on_numpy_and_says_so(neuroam, monkeypatch, tiny):
    monkeypatch.setenv("CXX", "/nonexistent/g++")
    arguments = ["auto" if word == "numpy" else word for word in tiny]
    done = neuroam(*arguments, "-o", "run")
    assert done.code == 0, done.err
    assert "no C++ compiler found: running on numpy, which is slower" in done.err
    assert "device numpy" in done.err


def test_without_a_home_in_a_plain_locale(tmp_path, tiny, process):
    bare = {"HOME": "/dev/null", "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "MPLCONFIGDIR": "", "LANG": "",
            "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}  # fmt: skip
    folder = tmp_path / "plain"
    folder.mkdir()
    done = process(*tiny, "-o", "run", cwd=folder, **bare)
    assert done.code == 0, done.err
    assert (folder / "run" / "provenance.json").exists()
    (folder / "m.yaml").write_text("format: 1\ntitle: β\npopulations: {é: {size: 3, cell: linear}}\n", encoding="utf-8")
    done = process("check", "m.yaml", cwd=folder, **bare)
    assert done.code == 2
    assert "'\\xe9' cannot be used as a name" in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_leaves_nothing(tmp_path, tiny):
    long = [word.replace("epochs.settle.duration=6 ms", "epochs.settle.duration=900 s") for word in tiny]
    command = [sys.executable, "-m", "neuroam", *long, "-o", "run"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stderr is not None
    assert "device numpy" in process.stderr.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=4)  # by now Brian2 is at work
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (1, "interrupted: nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def test_a_closed_pipe_is_no_error_message(tmp_path):
    command = f"{shlex.quote(sys.executable)} -m neuroam list | head -1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout == "models:\n"
    assert "Traceback" not in done.stderr


def test_a_run_with_a_table_of_ones_own_can_be_drawn_and_moved(neuroam, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "smells.csv").write_text("s,a,b,c\nx,30,2,9\ny,1,60,4\nz,5,5,50\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        "format: 1\ntitle: Mine\nmodel: two_body_softmax\n"
        "patterns: {memory: {table: {file: data/smells.csv, then: [divide_by_mean]}}}\n"
        "epochs: [{name: cue, duration: 9 ms, show: {}}]\ntrials: 2\n",
        encoding="utf-8",
    )
    assert neuroam("run", "mine.yaml", "-o", "out", "--device", "numpy").code == 0
    (tmp_path / "data" / "smells.csv").unlink()
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    assert neuroam("plot", "elsewhere").code == 0


def test_a_recording_that_would_be_too_large_is_refused_before_the_run(neuroam, tmp_path, tiny, monkeypatch):
    monkeypatch.setenv("NEUROAM_RECORDING_SIZE", "2 kB")
    done = neuroam(*tiny, "-o", "run")
    assert (done.code, done.out) == (2, "")
    assert "the recording would take about 4 kB, and the limit is 2 kB" in done.err
    assert "fix: record less" in done.err
    assert not (tmp_path / "run").exists()
    monkeypatch.setenv("NEUROAM_RECORDING_SIZE", "much")
    assert neuroam(*tiny, "-o", "run").code == 3


def test_a_run_keeps_what_it_is_asked_to_and_says_what_made_it(neuroam, tmp_path, tiny):
    record = "record={hidden: {variables: [x], cells: [1], epochs: [settle]}}"
    done = neuroam(*tiny, "--set", record, "-o", "run")
    assert done.code == 0, done.err
    stored = store.read(tmp_path / "run")
    recording = stored.recordings[0]
    assert recording.traces["hidden", "x"].values.shape == (2, 7, 1)  # 6 ms, a sample each, and the end
    assert recording.traces["features", "x"].values.shape == (2, 11, 10)
    assert recording.selected["hidden"].spans == ((40, 100),)
    assert stored.provenance["compiled_with"] == {}  # numpy
    assert datetime.fromisoformat(stored.provenance["started"]) <= datetime.fromisoformat(stored.provenance["written"])
    absent = neuroam(*tiny, "--set", "record={hidden: {cells: [2]}}", "-o", "other")
    assert absent.code == 2
    assert "record.hidden.cells: 'hidden' has 2 cells, and no cell 2" in absent.err


def test_a_compiled_run_names_its_compiler_and_flags():
    found = devices.COMPILED_WITH["cpp"]()
    if devices.compiler() is None:
        assert found == {}
        return
    assert found["compiler"]
    assert "-O3" in found["flags"].split()
