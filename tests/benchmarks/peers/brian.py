"""A program that Brian2 built, run as often as wanted."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.peers import ask, job


@dataclass(frozen=True)
class BrianProgram:
    """``main`` in its folder, and the names of its result files."""

    folder: Path
    steps: int
    files: Mapping[str, str]

    def seconds_per_step(self) -> float:
        """Processor time of the run itself: without start-up, wiring, and files."""
        done = subprocess.run(["./main"], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the program of Brian2 failed: {done.stderr[-500:]}")
        return float(done.stdout.rsplit("processor seconds:", 1)[1]) / self.steps

    def result(self, name: str, dtype: str) -> np.ndarray:
        """A result file of the last run."""
        return np.fromfile(self.folder / "results" / self.files[name], dtype=dtype)


def build(kind: str, folder: Path, arrays: Mapping[str, np.ndarray], **case: Any) -> BrianProgram:
    """Let Brian2 write and compile a program of `brian_programs`, with its own makefile and flags."""
    made = ask(job("brian_programs", folder, {"kind": kind, **case}, arrays))
    return BrianProgram(folder / "program", made["steps"], made["files"])
