"""A run that is interrupted or killed goes on where it was, with the same command, to the same result."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
# coverage is not measured in these processes: an interrupt inside its tracer is no error of ours
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
ENVIRONMENT |= {"PYTHONPATH": str(Path(__file__).parents[2]), "MPLBACKEND": "Agg"}
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
SIZE = ["--set", "patterns.memory.bernoulli.size=10", "--set", "patterns.memory.bernoulli.count=2"]
# four batches of about half a second each
NUMPY = ["run", "recall_random", *SIZE, "--set", "epochs.cue.duration=4 ms", "--set", "epochs.settle.duration=60 ms",
         "--set", "measure={overlap: {port: memory}}", "--trials", "4", "--batch", "1", "--device", "numpy"]  # fmt: skip
CPP = ["run", "recall_random", "--model", "two_body_lif", *SIZE, "--set", "epochs.settle.duration=40 s",
       "--set", "measure={rate: {}}", "--trials", "4", "--batch", "1", "--device", "cpp"]  # fmt: skip


def started(arguments, folder):
    command = [sys.executable, "-m", "neuroam", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def stopped(arguments, folder, number, batches=1):
    """Exit code and messages of a run that gets a signal when so many batches are there."""
    with started(arguments, folder) as process:
        until(lambda: len(list(folder.rglob("*.partial/*.npz"))) >= batches)
        inner = children(process.pid)
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    until(lambda: not any(alive(pid) for pid in inner))
    return process.returncode, said


def until(happens):
    end = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < end, "waited for a minute"
        time.sleep(0.01)


def children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


def alive(pid):
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] not in ("", "Z")


def sha256(arguments, folder):
    with started([*arguments, "--json"], folder) as process:
        out, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return json.loads(out)["result_sha256"]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The hash of a whole run, by arguments."""
    known = {}

    def find(arguments):
        key = tuple(arguments)
        if key not in known:
            known[key] = sha256([*arguments, "-o", "run"], tmp_path_factory.mktemp("whole"))
        return known[key]

    return find


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        pytest.param(NUMPY, signal.SIGINT, id="numpy, Ctrl-C", marks=pytest.mark.slow),
        pytest.param(NUMPY, signal.SIGTERM, id="numpy, terminated", marks=pytest.mark.slow),
        pytest.param(CPP, signal.SIGINT, id="cpp, Ctrl-C", marks=needs_compiler),
        pytest.param(CPP, signal.SIGKILL, id="cpp, killed", marks=needs_compiler),
    ],
)
def test_a_stopped_run_goes_on(tmp_path, arguments, number, uninterrupted, neuroam):
    command = [*arguments, "-o", "run"]
    code, said = stopped(command, tmp_path, number)
    told = f"finished batches are kept in run.partial, go on with: {shlex.join(['neuroam', *command])}"
    if number == signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert (code, said.splitlines()[1:]) == (1, [f"interrupted: {told}"])
    assert [path.name for path in tmp_path.iterdir()] == ["run.partial"]
    for place in ("run", "run.partial"):
        done = neuroam("plot", place)
        assert (done.code, done.err) == (2, f"{place} is not a whole run: it was interrupted, {told}\n")
    with started(command, tmp_path) as again:
        _, said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert said.splitlines()[1] == "resuming: finished batches are there from before"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    found = json.loads((tmp_path / "run" / "provenance.json").read_text(encoding="utf-8"))
    assert found["result_sha256"] == uninterrupted(arguments)


def test_several_networks_and_damaged_parts(tmp_path, uninterrupted):
    """The third network is reached; one part is cut, one is something else."""
    arguments = [*NUMPY, "--set", "networks=3", "--trials", "2"]
    stopped([*arguments, "-o", "run"], tmp_path, signal.SIGKILL, batches=4)
    first, second, *_ = sorted((tmp_path / "run.partial").glob("*.npz"))
    first.write_bytes(first.read_bytes()[:-100])
    second.write_bytes(b"not that")
    assert sha256([*arguments, "-o", "run"], tmp_path) == uninterrupted(arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.slow
def test_a_changed_run_takes_nothing_from_before(tmp_path, uninterrupted):
    stopped([*NUMPY, "-o", "run"], tmp_path, signal.SIGINT, batches=2)
    changed = [*NUMPY, "--seed", "9"]
    with started([*changed, "-o", "run"], tmp_path) as process:
        _, said = process.communicate(timeout=120)
    assert "resuming" not in said
    found = json.loads((tmp_path / "run" / "provenance.json").read_text(encoding="utf-8"))
    assert found["result_sha256"] == uninterrupted(changed) != uninterrupted(NUMPY)


@pytest.mark.slow
def test_without_a_name_the_message_names_the_directory(tmp_path, uninterrupted):
    code, said = stopped(NUMPY, tmp_path, signal.SIGINT)
    assert code == 1
    *command, output = shlex.split(said.partition("go on with: ")[2])
    assert command == ["neuroam", *NUMPY, "-o"]
    assert output.startswith("runs/recall_random/")
    assert sha256([*command[1:], output], tmp_path) == uninterrupted(NUMPY)
    assert [path.name for path in (tmp_path / "runs" / "recall_random").iterdir()] == [Path(output).name]


@pytest.mark.slow
def test_a_run_that_is_there_stays_until_the_new_one_is_whole(tmp_path, uninterrupted):
    other = sha256([*NUMPY, "--seed", "9", "-o", "run"], tmp_path)
    command = [*NUMPY, "-o", "run", "--overwrite"]
    stopped(command, tmp_path, signal.SIGINT)
    kept = json.loads((tmp_path / "run" / "provenance.json").read_text(encoding="utf-8"))
    assert kept["result_sha256"] == other
    assert sha256(command, tmp_path) == uninterrupted(NUMPY)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_something_else_in_the_place_of_the_parts(neuroam, tmp_path, tiny):
    (tmp_path / "run.partial").write_text("mine", encoding="utf-8")
    done = neuroam(*tiny, "-o", "run")
    message = "run.partial is in the way of what an interrupted run leaves: name another directory with -o\n"
    assert (done.code, done.out, done.err) == (2, "", message)
    assert (tmp_path / "run.partial").read_text(encoding="utf-8") == "mine"


def test_a_failed_run_says_what_is_kept(neuroam, tmp_path, monkeypatch):
    from neuroam import pipeline
    from neuroam.errors import RunError

    def fails(*_):
        raise RunError("no luck")

    monkeypatch.setattr(pipeline, "measure", fails)
    arguments = [word.replace("=60 ms", "=1 ms") for word in NUMPY]
    done = neuroam(*arguments, "-o", "run")
    assert done.code == 1
    assert done.err.splitlines()[1] == "no luck"
    assert done.err.splitlines()[2].startswith("finished batches are kept in run.partial, go on with: neuroam run ")
