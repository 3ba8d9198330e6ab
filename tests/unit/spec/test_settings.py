"""``PATH=VALUE`` settings change one value, wherever it stands, and only that."""

from __future__ import annotations

import pytest

from neuroam.errors import Problem
from neuroam.spec.load import load
from neuroam.spec.settings import lay_over
from neuroam.spec.yaml import parse

PROTOCOL = """\
format: 1
title: P
trials: 3
patterns: {memory: {bernoulli: {size: 20, count: 3}}}
epochs:
  - {name: cue, duration: 20 ms, show: {corrupt: [{flip: {fraction: 0.1}}]}}
  - {name: settle, duration: 50 ms}
"""


def laid(*settings: str):
    document = parse(PROTOCOL, "p.yaml")
    problems: list[Problem] = []
    lay_over(settings, "protocol", document, problems)
    return document, problems


def at(data, *path):
    for step in path:
        data = data[step]
    return data


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("trials=7", ("trials",), 7),
        (" trials = 7 ", ("trials",), 7),
        ("trials={each_pattern: 2}", ("trials",), {"each_pattern": 2}),
        ("patterns.memory.bernoulli.count=40", ("patterns", "memory", "bernoulli", "count"), 40),
        ("epochs.settle.duration=100 ms", ("epochs", 1, "duration"), "100 ms"),
        ("epochs[1].duration='100 ms'", ("epochs", 1, "duration"), "100 ms"),
        ("epochs.0.show.corrupt.0.flip.fraction=0.3", ("epochs", 0, "show", "corrupt", 0, "flip", "fraction"), 0.3),
        ("seeds.noise=7", ("seeds", "noise"), 7),
        ("title=a = b", ("title",), "a = b"),
        ("title=", ("title",), None),
        ("measure.overlap.port=memory", ("measure", "overlap", "port"), "memory"),
    ],
)
def test_one_value_is_set(setting, path, value):
    document, problems = laid(setting)
    assert problems == []
    assert at(document.data, *path) == value
    where = document.where(path)
    assert (where.file, where.line) == (f"--set {setting}", 0)


def test_nothing_else_changes():
    document, _ = laid("epochs.settle.duration=100 ms")
    expected = parse(PROTOCOL.replace("50 ms", "100 ms"), "p.yaml")
    assert document.data == expected.data
    assert document.where(("epochs", 0, "duration")) == expected.where(("epochs", 0, "duration"))


def test_a_later_setting_wins():
    assert laid("trials=3", "trials=4")[0].data["trials"] == 4


@pytest.mark.parametrize("setting", ["populations.a.size=3", "projections.a.delay=1 ms", "matrices.w=x"])
def test_settings_of_the_other_file_are_passed_over(setting):
    document, problems = laid(setting)
    assert problems == []
    assert document.data == parse(PROTOCOL, "p.yaml").data


@pytest.mark.parametrize(
    "setting",
    ["", "=", "trials", "trial=3", "epochs.none.duration=3 ms", "epochs[2].duration=3 ms", "epochs.-1.duration=3 ms",
     "trials.x=3", "title.x.y=3", "patterns.memroy.bernoulli.size=3", "trials=[", "trials=*x", "trials=!!python/x y",
     "trials=.nan", "format=3", "based_on=x", "epochs..duration=3"],
)  # fmt: skip
def test_what_cannot_be_set_is_told_and_changes_nothing(setting):
    document, problems = laid(setting)
    assert len(problems) == 1
    assert problems[0].fix
    assert problems[0].where.file == f"--set {setting}"
    assert document.data == parse(PROTOCOL, "p.yaml").data


def test_settings_reach_both_files():
    settings = ["trials=5", "populations.hidden.params.beta=2", "epochs.cue.duration=100 ms", "seeds.noise=3"]
    spec = load("recall_random", None, settings)
    assert spec.protocol.spec.trials.number == 5
    assert spec.protocol.spec.seeds.noise == 3
    assert spec.protocol.spec.epochs[0].duration.seconds == 0.1
    assert spec.model.spec.populations["hidden"].params["beta"].value == 2


def test_a_model_that_is_set_is_the_one_that_is_used():
    assert load("recall_random", None, ["model=two_body_power"]).model.name == "two_body_power"
    assert load("recall_random", "two_body_lif", ["model=two_body_power"]).model.name == "two_body_lif"
