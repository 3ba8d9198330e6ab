"""The same circuits in other hands.  Each peer works in a process of its own: its settings and threads stay there.

A peer is a module that is run with a folder: it reads ``case.json`` and ``arrays.npz`` there and prints one line of
JSON.  `job` writes the folder, `ask` runs the peer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.machine import ROOT


@dataclass(frozen=True)
class Job:
    """A module, and the folder with what it needs."""

    module: str
    folder: Path


def job(module: str, folder: Path, case: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Job:
    """Write down what a peer will be asked."""
    folder.mkdir(parents=True)
    (folder / "case.json").write_text(json.dumps(case))
    np.savez(folder / "arrays.npz", **arrays)
    return Job(module, folder)


def ask(given: Job) -> dict[str, Any]:
    """The answer of a peer."""
    command = [sys.executable, "-m", f"tests.benchmarks.peers.{given.module}", str(given.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{given.module} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def answer(kinds: Mapping[str, Callable[..., dict[str, Any]]]) -> None:
    """The peer's side of `ask`: call the function that the case names with its settings and arrays."""
    folder = Path(sys.argv[1])
    case = json.loads((folder / "case.json").read_text())
    kind = case.pop("kind")
    found = kinds[kind](folder, dict(np.load(folder / "arrays.npz")), **case)
    print(json.dumps(found))
