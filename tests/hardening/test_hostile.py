"""What a stranger might try: refused in the words that stand beside it, at once, and with nothing left behind.

``UPDATE_HOSTILE=1 pytest tests/hardening/test_hostile.py`` writes the words anew: read what changed before you keep it.
More of the kind is in ``tests/spec/invalid``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuroam import cli
from neuroam.commands.checking import check
from tests.hardening.limits import limited, needs_linux

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "hardening" / "hostile"
RIGHT = FOLDER / "models"  # right in themselves, wrong with the protocol that names them
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if RIGHT not in path.parents)


@needs_linux
@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(FOLDER).with_suffix("")) for file in FILES])
def test_a_hostile_file_is_refused_in_these_words(file, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    check("recall_random")  # what is read and imported once
    with limited():
        code = cli.check([str(file.relative_to(ROOT))], cli.Format.text)
    out = capsys.readouterr().out
    beside = file.with_suffix(".txt")
    if os.environ.get("UPDATE_HOSTILE"):
        beside.write_text(out, encoding="utf-8")
    assert out == beside.read_text(encoding="utf-8")
    assert code == 2


def test_every_text_has_its_file():
    assert {path.with_suffix(".yaml") for path in FOLDER.rglob("*.txt")} == set(FILES)


def test_no_code_ran():
    assert not (ROOT / "hacked").exists()
    assert not (FOLDER / "hacked").exists()
