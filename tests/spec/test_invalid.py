"""Every mistake has its text: `neuroam check` of every invalid file prints exactly what stands beside it.

``UPDATE_INVALID=1 pytest tests/spec/test_invalid.py`` writes the texts anew: read what changed before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuroam import cli

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "spec" / "invalid"
HELPERS = FOLDER / "models"  # right in themselves, wrong with the protocol that names them
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if HELPERS not in path.parents)
NAMES = [str(path.relative_to(FOLDER).with_suffix("")) for path in FILES]


def check(capsys: pytest.CaptureFixture[str], *files: Path) -> tuple[int, str, str]:
    code = cli.check([str(file.relative_to(ROOT)) for file in files], cli.Format.text)
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_invalid_file_says_exactly_this(file, capsys):
    code, out, err = check(capsys, file)
    beside = file.with_suffix(".txt")
    if os.environ.get("UPDATE_INVALID"):
        beside.write_text(out, encoding="utf-8")
    assert out == beside.read_text(encoding="utf-8")
    assert code == 2
    heads = [line for line in out.splitlines() if not line.startswith("      ") and " | " not in line[:9]]
    count = len(heads)
    assert err == f"{count} problem{'s' * (count != 1)}\n"


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_every_problem_has_a_place_and_a_remedy(file, capsys):
    text = file.with_suffix(".txt").read_text(encoding="utf-8")
    problems = [part for part in text.split("\ntests/") if part]
    assert all("\n      fix: " in problem for problem in problems), text
    for problem in problems:
        head = problem.splitlines()[0].removeprefix("tests/")
        place = head.split(": ")[0].split(":")
        assert len(place) == 3 or "is empty" in head or "nested too deeply" in head, head


def test_there_are_many_of_them():
    assert len(FILES) >= 60


@pytest.mark.parametrize("file", sorted(HELPERS.glob("*.yaml")), ids=lambda path: path.stem)
def test_helpers_are_right(file, capsys):
    assert check(capsys, file)[:2] == (0, "")


def test_no_text_is_left_over():
    texts = {path.with_suffix(".yaml") for path in FOLDER.rglob("*.txt")}
    assert texts == set(FILES)


def test_several_files_at_once_say_everything_once(capsys):
    # the protocol brings in its model, which is also checked by itself
    protocol, model = FOLDER / "two_problems_in_two_files.yaml", FOLDER / "port_wrong.yaml"
    code, out, err = check(capsys, protocol, model, FOLDER / "cell_typo.yaml")
    expected = [path.with_suffix(".txt").read_text(encoding="utf-8") for path in (protocol, FOLDER / "cell_typo.yaml")]
    assert code == 2
    assert out == "".join(expected)
    assert err == "10 problems\n"


def test_good_files_beside_bad_ones_are_named(capsys):
    code, out, err = check(capsys, HELPERS / "discrete.yaml", FOLDER / "cell_typo.yaml")
    assert code == 2
    assert err.splitlines() == ["tests/spec/invalid/models/discrete.yaml: a valid model", "1 problem"]
    assert out.startswith("tests/spec/invalid/cell_typo.yaml:3:39: populations.hidden.cell: no cell named 'softmx'\n")
