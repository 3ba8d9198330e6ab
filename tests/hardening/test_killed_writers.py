"""Whoever is killed while it writes leaves a whole result, an old or a new one, or none: never a part under its name."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

# Every call to the system that Python reports is a moment to be killed at: before the n-th, for every n.
SCRIPT = """
import os, shutil, signal, sys
from pathlib import Path
from neuroam.store.folders import staged, whole_file

OLD = {"a.txt": "old a", "cells/b.txt": "old b", "cells/c.txt": "old c", "provenance.json": "old", "z.txt": "old z"}
NEW = {"a.txt": "new a", "cells/b.txt": "new b", "provenance.json": "new", "other/y.txt": "new y"}

def fill(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

def found(path):
    if not path.exists():
        return None
    if path.is_file():
        return path.read_text()
    return {str(p.relative_to(path)): p.read_text() for p in path.rglob("*") if p.is_file()}

def directory(path, files):
    with staged(path) as made:
        fill(made, files)

def file(path, files):
    with whole_file(path) as half:
        with half.open("w") as stream:
            for text in files.values():
                stream.write(text)
                stream.flush()

def killed_before(moment, write, path):
    child = os.fork()
    if child == 0:
        left = moment
        def hook(event, arguments):
            nonlocal left
            if event.startswith(("os.", "open", "shutil.", "tempfile.")):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        write(path, NEW)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])

write, old = {"directory": directory, "file": file}[sys.argv[1]], sys.argv[2] == "old"
where, moment, alive, seen = Path(sys.argv[3]), 0, True, set()
while alive:
    moment += 1
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir()
    path = where / "result"
    if old:
        write(path, OLD)
    before = found(path)
    alive = killed_before(moment, write, path)
    after = found(path)
    reference = where / "reference"
    write(reference, NEW)
    allowed = {"before": before, "new": found(reference), "none": None}
    words = [word for word, value in allowed.items() if value == after]
    assert words, (moment, after)
    seen |= {words[0]}
    write(path, NEW)  # what is left is in nobody's way
    assert found(path) == found(reference)
print(moment, sorted(seen))
"""


@pytest.mark.parametrize("kind", ["directory", "file"])
@pytest.mark.parametrize("there", ["old", pytest.param("nothing", marks=pytest.mark.slow)])
def test_killed_before_every_single_step(tmp_path, kind, there):
    command = [sys.executable, "-c", SCRIPT, kind, there, str(tmp_path / "here")]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    moments, _, seen = done.stdout.partition(" ")
    assert int(moments) > (10 if kind == "directory" else 2)
    assert {"'before'", "'new'"} <= {word.strip("[]\n ,") for word in seen.split()}


RUN = ["run", "recall_random", "--device", "numpy", "--set", "patterns.memory.bernoulli.size=10", "--trials", "2", "--set",
       "patterns.memory.bernoulli.count=2", "--set", "epochs.cue.duration=2 ms", "--set", "epochs.settle.duration=3 ms", "--set",
       "measure={overlap: {port: memory}}"]  # fmt: skip
# killed inside `store.write`, when all but the last file is there
LATE = """
import os, signal, sys
from neuroam import cli
from neuroam.store import main
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
main.provenance = killed
sys.argv = ["neuroam", *sys.argv[1:]]
cli.main()
"""


@pytest.mark.slow
def test_a_run_killed_before_its_last_file_is_no_run(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")} | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", LATE, *RUN, "-o", "out"], cwd=tmp_path, env=env, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    hidden = [path for path in tmp_path.iterdir() if path.name.startswith(".out.partial-")]
    assert len(hidden) == 1
    assert (hidden[0] / "recording.h5").exists()
    from neuroam import store
    from neuroam.errors import StoreError

    for folder in (tmp_path / "out", hidden[0]):
        with pytest.raises(StoreError, match="is not a whole run"):
            store.read(folder)
