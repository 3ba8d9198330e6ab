"""The gallery shows every shipped protocol and model, and every command of it leaves its picture."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.image import imread

from neuroam import shipped

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "gallery.md").read_text(encoding="utf-8")
COMMANDS = [
    line for body in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL) for line in body.splitlines()
]
PICTURES = re.findall(r"!\[.+?\]\((.+?)\)", TEXT)


MOST_EACH, MOST = 60_000, 3_000_000  # bytes


@pytest.fixture(scope="module")
def maker():
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("make_gallery", DOCS / "make_gallery.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def test_pictures_are_there_and_made_by_a_command():
    assert {f"gallery/{path.name}" for path in (DOCS / "gallery").iterdir()} == set(PICTURES)
    drawing = [command for command in COMMANDS if " plot " in command or " graph " in command]
    assert [command.split(" -o ")[1] for command in drawing] == PICTURES


def test_the_page_is_what_the_script_writes(maker):
    if os.environ.get("UPDATE_GOLDEN"):
        maker.TARGET.write_text(maker.page(), encoding="utf-8")
    assert maker.page() == maker.TARGET.read_text(encoding="utf-8"), "run: python docs/make_gallery.py"


def test_every_shipped_protocol_and_model_has_an_entry_with_a_picture(maker):
    entries = {}
    for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]:
        name = part.partition("`\n")[0].strip("`")
        entries[name] = entries.get(name, "") + part.partition("\n## ")[0]
    assert set(entries) == {*shipped.names("protocols"), *shipped.names("models")}
    for name, text in entries.items():
        assert re.search(rf"^neuroam (run|sweep|graph) {name}\b", text, re.MULTILINE), name
        assert re.search(r"^!\[.+\]\(gallery/\w+\.png\)$", text, re.MULTILINE), name
        assert re.search(r"^\*\*.+\*\* \S", text, re.MULTILINE), name


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in (DOCS / "gallery").iterdir()}
    assert {name: size for name, size in sizes.items() if size > MOST_EACH} == {}
    assert sum(sizes.values()) < MOST
    widths = {imread(path).shape[1] for path in (DOCS / "gallery").iterdir()}
    assert max(widths) <= 720


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
