"""Every command and every example of README.md, run as it stands there; those of docs/families.md if slow."""

import re
import shlex
import warnings
from pathlib import Path

import pytest

from neuroam import sweeps
from neuroam.spec.load import load

ROOT = Path(__file__).parents[2]


def blocks_of(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands_in(blocks):
    lines = [line for kind, body in blocks if kind == "sh" for line in body.splitlines() if line.strip()]
    return [line.split("   #")[0].split("  #")[0].strip() for line in lines]


BLOCKS = blocks_of("README.md")
COMMANDS = commands_in(BLOCKS)
OF_FAMILIES = commands_in(blocks_of("docs/families.md"))
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
    run_all(COMMANDS, neuroam)


@pytest.mark.slow
def test_every_command_of_the_families_runs(neuroam, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_all(OF_FAMILIES, neuroam)


def run_all(commands, neuroam):
    for command in commands:
        if command in MAKE:
            continue
        assert command.startswith("neuroam "), f"a command that no test runs: {command}"
        done = neuroam(*shlex.split(command)[1:])
        assert done.code == 0, f"{command}\n{done.out}\n{done.err}"
        assert done.out.strip() or "check" in command, command


@pytest.mark.parametrize("command", [line for line in OF_FAMILIES if not line.startswith("neuroam plot")])
def test_what_the_families_run_is_right(command):
    """The protocol, the model, the settings and the axes; what comes of them is tested slowly."""
    words = shlex.split(command)[1:]
    what, protocol, *options = words
    given = {"--model": [], "--set": [], "--over": [], "--trials": [], "-o": []}
    for option, value in zip(options[::2], options[1::2], strict=True):
        given[option].append(value)
    model = next(iter(given["--model"]), None)
    if what == "sweep":
        assert sweeps.asked(protocol, model, given["--set"], given["--over"]).axes
    else:
        assert what == "run"
        assert load(protocol, model, given["--set"])


def test_python_example_runs(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for kind, body in BLOCKS:
        if kind == "python":
            with warnings.catch_warnings(action="default"):  # other people's tools warn
                exec(body, {})
    assert (folder / "runs" / "from_python" / "provenance.json").exists()
