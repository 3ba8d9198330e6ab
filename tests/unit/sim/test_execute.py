"""A compiled program that fails in silence is found out."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuroam.errors import RunError
from neuroam.sim.execute import Program, execute
from neuroam.sim.pulse import NotFinite
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
        ('echo "0.1 1.0" | head -c 3 > "$2/last_run_info.txt"', "interrupted"),
        ("true", "interrupted"),
        (f"{GOOD}; kill -INT $$", "stopped by SIGINT\n      fix: run it again"),
        (f"{GOOD}; kill -KILL $$", "stopped by SIGKILL\n      fix: ask for fewer trials at once with --batch"),
        (f"{GOOD}; echo 'Error reading file'; yes | head -c 200000", "complained"),
        (f"{GOOD}; echo 'Error reading file' >&2", "complained"),
        (f"{GOOD}; echo 'Error writing output file'", "complained"),
    ],
)
def test_failures_are_refused(tmp_path, script, said):
    with pytest.raises(RunError, match=said):
        execute(program(tmp_path, script), values())


def test_a_program_that_does_not_start(tmp_path):
    """On a disk from which nothing may be run, say, or made for another kind of machine."""
    made = program(tmp_path, GOOD)
    made.main.write_bytes(b"\x7fELF\x02 of another machine")
    with pytest.raises(RunError, match="the compiled program does not start: Exec format error"):
        execute(made, values())
    made.main.chmod(0o600)
    with pytest.raises(RunError, match="the compiled program does not start: Permission denied"):
        execute(made, values())


@pytest.mark.parametrize("wrong", [{"w": 4}, {"v": 3}])
def test_arrays_of_another_size_are_refused(tmp_path, wrong):
    with pytest.raises(RunError, match="the program holds"):
        execute(program(tmp_path, GOOD), values(**wrong))


def test_a_variable_may_be_called_error(tmp_path):
    execute(program(tmp_path, f"{GOOD}; echo \"Setting 'pop_e.Error' to 1\""), values())


def test_much_output_on_both_streams_does_not_block(tmp_path):
    execute(program(tmp_path, f"{GOOD}; yes | head -c 500000 >&2; yes | head -c 500000; yes | head -c 9 >&2"), values())


def test_progress_is_told_as_it_comes(tmp_path):
    """The program waits until its first report has been heard."""
    wait = f"for i in $(seq 500); do test -e {tmp_path}/heard && break; sleep 0.02; done; test -e {tmp_path}/heard"
    told = []

    def tick(fraction):
        told.append(fraction)
        (tmp_path / "heard").touch()

    execute(program(tmp_path, f"{GOOD}; echo progress 0.25; {wait} || exit 4; echo progress 0.5"), values(), tick)
    assert told == [0.25, 0.5]


def test_a_number_that_is_not_finite_is_told(tmp_path):
    with pytest.raises(NotFinite) as caught:
        execute(program(tmp_path, "echo not finite E v 3 17 1200; exit 1"), values())
    found = caught.value
    assert (found.key, found.trial, found.cell, found.step) == (("E", "v"), 3, 17, 1200)


def test_the_program_does_not_outlive_an_interrupt(tmp_path):
    def interrupted(fraction):
        raise KeyboardInterrupt

    script = f"echo $$ > {tmp_path}/pid; echo progress 0; exec sleep 60"
    with pytest.raises(KeyboardInterrupt):
        execute(program(tmp_path, script), values(), interrupted)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def leaves(folder, **sizes):
    """A program with one population of two cells that leaves files of so many bytes."""
    script = "; ".join([GOOD, *(f'head -c {size} /dev/zero > "$2/{name}"' for name, size in sizes.items())])
    return replace(
        program(folder, script),
        spikes={"e": ("index", "time")},
        traces={("e", "v"): "trace"},
        states={("e", "v"): "last"},
        cells={"e": 2},
    )


WHOLE = {"index": 12, "time": 24, "trace": 48, "last": 16}


def test_results_are_read(tmp_path):
    raw = execute(leaves(tmp_path, **WHOLE), values())
    assert [array.shape for array in (*raw.spikes["e"], raw.traces["e", "v"], raw.final["e", "v"])] == [
        (3,),
        (3,),
        (3, 2),
        (2,),
    ]


@pytest.mark.parametrize("short", [{"index": 8}, {"time": 16}, {"time": 23}, {"trace": 40}, {"last": 8}])
def test_results_that_are_cut_short_are_refused(tmp_path, short):
    with pytest.raises(RunError, match="did not write all of (index|time|trace|last)\n      fix: see whether"):
        execute(leaves(tmp_path, **WHOLE | short), values())


@pytest.mark.parametrize("missing", WHOLE)
def test_missing_results_are_not_taken_for_silence(tmp_path, missing):
    """No file of spikes is not the same as no spikes."""
    there = {name: size for name, size in WHOLE.items() if name != missing}
    with pytest.raises(RunError, match=f"did not write all of {missing}"):
        execute(leaves(tmp_path, **there), values())
