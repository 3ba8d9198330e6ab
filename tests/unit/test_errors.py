"""A problem says where, what, and how to fix it; nothing in it can paint a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroam.errors import (
    MAX_SNIPPET,
    BuildError,
    EnvironmentLacks,
    FunctionError,
    NeuroamError,
    Problem,
    RunError,
    SpecError,
    StoreError,
    Where,
    printable,
)

LINE = "    weights: {hopfeld: {gain: 60}}"


def test_a_problem_shows_the_line_a_caret_and_a_remedy():
    where = Where("models/a.yaml", 10, 15, LINE)
    problem = Problem(where, "projections.a.weights", "no rule named 'hopfeld'", "did you mean 'hopfield'?")
    assert str(problem) == (
        "models/a.yaml:10:15: projections.a.weights: no rule named 'hopfeld'\n"
        "   10 |     weights: {hopfeld: {gain: 60}}\n"
        "      |               ^\n"
        "      fix: did you mean 'hopfield'?"
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem(Where(), "", "what"), "what"),
        (Problem(Where("a.yaml"), "", "what"), "a.yaml: what"),
        (Problem(Where("a.yaml", 3, 1), "b.c", "what"), "a.yaml:3:1: b.c: what"),
        (Problem(Where("a.yaml", 3, 1, "   "), "", "what", "fix it"), "a.yaml:3:1: what\n      fix: fix it"),
    ],
)
def test_what_is_not_known_is_left_out(problem, text):
    assert str(problem) == text


def test_a_long_line_is_cut_around_the_column():
    line = "x" * 500 + "!" + "y" * 500
    head, snippet, caret = str(Problem(Where("a", 1, 501, line), "", "what")).splitlines()
    assert len(snippet) == MAX_SNIPPET + len("    1 | ")
    assert snippet[caret.index("^")] == "!"


def test_a_tab_is_as_wide_as_a_blank():
    _, snippet, caret = str(Problem(Where("a", 1, 3, "\t\tx"), "", "what")).splitlines()
    assert snippet[caret.index("^")] == "x"


@given(st.text())
def test_messages_are_one_line_per_part_whatever_stands_in_the_file(text):
    lines = str(Problem(Where("a", 1, 1, "x"), text, text, text)).split("\n")
    assert len(lines) in (3, 4)
    assert all(char.isprintable() for line in lines for char in line)


def test_terminal_codes_and_invisible_letters_are_written_out():
    assert printable("\x1b[31mred\n\u202e") == "\\x1b[31mred\\n\\u202e"
    assert printable("naïve β") == "naïve β"


def test_a_spec_error_holds_every_problem_once_in_file_order():
    first, second = Problem(Where("a", 2, 1), "", "one"), Problem(Where("a", 10, 1), "", "two")
    other = Problem(Where("b", 1, 1), "", "three")
    error = SpecError([other, second, first, second])
    assert error.problems == [first, second, other]
    assert str(error) == "a:2:1: one\na:10:1: two\nb:1:1: three"


def test_a_function_error_says_how_to_fix_it_where_nobody_adds_the_place():
    assert str(FunctionError("what", "fix it")) == "what\n      fix: fix it"
    assert str(FunctionError("what")) == "what"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(SpecError, 2), (FunctionError, 2), (StoreError, 2), (BuildError, 1), (RunError, 1), (EnvironmentLacks, 3)],
)
def test_exit_codes(kind, code):
    assert issubclass(kind, NeuroamError)
    assert kind.exit_code == code
