"""``neuroam sweep``: a table, one JSON object, an exit code that tells, and no loss when it is stopped."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SETTINGS = {"patterns.memory.bernoulli.size": "10", "patterns.memory.bernoulli.count": "2", "trials": "2",
            "epochs.cue.duration": "4 ms", "measure": "{overlap: {port: memory}}"}  # fmt: skip
SWEEP = ["sweep", "recall_random", "--model", "two_body_softmax", "--device", "numpy"]
SWEEP += [word for path, value in SETTINGS.items() for word in ("--set", f"{path}={value}")]
SHORT = ["--set", "epochs.settle.duration=6 ms"]
OVER = ["--over", "populations.hidden.params.beta=0.1,0.5,2"]


def test_a_table_and_a_directory(neuroam, tmp_path):
    done = neuroam(*SWEEP, *SHORT, *OVER, "--over", "seed=1,2", "-o", "out")
    assert done.code == 0, done.err
    head, *rows = done.out.splitlines()
    assert head.split() == ["beta", "seed", "overlap"]
    assert [row.split()[:2] for row in rows] == [[beta, seed] for beta in ("0.1", "0.5", "2") for seed in ("1", "2")]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"points", "measures.nc", "sweep.json", "sweep.png"}
    for kind in ("curves", "map"):
        drawn = neuroam("plot", "out", "--kind", kind)
        assert (drawn.code, drawn.out) == (0, f"out/{kind}.png\n")
    wrong = neuroam("plot", "out", "--kind", "energy")
    assert (wrong.code, wrong.err) == (
        2,
        "no figure of a sweep is named 'energy'\n      fix: use one of: curves, map\n",
    )


def test_json_is_one_object(neuroam, tmp_path):
    done = neuroam(*SWEEP, *SHORT, *OVER, "-o", "out", "--json")
    told = json.loads(done.out)
    assert told["axes"] == {"populations.hidden.params.beta": [0.1, 0.5, 2]}
    assert (told["done"], told["failed"], told["run_dir"]) == (3, 0, "out")
    assert len(told["measures"]["overlap"]["mean"]) == 3


def test_workers_are_here_or_there(neuroam):
    done = neuroam(*SWEEP, *OVER, "--jobs", "2", "--scheduler", "127.0.0.1:1")
    assert done.code == 2
    assert "give one of them" in done.err


def test_json_says_why_points_failed(neuroam):
    done = neuroam(*SWEEP, *SHORT, "--over", "epochs.cue.show.pattern=0,99", "-o", "out", "--json")
    told = json.loads(done.out)
    assert (done.code, told["done"], told["failed"]) == (1, 1, 1)
    (point,) = told["reasons"]
    assert point == "epochs.cue.show.pattern=99"
    assert f"failed: {point}: " in done.err


def test_a_sweep_that_failed_in_part_ends_with_one(neuroam, tmp_path, monkeypatch):
    from neuroam import pipeline
    from neuroam.errors import RunError

    run = pipeline.run

    def fails(spec, *arguments, **more):
        if spec.protocol.spec.seed == 2:
            raise RunError("no luck")
        return run(spec, *arguments, **more)

    monkeypatch.setattr(pipeline, "run", fails)
    done = neuroam(*SWEEP, *SHORT, "--over", "seed=1,2", "-o", "out")
    assert done.code == 1
    assert "failed: seed=2: no luck" in done.out
    assert "failed" in done.out.splitlines()[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "recall_random"], "nothing says what varies"),
        ([*SWEEP, "--over", "populations.hiden.params.beta=1"], "hiden"),
        ([*SWEEP, "--over", "seed"], "expected PATH=V1,V2,..."),
        ([*SWEEP, "--over", "seed=1", "--over", "seed=2"], "the axis is given twice"),
        (["sweep", "nosuch"], "no protocol named 'nosuch'"),
    ],
)
def test_wrong_input_ends_with_two(neuroam, tmp_path, arguments, said):
    done = neuroam(*arguments, "-o", "out")
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_a_stopped_sweep_goes_on_with_the_same_command(tmp_path, neuroam, number):
    long = [*SWEEP, "--set", "epochs.settle.duration=100 ms", *OVER, "-o", "out"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[2]), "MPLBACKEND": "Agg"}
    command = [sys.executable, "-m", "neuroam", *long]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while not list(tmp_path.rglob("points/[!.]*.npz")):
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    if number == signal.SIGINT:
        assert process.returncode == 1
        assert said.splitlines()[-1].endswith(f"go on with: {shlex.join(['neuroam', *long])}")
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("points/[!.]*.npz")}
    assert 0 < len(before) < 3
    assert not (tmp_path / "out" / "sweep.json").exists()
    done = neuroam(*long, "--json")
    assert done.code == 0, done.err
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("points/[!.]*.npz")}
    assert {name: after[name] for name in before} == before
    assert len(after) == 3
    whole = neuroam(*long[:-1], "whole", "--json")
    assert json.loads(whole.out)["measures"] == json.loads(done.out)["measures"]
