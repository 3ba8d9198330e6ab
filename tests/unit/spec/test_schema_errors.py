"""What breaks a schema is told in our words; what is left is still looked at."""

from __future__ import annotations

import json

import pytest

from neuroam.errors import SpecError
from neuroam.spec.load import check_file, load
from neuroam.spec.schema_errors import shown, suggestion

MODEL = {"format": 1, "title": "M", "populations": {"a": {"size": 3, "cell": "linear"}}}
PROTOCOL = {
    "format": 1, "title": "P", "model": "two_body_softmax",
    "patterns": {"memory": {"bernoulli": {"size": 20, "count": 3}}},
    "epochs": [{"name": "cue", "duration": "20 ms", "show": {}}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("word", "known", "text"),
    [
        ("hopfeld", ["hopfield", "rows"], "did you mean 'hopfield'?"),
        ("xyz", ["hopfield", "rows", "rows"], "use one of: hopfield, rows"),
        ("xyz", [], "there is none: add it, or leave this out"),
        ("r\u043ews", ["rows"], "write 'rows' in plain letters: '\u043e' is CYRILLIC SMALL LETTER O"),
        ("x" * 100_000, ["rows"], "use one of: rows"),
    ],
)
def test_suggestions(word, known, text):
    assert suggestion(word, known) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [("1", "'1'"), (1, "1"), (2.5, "2.5"), (True, "true"), (None, "nothing"), ([], "a list"), ({}, "a mapping"),
     ("x" * 50, "'" + "x" * 40 + "'"), (10**50, "1" + "0" * 39)],
)  # fmt: skip
def test_values_in_messages(raw, text):
    assert shown(raw) == text


def found(tmp_path, data) -> list[str]:
    path = tmp_path / "x.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    return [f"{p.path}: {p.what}" for p in check_file(str(path))[1]]


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        ({**MODEL, "title": 3}, ["title: expected text, not 3"]),
        ({**MODEL, "format": 2}, ["format: 2 is not possible here"]),
        ({**MODEL, "references": "x"}, ["references: expected a list, not 'x'"]),
        ({**MODEL, "ports": None}, ["ports: expected a mapping of keys to values, not nothing"]),
        ({"format": 1, "title": "M", "populatoins": {}}, [": unknown key 'populatoins'"]),
        ({"format": 1, "title": "M"}, [": the key 'populations' is missing"]),
        ({**MODEL, "trials": 3, "projections": {}}, [": unknown key 'trials'"]),
    ],
)
def test_one_mistake_is_one_problem(tmp_path, data, problems):
    assert found(tmp_path, data) == problems


def test_a_broken_entry_does_not_hide_the_others(tmp_path):
    data = {
        **MODEL,
        "populations": {
            "a": {"size": -1, "cell": "linear"},
            "b": {"size": 3, "cell": "lineer"},
            "c": {"size": 3, "cell": "linear", "params": {"tau": 3, "x": 1}},
        },
        "projections": {"p": {"from": "c.h", "to": "c", "connect": "all"}, "q": {"from": "d", "to": 3}},
    }
    assert found(tmp_path, data) == [
        "populations.a.size: the number must be at least 0, not -1",
        "populations.b.cell: no cell named 'lineer'",
        "populations.c.params.tau: '3' is a plain number but 'tau' is in s",
        "populations.c.params.x: no parameter of cell 'linear' named 'x'",
        "projections.p.from: no variable of 'c' (cell linear) named 'h'",
        "projections.q.to: expected text, not 3",
    ]


def test_what_names_a_broken_entry_is_not_blamed(tmp_path):
    data = {
        **MODEL,
        "matrices": {"w": {"rows": {"of": "m"}, "hopfield": {"of": "m"}}},
        "populations": {"a": {"size": "many", "cell": "linear"}, "b": {"size": {"count": "m"}, "cell": "linear"}},
        "projections": {"p": {"from": "a.g", "to": "b", "weights": {"of": "w"}, "scale": "g"}},
        "controls": {"g": "many"},
        "start": {"a": "slaved"},
        "ports": {"m": {"population": "a", "codes": 3}},
    }
    assert found(tmp_path, data) == [
        "populations.a.size: a size is a whole number of cells, or says what it follows from",
        "matrices.w: expected one function",
        "controls.g: cannot read 'many' as a number with a unit, such as '20 ms'",
        "ports.m: unknown key 'codes'",
    ]


def test_a_protocol_is_checked_also_where_its_model_is_wrong(tmp_path):
    (tmp_path / "m.yaml").write_text(json.dumps({**MODEL, "ports": {"memory": {"population": "b"}}}), encoding="utf-8")
    data = {**PROTOCOL, "model": "m", "trials": "x", "measure": {"overlp": {"port": "memory"}}}
    assert found(tmp_path, data) == [
        "ports.memory.population: no population named 'b'",
        "trials: expected a whole number of trials",
        "measure.overlp: no readout named 'overlp'",
    ]


def test_every_broken_epoch_is_told_and_the_others_are_checked(tmp_path):
    epochs = [
        {"name": "a", "duration": 3, "show": {}},
        {"duration": "2 ms", "show": {"pattern": "x"}, "into": "memry"},
        3,
        {"name": "d", "duration": "20.03 ms", "set": {"g": 1}, "times": 0},
        {"name": "e", "duration": "20 ms", "show": {}, "into": "memry"},
    ]
    assert found(tmp_path, {**PROTOCOL, "epochs": epochs}) == [
        "epochs[0].duration: '3' is a plain number, not a time",
        "epochs[1]: the key 'name' is missing",
        "epochs[1].show.pattern: expected a whole number, not 'x'",
        "epochs[2]: expected a mapping of keys to values, not 3",
        "epochs[3].duration: '20.03 ms' is not a whole number of steps of 100 us",
        "epochs[3].set.g: the model 'two_body_softmax' has no control named 'g'",
        "epochs[3].times: the number must be at least 1, not 0",
        "epochs[4].into: there are no patterns of a port named 'memry'",
    ]


def test_a_file_that_was_repaired_is_never_loaded(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(json.dumps({**PROTOCOL, "trials": "many"}), encoding="utf-8")
    with pytest.raises(SpecError):
        load(str(path))
