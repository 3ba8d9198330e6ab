"""Runs a compiled program with the numbers of one batch; needs no Brian2."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import RunError
from neuroam.sim.collect import Raw
from neuroam.sim.structure import ALL_ENDED
from neuroam.sim.values import Values


@dataclass(frozen=True)
class Program:
    """A compiled program and the names of its files.

    ``arrays`` says dtype and length of every array that a run must bring; ``fixed`` is a folder with the arrays that
    belong to the structure.  ``spikes``, ``traces`` and ``states`` name result files.
    """

    main: Path
    fixed: Path
    arrays: Mapping[str, tuple[str, int]]
    variables: Mapping[str, tuple[str, int]]
    spikes: Mapping[str, tuple[str, str]]
    traces: Mapping[tuple[str, str], str]
    states: Mapping[tuple[str, str], str]
    cells: Mapping[str, int]
    dt: float
    real: str


def execute(program: Program, values: Values) -> Raw:
    """Run the program once in a folder of its own.

    Raises
    ------
    RunError
        If the program fails, is interrupted, prints an error, or leaves other files than it should.
    """
    with tempfile.TemporaryDirectory(prefix="neuroam-") as name:
        folder = Path(name)
        arguments = _prepare(program, values, folder)
        command = [str(program.main), "--results_dir", str(folder / "results") + os.sep, *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        _refuse_failure(done, folder)
        return _read(program, folder / "results")


def _prepare(program: Program, values: Values, folder: Path) -> list[str]:
    """Write every array where the program looks for it; the arguments set the variables."""
    static = folder / "static_arrays"
    static.mkdir()
    (folder / "results").mkdir()
    for file in program.fixed.iterdir():
        (static / file.name).symlink_to(file)
    for name, (dtype, size) in program.arrays.items():
        array = np.ascontiguousarray(values.arrays[name], dtype=dtype)
        if array.size != size:
            raise RunError(f"the program holds {size} numbers of '{name}', not {array.size}")
        array.tofile(static / name)
    arguments: list[str] = []
    for (group, variable), value in values.variables.items():
        key = f"{group}.{variable}"
        if key not in program.variables:
            continue
        dtype, size = program.variables[key]
        if isinstance(value, float):
            text = repr(int(value)) if dtype.startswith("int") else repr(value)
        else:
            if value.size != size:
                raise RunError(f"the program holds {size} values of '{key}', not {value.size}")
            text = f"static_arrays/init_{len(arguments)}"  # a CUDA program reads file names in lower case
            np.ascontiguousarray(value, dtype=dtype).tofile(folder / text)
        arguments.append(f"{key}={text}")
    return arguments


def _refuse_failure(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    """The program's silent failures: it ends with status 0 after an interrupt, a wrong size or a missing folder."""
    said = (done.stderr + done.stdout).strip()
    if done.returncode:
        raise RunError(f"the compiled program ended with status {done.returncode}: {said[-500:]}")
    if "Error" in said or "Could not" in said or "Cannot" in said:
        raise RunError(f"the compiled program complained: {said[-500:]}")
    info = folder / "results" / "last_run_info.txt"
    whole = info.exists() and (float(info.read_text().split()[1]) >= 1.0 or ALL_ENDED in done.stdout)
    if not whole:
        raise RunError("the run was interrupted before its end")


def _read(program: Program, results: Path) -> Raw:
    def load(name: str, dtype: str) -> NDArray[Any]:
        path = results / name
        return np.fromfile(path, dtype=dtype) if path.exists() else np.empty(0, dtype=dtype)

    spikes = {}
    for population, (index, time) in program.spikes.items():
        step = np.rint(load(time, "float64") / program.dt).astype(np.int64)
        spikes[population] = (load(index, "int32"), step)
    traces = {key: load(name, program.real).reshape(-1, program.cells[key[0]]) for key, name in program.traces.items()}
    final = {key: load(name, program.real) for key, name in program.states.items()}
    return Raw(spikes, traces, final)
