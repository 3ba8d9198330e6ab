"""A compiled program that fails in silence is found out."""

import stat
from pathlib import Path

import numpy as np
import pytest

from neuroam.errors import RunError
from neuroam.sim.execute import Program, execute
from neuroam.sim.values import Values

GOOD = 'echo "0.1 1.0" > "$2/last_run_info.txt"'


def program(folder: Path, script: str) -> Program:
    main = folder / "main"
    main.write_text(f"#!/bin/sh\n{script}\n")
    main.chmod(main.stat().st_mode | stat.S_IXUSR)
    (folder / "fixed").mkdir()
    return Program(
        main, folder / "fixed", {"w": ("float64", 3)}, {"g.v": ("float64", 2)}, {}, {}, {}, {}, 1e-4, "float64"
    )


def values(w=3, v=2):
    return Values({("g", "v"): np.zeros(v)}, {"w": np.zeros(w)})


def test_a_whole_run_is_read(tmp_path):
    assert execute(program(tmp_path, GOOD), values()).spikes == {}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "status 3"),
        ('echo "0.1 0.05" > "$2/last_run_info.txt"', "interrupted"),
        ("true", "interrupted"),
        (f"{GOOD}; echo 'Error reading file' >&2", "complained"),
        (f"{GOOD}; echo 'Error writing output file'", "complained"),
    ],
)
def test_failures_are_refused(tmp_path, script, said):
    with pytest.raises(RunError, match=said):
        execute(program(tmp_path, script), values())


@pytest.mark.parametrize("wrong", [{"w": 4}, {"v": 3}])
def test_arrays_of_another_size_are_refused(tmp_path, wrong):
    with pytest.raises(RunError, match="the program holds"):
        execute(program(tmp_path, GOOD), values(**wrong))
