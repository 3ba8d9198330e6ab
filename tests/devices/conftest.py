"""A GPU that is a CPU: the sources of a CUDA program, compiled by g++ against a stand-in (`cuda_on_cpu.h`).

With ``NEUROAM_TEST_GPU`` set, the same tests use nvcc and the GPU of the machine.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from neuroam.sim import cuda, cuda_tools

STAND_IN = Path(__file__).parent / "cuda_on_cpu.h"
THRUST = ("device_vector", "host_vector", "copy", "count", "execution_policy", "system_error")
REPLACED = ("curand.h", "curand_kernel.h", "cuda_profiler_api.h", "brianlib/spikequeue.h", *(f"thrust/{name}.h" for name in THRUST))  # fmt: skip
FLAGS = ["-w", "-O0", "-ffp-contract=off", "-std=c++17", "-I.", "-x", "c++", "-include", str(STAND_IN)]
LAUNCH = re.compile(r"(\w+)<<<([^>]+)>>>\(")


def compile_for_cpu(folder: Path) -> None:
    """In place of `cuda.compile_source`: the same merged files, another compiler."""
    units = cuda.merge(folder)
    for path in folder.rglob("*.cu"):
        path.write_text(LAUNCH.sub(r"launch(\1, \2)(", path.read_text()))
    for name in REPLACED:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    started = [subprocess.Popen(["g++", *FLAGS, "-c", unit, "-o", f"{unit}.o"], cwd=folder) for unit in units]
    assert [process.wait() for process in started] == [0] * len(units)
    subprocess.run(["g++", *(f"{unit}.o" for unit in units), "-o", "main"], cwd=folder, check=True)


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine whose GPU is its CPU; programs of such a GPU stay out of the common cache."""
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))
    if os.environ.get("NEUROAM_TEST_GPU"):
        return
    monkeypatch.setattr(cuda, "compile_source", compile_for_cpu)
    monkeypatch.setattr(cuda_tools, "lacking", lambda need: [])
