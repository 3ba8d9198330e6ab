"""Files of a run are in a folder of its own, which goes with it, also if its process is killed."""

import subprocess
import sys

import numpy as np
import pytest

from neuroam.sim import scratch
from neuroam.sim.values import Values


@pytest.fixture
def memory(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ROOMY", 0)
    monkeypatch.delenv("TMPDIR", raising=False)
    scratch._clear.cache_clear()
    return tmp_path


def values(size=3):
    return Values({}, {"w": np.zeros(size)})


def test_a_folder_is_there_as_long_as_it_is_used(memory):
    with scratch.scratch(values()) as folder:
        assert folder.parent == memory
        scratch._clear.cache_clear()
        with scratch.scratch(values()) as other:
            assert sorted(memory.iterdir()) == sorted([folder, other])
    assert list(memory.iterdir()) == []


def test_what_is_large_goes_to_the_disk(memory, monkeypatch):
    with scratch.scratch(values(scratch.SMALL)) as folder:
        assert folder.parent != memory
    monkeypatch.setenv("TMPDIR", str(memory))
    with scratch.scratch(values()):
        assert scratch._where(values()) is None


DIES = """
import os, signal, sys
import numpy as np
from pathlib import Path
from neuroam.sim import scratch
from neuroam.sim.values import Values
scratch.MEMORY, scratch.ROOMY = Path(sys.argv[1]), 0
with scratch.scratch(Values({}, {"w": np.zeros(3)})) as folder:
    (folder / "results").mkdir()
    (folder / "results" / "x").write_bytes(b"123")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_by_the_next(memory):
    (memory / "neuroam-of-somebody-else").mkdir()
    subprocess.run([sys.executable, "-c", DIES, str(memory)])
    assert len(list(memory.iterdir())) == 2
    with scratch.scratch(values()) as folder:
        assert sorted(memory.iterdir()) == sorted([memory / "neuroam-of-somebody-else", folder])
