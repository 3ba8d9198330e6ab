"""What is understood of every shipped file is what was understood before.

A change that is meant: ``UPDATE_GOLDEN=1 pytest tests/golden`` writes the texts anew; read the difference before you
keep it, and add a line to CHANGELOG.md.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuroam import shipped
from neuroam.commands.show import show_text

HERE = Path(__file__).parent
CASES = [
    *((f"model_{name}", (name, None, [], False)) for name in shipped.names("models")),
    *((f"protocol_{name}", (name, None, [], False)) for name in shipped.names("protocols")),
    ("equations_two_body_softmax", ("recall_random", "two_body_softmax", [], True)),
    ("equations_two_body_lif", ("recall_random", "two_body_lif", [], True)),
]


LEARNS_FIRST = (
    "protocol_recall_learned",
    "protocol_replay_learned_timing",
    "protocol_recall_by_age_learned",
)  # a stage that takes up to a minute, once
SHOWN = [
    pytest.param(name, arguments, id=name, marks=[pytest.mark.slow] * (name in LEARNS_FIRST))
    for name, arguments in CASES
]


@pytest.mark.parametrize(("name", "arguments"), SHOWN)
def test_show_says_what_it_said(name, arguments):
    text = show_text(*arguments) + "\n"
    golden = HERE / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert golden.exists(), "no text yet: UPDATE_GOLDEN=1 pytest tests/golden"
    assert text == golden.read_text(encoding="utf-8")


def test_no_text_is_left_over():
    assert {path.stem for path in HERE.glob("*.txt")} == {name for name, _ in CASES}
