"""Text becomes plain values and the place of every path; no text can do more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuroam.errors import SpecError
from neuroam.spec.yaml import MAX_BYTES, MAX_NODES, dotted, parse, read

TEXT = """\
format: 1
populations:
  a: {size: 3, cell: lif}
epochs:
  - {name: cue, duration: 20 ms}
  - name: settle
empty:
"""


def value(text: str):
    return parse(f"v: {text}", "x").data["v"]


def refusal(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        parse(text, "x")
    assert all(problem.fix for problem in caught.value.problems)
    return "\n".join(problem.what for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", 3),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", 1000),
        ("2.5", 2.5),
        ("1e3", 1000.0),
        ("20 ms", "20 ms"),
        ("'3'", "3"),
        ('"3"', "3"),
        ("true", True),
        ("False", False),
        ("yes", "yes"),  # YAML 1.2
        ("on", "on"),
        ("null", None),
        ("~", None),
        ("", None),
        ("2024-01-01", "2024-01-01"),
        ("[1, [2, {a: 3}]]", [1, [2, {"a": 3}]]),
        ("{1: a, true: b}", {"1": "a", "true": "b"}),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        ("!!str 3", "3"),
        ("β", "β"),
    ],
)
def test_values(text, expected):
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_every_path_has_its_place():
    document = parse(TEXT, "x.yaml")

    def place(*path: str | int, key: bool = False) -> tuple[int, int]:
        where = document.where(path, key)
        return where.line, where.column

    assert place("format") == (1, 9)
    assert place("format", key=True) == (1, 1)
    assert place("populations", "a", "cell") == (3, 22)
    assert place("populations", "a", "cell", key=True) == (3, 16)
    assert place("epochs", 0, "duration") == (5, 27)
    assert place("epochs", 1) == (6, 5)
    assert place("epochs", 1, "name") == (6, 11)
    assert place("empty") == (7, 1)  # a value that is not there is at its key
    assert document.where(("populations", "a", "cell")).text == "  a: {size: 3, cell: lif}"


def test_a_path_that_is_not_there_is_at_what_it_would_stand_in():
    document = parse(TEXT, "x.yaml")
    missing = document.where(("populations", "a", "params", "tau"))
    assert (missing.line, missing.column) == (3, 3)  # the key of the mapping
    short = document.where(("populations", "a", "size", "number"))
    assert (short.line, short.column) == (3, 13)  # the value of a shorthand
    assert document.where(("nope",)) == document.where(())
    assert document.existing(("populations", "a", "size", "number")) == ("populations", "a", "size")
    assert document.names("populations") == ["a"]
    assert document.names("format") == document.names("nope") == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("just text", "the file must be a mapping of keys to values"),
        ("- a\n- b", "the file must be a mapping of keys to values"),
        ("a: 1\na: 2", "the key 'a' stands here twice"),
        ("a: {b: 1, b: 2}\nc: 1\nc: 2", "the key 'b' stands here twice\nthe key 'c' stands here twice"),
        ("a: &x {b: 1}\nc: {<<: *x}", "merge keys are not supported"),
        ("? [a, b]\n: 1", "a key must be a name"),
        ("a: !!python/object/apply:os.system [ls]", "the tag '!!python/object/apply:os.system' is not supported"),
        ("a: !!python/name:os.system x", "the tag '!!python/name:os.system' is not supported"),
        ("a: !mine {b: 1}", "the tag '!mine' is not supported"),
        ("a: !!set {b}", "the tag '!!set' is not supported"),
        ("a: !!binary aGk=", "the tag '!!binary' is not supported"),
        ("a: .inf", "the number must be finite"),
        ("a: -.Inf", "the number must be finite"),
        ("a: .NaN", "the number must be finite"),
        ("a: 1e999", "the number must be finite"),
        (f"a: {'9' * 401}", "the number has more than 400 digits"),
        ("a: &x [*x]", "nested more than 40 levels deep"),
        ("a: " + "[" * 41 + "]" * 41, "nested more than 40 levels deep"),
        ("a: " + "[" * 201, "more than 200 open brackets"),
        ("a: *x", "not valid YAML: found undefined alias 'x'"),
        ("a: 1\n--- \nb: 2", "not valid YAML: expected a single document in the stream but found another document"),
        ("a: b: c", "not valid YAML: mapping values are not allowed here"),
        (
            "a:\n\t- 1",
            "not valid YAML: while scanning for the next token found character '\\t' that cannot start any token",
        ),
        ("a: \x00", "a character that no text holds"),
        ("a: \x1b[31m", "a character that no text holds"),
    ],
)
def test_what_is_refused(text, what):
    assert refusal(text) == what


def test_an_alias_bomb_is_refused_at_once():
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    text += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 30))
    started = time.perf_counter()
    assert refusal(text) == f"more than {MAX_NODES} values in one file (aliases count each time)"
    assert time.perf_counter() - started < 2


def test_aliases_make_copies():
    found = parse("a: &x {b: [1]}\nc: *x", "x").data
    assert found["a"] == found["c"]
    assert found["a"] is not found["c"]
    assert found["a"]["b"] is not found["c"]["b"]


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    return path


def test_bom_and_line_ends_of_other_systems(tmp_path):
    document = read(written(tmp_path, "\ufeffa: 1\r\nb: {c: β}\r\n".encode()))
    assert document.data == {"a": 1, "b": {"c": "β"}}
    assert document.folder == tmp_path
    where = document.where(("b", "c"))
    assert (where.line, where.column, where.text) == (2, 8, "b: {c: β}")


def test_other_encodings_say_where(tmp_path):
    with pytest.raises(SpecError) as caught:
        read(written(tmp_path, "a: 1\nb: Möbius\n".encode("latin-1")))
    problem = caught.value.problems[0]
    assert (problem.what, problem.where.line, problem.where.column) == ("the file is not UTF-8 text", 2, 5)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_refused(tmp_path, encoding):
    with pytest.raises(SpecError, match="the file is not UTF-8 text"):
        read(written(tmp_path, "a: 1\n".encode(encoding)))


def test_large_files_are_refused_unread(tmp_path):
    with pytest.raises(SpecError, match="larger than 1000000 bytes"):
        read(written(tmp_path, b"a: " + b"x" * MAX_BYTES))
    with pytest.raises(SpecError, match="larger than 1000000 bytes"):
        read(Path("/dev/zero"))


@pytest.mark.parametrize("name", [".", "nope.yaml", "x" * 5000, "a\0b"])
def test_what_cannot_be_read_is_a_problem(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError):
        read(Path(name))


def test_paths_as_text():
    assert dotted(("epochs", 0, "name")) == "epochs[0].name"
    assert dotted(()) == ""


SCALARS = st.one_of(
    st.booleans(), st.none(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6), st.text("ab é", max_size=5)
)
TREES = st.recursive(
    SCALARS, lambda t: st.lists(t, max_size=3) | st.dictionaries(st.text("abc", min_size=1), t, max_size=3)
)


@given(st.dictionaries(st.text("xyz", min_size=1, max_size=3), TREES, max_size=4))
def test_json_is_yaml(data):
    import json

    assert parse(json.dumps(data), "x").data == data


@pytest.mark.parametrize(("sign", "text"), [(">-", "one two"), (">", "one two\n"), ("|-", "one\ntwo")])
def test_text_of_several_lines_holds_nothing_else(sign, text):
    assert parse(f"title: {sign}\n  one\n  two\n", "x.yaml").data == {"title": text}
