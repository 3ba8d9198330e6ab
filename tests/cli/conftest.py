"""Two ways to call the command line: in this process (fast), and as a person does (a process of its own)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = {
    "patterns.memory.bernoulli.size": "10",
    "patterns.memory.bernoulli.count": "2",
    "trials": "2",
    "epochs.cue.duration": "4 ms",
    "epochs.settle.duration": "6 ms",
    "measure": "{overlap: {port: memory}, energy_rise: {}}",
}
# a run of the shipped protocol, made so small that it takes no time
TINY = ["run", "recall_random", "--model", "two_body_softmax", "--device", "numpy"]
TINY += [word for path, value in SMALL.items() for word in ("--set", f"{path}={value}")]


@dataclass(frozen=True)
class Done:
    """How a call ended, and what it printed."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


def in_a_process(*arguments: str, cwd: Path | None = None, timeout: float = 60, **environment: str) -> Done:
    """``python -m neuroam ...`` with changed environment variables; an empty one is removed."""
    env = {**os.environ, "MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT), **environment}
    env = {name: value for name, value in env.items() if value != ""}
    command = [sys.executable, "-m", "neuroam", *arguments]
    ended = subprocess.run(command, cwd=cwd, env=env, capture_output=True, timeout=timeout, check=False)
    return Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@pytest.fixture(scope="session")
def process() -> Call:
    """``process("check", "x.yaml", cwd=folder, LANG="C")``."""
    return in_a_process


@pytest.fixture(scope="session")
def tiny() -> list[str]:
    """The arguments of a run that takes no time."""
    return TINY


@pytest.fixture(scope="session")
def small() -> dict[str, str]:
    """Settings of the same run."""
    return SMALL


@pytest.fixture
def neuroam(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """``neuroam("check", "recall_random")`` in this process; the working directory is a new folder."""
    from neuroam import cli

    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["neuroam", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return call
