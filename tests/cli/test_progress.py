"""A bar on a terminal, lines everywhere else, and an interrupt that is never lost."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neuroam.commands import running

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "MPLBACKEND": "Agg", "TERM": "xterm"}


def on_a_terminal(arguments, folder):
    """Exit code, stdout, and what a terminal got as stderr."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "neuroam", *arguments]
    with subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed
                read = b""
            if not read:
                break
            shown += read
        out = process.stdout.read().decode()
    os.close(ours)
    return process.returncode, out, shown.decode()


@pytest.fixture(scope="module")
def longer(tiny):
    """A run of a second or two."""
    return [word.replace("=6 ms", "=300 ms") for word in [*tiny, "--batch", "1"]]


def test_a_bar_on_a_terminal(tmp_path, longer):
    code, out, shown = on_a_terminal([*longer, "--json", "-o", "run"], tmp_path)
    assert code == 0, shown
    assert next(iter(json.loads(out))) == "protocol"
    percents = [int(found) for found in re.findall(r"(\d+)%", shown)]
    assert percents[0] == 0
    assert any(0 < percent < 100 for percent in percents)
    assert percents == sorted(percents)
    assert re.search(r"\d of 2 trials", shown)
    assert re.search(r"\d:\d\d:\d\d left", re.sub(r"\x1b\[[0-9;]*m", "", shown))
    assert "device numpy" in shown  # the lines are there, too


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_no_bar_elsewhere(tmp_path, longer, process, more):
    done = process(*longer, *more, "-o", "run", cwd=tmp_path, TERM="xterm", FORCE_COLOR="1")
    assert done.code == 0
    assert len(done.err.splitlines()) == (0 if more else 2)
    assert "\x1b" not in done.err + done.out
    assert "%" not in done.err


def test_an_interrupt_that_python_drops_comes_again():
    class Leaves:
        def __del__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), running.stoppable():  # noqa: PT012
        leaves = Leaves()
        del leaves
        time.sleep(20)
        raise AssertionError("nobody heard it")
