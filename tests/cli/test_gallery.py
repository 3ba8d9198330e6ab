"""Every command of the gallery leaves its picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "gallery.md").read_text(encoding="utf-8")
COMMANDS = [
    line for body in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) for line in body.splitlines()
]
PICTURES = re.findall(r"!\[.+?\]\((.+?)\)", TEXT)


def test_pictures_are_there_and_made_by_a_command():
    assert {f"gallery/{path.name}" for path in (DOCS / "gallery").iterdir()} == set(PICTURES)
    assert [command.split(" -o ")[1] for command in COMMANDS if " plot " in command] == PICTURES


@pytest.mark.slow
def test_every_command_leaves_its_picture(tmp_path):
    (tmp_path / "gallery").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "MPLBACKEND": "Agg",
    }
    for command in COMMANDS:
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert {f"gallery/{path.name}" for path in (tmp_path / "gallery").iterdir()} == set(PICTURES)
