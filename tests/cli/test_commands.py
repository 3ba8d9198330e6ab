"""What every command prints where."""

from __future__ import annotations

import json

import pytest

from neuroam import shipped
from neuroam.spec.catalogue import ROOMS, schema_of


def test_help_lists_every_command(neuroam):
    done = neuroam("--help")
    assert (done.code, done.err) == (0, "")
    for command in (
        "list",
        "check",
        "show",
        "graph",
        "run",
        "build",
        "plot",
        "plan",
        "report",
        "schema",
        "doctor",
        "cache",
    ):
        assert f"\n  {command} " in done.out
        assert neuroam(command, "--help").code == 0


def test_list_has_one_line_for_everything(neuroam):
    done = neuroam("list")
    assert (done.code, done.err) == (0, "")
    words = {line.split()[0] for line in done.out.splitlines() if line.startswith("  ")}
    assert words >= {*shipped.names("models"), *shipped.names("protocols"), *shipped.names("cells")}
    assert words >= {name for room in ROOMS.values() for name in room}


def test_show_a_model_and_a_protocol(neuroam):
    done = neuroam("show", "two_body_lif")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("model two_body_lif: ")
    done = neuroam("show", "recall_random", "--model", "two_body_lif", "--set", "patterns.memory.bernoulli.size=30")
    assert (done.code, done.err) == (0, "")
    assert "features: 60 cells of lif" in done.out
    assert "what Brian2 sees" not in done.out


def test_show_takes_list_items_by_name(neuroam):
    settings = ["--set", "epochs.cue.duration=100 ms", "--set", "epochs[1].duration=300 ms"]
    assert "  cue: 0 to 100 ms\n  settle: 100 to 400 ms\n" in neuroam("show", "recall_random", *settings).out


@pytest.mark.parametrize("kind", ["model", "protocol", "cell", "synapse"])
def test_schema_is_json(neuroam, tmp_path, kind):
    done = neuroam("schema", kind)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == schema_of(kind)
    assert neuroam("schema", kind, "-o", "s.json").out == "s.json\n"
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == done.out


@pytest.mark.parametrize("suffix", ["dot", "graphml", "svg"])
def test_graph_prints_the_file_that_it_wrote(neuroam, tmp_path, suffix):
    done = neuroam("graph", "two_body_lif", "-o", f"g.{suffix}")
    assert (done.code, done.out, done.err) == (0, f"g.{suffix}\n", "")
    assert "features" in (tmp_path / f"g.{suffix}").read_text(encoding="utf-8")


def test_doctor_names_what_is_there(neuroam, monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CXX", "/nonexistent/g++")
    done = neuroam("doctor")
    assert (done.code, done.err) == (0, "")
    lines = dict(line[5:].split(None, 1) for line in done.out.splitlines())
    assert {"python", "brian2", "numpy", "compiler", "cache", "brian2cuda", "nvcc", "curand", "gpu"} <= lines.keys()
    assert lines["compiler"].startswith("no C++ compiler")
    assert str(tmp_path / "cache") in lines["cache"]


def test_the_working_directory_is_where_files_are_looked_for(neuroam, tmp_path, monkeypatch):
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "mine.yaml").write_text('title: Mine\ninputs: {drive: 1}\noutput: {g: "drive"}\n', "utf-8")
    (tmp_path / "mine.yaml").write_text("format: 1\ntitle: Mine\npopulations: {a: {size: 3, cell: mine}}\n", "utf-8")
    assert "cell mine" in neuroam("show", "mine.yaml").out
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "cell mine" in neuroam("show", "../mine.yaml").out
    assert "cell mine" in neuroam("show", str(tmp_path / "mine.yaml")).out
