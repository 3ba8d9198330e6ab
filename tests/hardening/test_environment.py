"""Homes that are missing or cannot be written, plain locales, names of all kinds, and two processes on one cache."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from neuroam.sim import cache

ROOT = Path(__file__).parents[2]
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine")
# a folder that the super-user cannot write either: chmod does not stop it, a path below a file does
NOT_WRITABLE = "/dev/null/home"
PLAIN = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
NAME = "ein Versuch – café ☕ 日本"
PROTOCOL = """
format: 1
title: Straße ☕ — "quotes" and 'others'
model: Modell é
patterns: {memory: {table: {file: "Tabelle ü.csv"}}}
epochs: [{name: cue, duration: 2 ms, show: {}}, {name: settle, duration: 3 ms}]
trials: 2
measure: {overlap: {port: memory}}
"""
TABLE = "größe,b,c,d\n1,0,1,0\n0,1,1,0\n"


@dataclass(frozen=True)
class Place:
    """A folder with blanks and letters of other alphabets, with a protocol, its model and its table."""

    folder: Path

    def start(self, *arguments: str, **environment: str | None) -> subprocess.Popen[bytes]:
        """``python -m neuroam ...`` there; a variable that is None is removed."""
        env: dict[str, str | None] = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
        env |= {"NEUROAM_CACHE": str(self.folder / "Zwischen lager é"), "MPLCONFIGDIR": None, **environment}
        return subprocess.Popen(
            [sys.executable, "-m", "neuroam", *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={name: value for name, value in env.items() if value is not None},
        )  # fmt: skip


def place_in(folder: Path) -> Place:
    here = folder / "ein Ordner mit Wörtern $x 'y'"
    here.mkdir()
    model = (ROOT / "models" / "two_body_softmax.yaml").read_text(encoding="utf-8")
    (here / "Modell é.yaml").write_text(model, encoding="utf-8")
    (here / f"{NAME}.yaml").write_text(PROTOCOL, encoding="utf-8")
    (here / "Tabelle ü.csv").write_text(TABLE, encoding="utf-8")
    return Place(here)


def ended(process: subprocess.Popen[bytes]) -> bytes:
    """What a process printed; it must have ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode(errors="replace")
    assert b"Traceback" not in err
    return out


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Two runs of one program at once, in a folder of many letters: one as usual, one in a plain locale without a home."""
    place = place_in(tmp_path_factory.mktemp("place"))
    run = ["run", f"{NAME}.yaml", "--device", "cpp", "--json", "-o"]
    usual = place.start(*run, "Lauf ä", HOME=None, LC_ALL="C.UTF-8")
    plain = place.start(*run, "Lauf ö", HOME=NOT_WRITABLE, **PLAIN)
    return place, [json.loads(ended(process)) for process in (usual, plain)]


@needs_compiler
def test_two_processes_make_one_program_once(both, monkeypatch):
    place, results = both
    assert sorted(result["cache"] for result in results) == ["hit", "miss"]
    monkeypatch.setenv("NEUROAM_CACHE", str(place.folder / "Zwischen lager é"))
    assert len(cache.entries()) == 1


@needs_compiler
def test_the_place_and_the_locale_change_no_result(both):
    _, (usual, plain) = both
    assert usual["result_sha256"] == plain["result_sha256"]
    assert usual["protocol"] == plain["protocol"] == NAME
    assert usual["model"] == plain["model"] == "Modell é"


@needs_compiler
@pytest.mark.parametrize("name", ["Lauf ä", "Lauf ö"])
def test_a_run_of_any_name_is_whole(both, name):
    from neuroam import store

    place, (usual, _) = both
    found = store.read(place.folder / name)
    assert store.result_sha256(found.recordings, found.measures) == usual["result_sha256"]
    assert "Straße ☕" in (place.folder / name / "protocol.yaml").read_text(encoding="utf-8")


@needs_compiler
def test_nothing_else_is_left_in_the_folder(both):
    place, _ = both
    own = {f"{NAME}.yaml", "Modell é.yaml", "Tabelle ü.csv"}
    assert {path.name for path in place.folder.iterdir()} == own | {"Lauf ä", "Lauf ö", "Zwischen lager é"}


@pytest.mark.parametrize("home", [None, NOT_WRITABLE], ids=["no home", "a home that cannot be written"])
def test_without_a_home_the_cache_is_a_private_temporary_folder(tmp_path, home):
    place = place_in(tmp_path)
    process = place.start(
        "cache", "show", "--json", HOME=home, XDG_CACHE_HOME=home, NEUROAM_CACHE=None, TMPDIR=str(place.folder), **PLAIN
    )
    found = Path(json.loads(ended(process))["folder"])
    if home == NOT_WRITABLE:  # without HOME, the system knows the home of the user
        assert found.name == f"neuroam-cache-{os.getuid()}"
        assert (place.folder / found.name).is_dir()


def test_a_plain_locale_checks_and_shows_what_it_cannot_print(tmp_path):
    place = place_in(tmp_path)
    assert b"Stra" in ended(place.start("show", f"{NAME}.yaml", **PLAIN))
    (place.folder / f"{NAME}.yaml").write_text(PROTOCOL.replace("show: {}", "shöw: ☕"), encoding="utf-8")
    process = place.start("check", f"{NAME}.yaml", **PLAIN)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (2, b"1 problem\n")
    assert b"unknown key 'sh\\xf6w'" in out
