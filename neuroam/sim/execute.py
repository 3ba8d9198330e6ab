"""Runs a compiled program with the numbers of one batch; needs no Brian2."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuroam.errors import RunError
from neuroam.sim.collect import Raw
from neuroam.sim.pulse import NOT_FINITE, PROGRESS, NotFinite, Tick, ignore
from neuroam.sim.scratch import scratch
from neuroam.sim.structure import ALL_ENDED
from neuroam.sim.values import Values

AGAIN = "run it again"
ROOM = "see whether there is room on the disk for temporary files, and run it again"


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


def execute(program: Program, values: Values, tick: Tick = ignore) -> Raw:
    """Run the program once in a folder of its own; ``tick`` hears how far it is.

    Raises
    ------
    NotFinite
        If the program stopped at a number that is NaN or infinite.
    RunError
        If the program fails, is interrupted, prints an error, or leaves other files than it should.
    """
    with scratch(values) as folder:
        arguments = _prepare(program, values, folder)
        command = [str(program.main), "--results_dir", str(folder / "results") + os.sep, *arguments]
        status, said = _run(command, folder, tick)
        _refuse_failure(status, said, folder / "results")
        return _read(program, folder / "results")


def _run(command: list[str], folder: Path, tick: Tick) -> tuple[int, list[str]]:
    """How the program ended, and the lines that it printed; it does not outlive this call."""
    said = []
    try:  # one pipe for both streams: two could fill up while the other one is read
        started = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:  # a disk from which nothing may be run, say
        raise RunError(f"the compiled program does not start: {error.strerror}: {command[0]}") from None
    with started as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith(PROGRESS):
                    tick(float(line.removeprefix(PROGRESS)))
                elif not line.startswith("Setting '"):  # what the arguments say; a variable may be called Error
                    said.append(line)
        except BaseException:
            process.kill()
            raise
    return process.returncode, said


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


def _refuse_failure(status: int, lines: list[str], results: Path) -> None:
    """The program's silent failures: it ends with status 0 after an interrupt, a wrong size or a missing folder."""
    for line in lines:
        if line.startswith(NOT_FINITE):
            population, variable, trial, cell, step = line.removeprefix(NOT_FINITE).split()
            raise NotFinite(population, variable, int(trial), int(cell), int(step))
    said = "".join(lines).strip()
    if status < 0:
        name = signal.Signals(-status).name
        fix = "ask for fewer trials at once with --batch, the machine may lack memory" if name == "SIGKILL" else AGAIN
        raise RunError(f"the compiled program was stopped by {name}\n      fix: {fix}")
    if status:
        raise RunError(f"the compiled program ended with status {status}: {said[-500:]}")
    if "Error" in said or "Could not" in said or "Cannot" in said:
        raise RunError(f"the compiled program complained: {said[-500:]}")
    info = results / "last_run_info.txt"
    words = info.read_text().split() if info.exists() else []
    if len(words) < 2 or (float(words[1]) < 1.0 and ALL_ENDED not in said):
        raise RunError(f"the run was interrupted before its end\n      fix: {AGAIN}")


def _read(program: Program, results: Path) -> Raw:
    spikes = {}
    for population, (index, time) in program.spikes.items():
        found = _load(results / index, "int32")
        step = np.rint(_load(results / time, "float64", size=found.size) / program.dt).astype(np.int64)
        spikes[population] = (found, step)
    traces = {}
    for key, name in program.traces.items():
        cells = program.cells[key[0]]
        traces[key] = _load(results / name, program.real, row=cells).reshape(-1, cells)
    final = {
        key: _load(results / name, program.real, size=program.cells[key[0]]) for key, name in program.states.items()
    }
    return Raw(spikes, traces, final)


def _load(path: Path, dtype: str, row: int = 1, size: int | None = None) -> NDArray[Any]:
    """The numbers in a file: whole rows of them, and as many as there should be if that is known."""
    width = np.dtype(dtype).itemsize * row
    found = path.stat().st_size if path.exists() else None
    if found is None or found % width or size not in (None, found // width):
        raise RunError(f"the compiled program did not write all of {path.name}\n      fix: {ROOM}")
    return np.fromfile(path, dtype=dtype)
