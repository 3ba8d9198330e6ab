"""Names and paths become documents; a file that is based on another says only what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuroam import shipped
from neuroam.errors import SpecError
from neuroam.spec.find import open_any, open_as
from neuroam.spec.kinds import KEYS, OWN_KEYS, kind_of
from neuroam.spec.load import load, load_model
from neuroam.spec.yaml import parse

MODEL = "format: 1\ntitle: Base\npopulations: {a: {size: 3, cell: linear, params: {tau: 20 ms}}, b: {size: 2, cell: tanh}}\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def what(call, *arguments, **more) -> str:
    with pytest.raises(SpecError) as caught:
        call(*arguments, **more)
    return caught.value.problems[0].what


def test_shipped_names_and_own_files(here):
    assert open_as("models", "two_body_lif").data["format"] == 1
    write(here / "own.yaml", MODEL)
    assert open_as("models", "own.yaml").file == "own.yaml"
    assert open_as("models", str(here / "own.yaml")).file == "own.yaml"
    assert what(open_as, "models", "own") == "no model named 'own'"


def test_an_own_file_goes_before_a_shipped_name(here):
    write(here / "two_body_lif", MODEL)
    assert open_as("models", "two_body_lif").data["title"] == "Base"


def protocol(here, model: str) -> Path:
    return write(here / "p.yaml", f"format: 1\ntitle: P\nmodel: {model}\nepochs: [{{name: a, duration: 1 ms}}]\n")


@pytest.mark.parametrize("model", ["mine", "mine.yaml", "below/mine", "below/mine.yaml", "./mine"])
def test_a_model_lies_beside_its_protocol_or_below(here, monkeypatch, model):
    write(here / "mine.yaml", MODEL)
    write(here / "below" / "mine.yaml", MODEL)
    path = protocol(here, model)
    elsewhere = here / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert load(str(path)).model.spec.title == "Base"


@pytest.mark.parametrize("model", ["../mine", "/etc/passwd", "below/../../mine", "a/../mine", ".."])
def test_a_protocol_names_no_file_outside_its_folder(here, model):
    write(here.parent / "mine.yaml", MODEL)
    write(here / "mine.yaml", MODEL)
    with pytest.raises(SpecError) as caught:
        load(str(protocol(here, model)))
    problem = caught.value.problems[0]
    assert problem.what == f"'{model}' leads out of this folder"
    assert (problem.path, problem.where.line) == ("model", 3)


@pytest.mark.parametrize("base", ["../base.yaml", "/tmp/base.yaml", "sub/base.yaml", "''", "..", "[a]", '"a\\0b"'])
def test_a_base_is_a_file_of_the_same_folder(here, base):
    write(here.parent / "base.yaml", MODEL)
    write(here / "sub" / "base.yaml", MODEL)
    path = write(here / "m.yaml", f"format: 1\ntitle: M\nbased_on: {base}\n")
    assert what(load_model, str(path)) == "expected the name of a file in the same folder, or of a shipped model"


def test_a_base_may_have_a_base(here):
    write(here / "base.yaml", MODEL)
    write(here / "middle.yaml", "format: 1\ntitle: M\nbased_on: base\ntime: {dt: 0.2 ms}\nreferences: [two]\n")
    found = load_model(str(write(here / "top.yaml", "format: 1\ntitle: T\nbased_on: middle\nreferences: [three]\n")))
    assert (found.spec.title, str(found.spec.time.dt), found.spec.references) == ("T", "0.2 ms", ["three"])
    assert found.spec.populations["a"].cell == "linear"


def test_a_base_is_also_sought_among_the_shipped_models(here):
    path = write(here / "mine.yaml", "format: 1\ntitle: Mine\nbased_on: correlation_aware\ntime: {dt: 0.5 ms}\n")
    found = load_model(str(path))
    assert str(found.spec.time.dt) == "0.5 ms"
    assert set(found.spec.populations) == {"e", "pool", "pool_w"}
    own = write(here / "correlation_aware.yaml", MODEL)
    assert set(load_model(str(path)).spec.populations) == set(load_model(str(own)).spec.populations)


def test_bases_that_lead_to_each_other_are_refused(here):
    write(here / "one.yaml", "format: 1\ntitle: O\nbased_on: two\n")
    write(here / "two.yaml", "format: 1\ntitle: T\nbased_on: one\n")
    assert what(load_model, str(here / "one.yaml")) == "'one.yaml' is in the end based on itself"


def test_a_long_chain_of_bases_is_refused(here):
    write(here / "m0.yaml", MODEL)
    for number in range(1, 12):
        path = write(here / f"m{number}.yaml", f"format: 1\ntitle: M\nbased_on: m{number - 1}\n")
    assert what(load_model, str(path)) == "9 files are based on each other"


def test_a_variant_changes_what_it_names_and_nothing_else(here):
    write(here / "base.yaml", MODEL + "time: {dt: 0.2 ms, method: euler}\nreferences: [one, two]\n")
    text = "format: 1\ntitle: Variant\nbased_on: base\npopulations: {a: {params: {tau: 5 ms}}}\nreferences: [three]\ntime: {dt: 1 ms}\n"
    found = load_model(str(write(here / "v.yaml", text)))
    assert found.name == "v"
    assert found.spec.title == "Variant"
    assert found.spec.references == ["three"]
    assert str(found.spec.time.dt) == "1 ms"
    assert found.spec.time.method == "euler"
    assert found.spec.populations["a"].cell == "linear"
    assert str(found.spec.populations["a"].params["tau"]) == "5 ms"
    assert found.spec.populations["b"].cell == "tanh"


def test_a_mistake_in_a_base_is_shown_in_the_base(here):
    write(here / "base.yaml", MODEL.replace("tanh", "tahn"))
    write(here / "v.yaml", "format: 1\ntitle: V\nbased_on: base\npopulations: {a: {params: {tua: 5 ms}}}\n")
    with pytest.raises(SpecError) as caught:
        load_model("v.yaml")
    assert [(p.where.file, p.where.line, p.what) for p in caught.value.problems] == [
        ("base.yaml", 3, "no cell named 'tahn'"),
        ("v.yaml", 4, "no parameter of cell 'linear' named 'tua'"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("populations: {}", "model"),
        ("projections: {}\nbased_on: x", "model"),
        ("epochs: []", "protocol"),
        ("model: x", "protocol"),
        ("seeds: {}\nbased_on: x", "protocol"),
        ("inputs: {}\nequations: []", "cell"),
        ("output: {}", "cell"),
        ("plastic: true", "synapse"),
        ("equations: []", "synapse"),
        ("title: nothing else", "model"),
        ("population: {}", "model"),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_keys(text, kind):
    assert kind_of(parse(text, "x")) == kind


def test_the_folder_decides_where_keys_do_not(here):
    path = write(here / "cells" / "x.yaml", "title: x\nparams: {}\nequations: []\n")
    assert kind_of(open_any(str(path))) == "cell"
    path = write(here / "synapses" / "x.yaml", "title: x\nparams: {}\n")
    assert kind_of(open_any(str(path))) == "synapse"


def test_every_kind_has_keys_of_its_own():
    assert all(OWN_KEYS.values())
    for kind, keys in OWN_KEYS.items():
        assert all(not keys & other for name, other in KEYS.items() if name != kind)


def test_every_shipped_file_is_of_the_kind_of_its_folder():
    for kind in ("models", "protocols", "cells", "synapses"):
        for path in shipped.folder(kind).glob("*.yaml"):
            assert kind_of(open_any(str(path))) == kind[:-1], path
