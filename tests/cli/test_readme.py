"""Every command and every example of README.md and docs/families.md, run as it stands there."""

import re
import shlex
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/families.md"))
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.split("   #")[0].split("  #")[0].strip()
    for kind, body in BLOCKS
    if kind == "sh"
    for line in body.splitlines()
    if line.strip()
]
# `make test` is what runs this file; `make demo` is the run below plus the set-up that `make test` has just done
MAKE = {"make demo", "make test"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with what README.md tells people to write, and the shipped protocols in it."""
    path = tmp_path_factory.mktemp("readme")
    for kind, body in BLOCKS:
        found = re.match(r"# file: (\S+)\n", body)
        if kind == "yaml" and found:
            target = path / found[1]
            target.parent.mkdir(exist_ok=True)
            target.write_text(body, encoding="utf-8")
    (path / "protocols").symlink_to(ROOT / "protocols")
    (path / "models").symlink_to(ROOT / "models")
    return path


def test_readme_has_the_two_commands():
    assert set(COMMANDS) >= MAKE


def test_every_command_runs(folder, neuroam, monkeypatch):
    """In order: later commands draw what earlier ones left.  In this process: most of a command's time is its start."""
    monkeypatch.chdir(folder)
    for command in COMMANDS:
        if command in MAKE:
            continue
        assert command.startswith("neuroam "), f"README.md shows a command that no test runs: {command}"
        done = neuroam(*shlex.split(command)[1:])
        assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
        assert done.out.strip() or "check" in command, command


def test_python_example_runs(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for kind, body in BLOCKS:
        if kind == "python":
            with warnings.catch_warnings(action="default"):  # other people's tools warn
                exec(body, {})
    assert (folder / "runs" / "from_python" / "provenance.json").exists()
