"""`neuroam check`: every problem of every file at once, in three formats."""

from __future__ import annotations

import json
import re

import pytest

from neuroam import shipped

MODEL = "format: 1\ntitle: A test\npopulations: {a: {size: 3, cell: liner}}\n"
PROBLEM = (
    "bad.yaml:3:34: populations.a.cell: no cell named 'liner'\n"
    "    3 | populations: {a: {size: 3, cell: liner}}\n"
    "      |                                  ^\n"
    "      fix: did you mean 'linear'?\n"
)


@pytest.fixture
def bad(tmp_path):
    (tmp_path / "bad.yaml").write_text(MODEL, encoding="utf-8")


def test_all_shipped_files_are_right(neuroam):
    files = [str(path) for path in shipped.folder("models").rglob("*.yaml")]
    files += [*shipped.names("models"), *shipped.names("protocols")]
    done = neuroam("check", *files)
    assert (done.code, done.out) == (0, "")
    assert len(re.findall(r": a valid (model|protocol|cell|synapse)$", done.err, re.MULTILINE)) == len(files)


def test_problems_are_results_and_their_number_is_a_message(neuroam, bad):
    done = neuroam("check", "bad.yaml")
    assert (done.code, done.out, done.err) == (2, PROBLEM, "1 problem\n")


def test_json_is_one_list(neuroam, bad):
    done = neuroam("check", "--format", "json", "bad.yaml", "recall_random")
    assert done.code == 2
    assert json.loads(done.out) == [
        {
            "file": "bad.yaml",
            "line": 3,
            "column": 34,
            "path": "populations.a.cell",
            "what": "no cell named 'liner'",
            "fix": "did you mean 'linear'?",
        }
    ]
    assert done.err == "recall_random: a valid protocol\n"


def test_json_of_nothing_wrong_is_an_empty_list(neuroam):
    done = neuroam("check", "--format", "json", "recall_random")
    assert (done.code, json.loads(done.out)) == (0, [])


def test_github_annotates_the_line(neuroam, bad):
    done = neuroam("check", "--format", "github", "bad.yaml")
    assert done.code == 2
    assert done.out == (
        "::error file=bad.yaml,line=3,col=34::populations.a.cell: no cell named 'liner' (fix: did you mean 'linear'?)\n"
    )


def test_github_escapes_what_would_end_an_annotation(neuroam, tmp_path):
    (tmp_path / "a,b: 100%.yaml").write_text('format: 1\ntitle: ""\npopulations: {"x%\\n::y": 1}\n', encoding="utf-8")
    done = neuroam("check", "--format", "github", "a,b: 100%.yaml")
    assert done.out.startswith("::error file=a%2Cb%3A 100%25.yaml,line=3,col=")
    assert "x%25%0A::y" in done.out
    assert len(done.out.splitlines()) == 1 + (done.out.count("::error") - 1)


def test_github_says_a_problem_of_a_whole_file_without_a_line(neuroam, tmp_path):
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    assert neuroam("check", "--format", "github", "empty.yaml").out.startswith("::error file=empty.yaml::the file is")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("nope.yaml", "nope.yaml: no such file"),
        ("recal_random", "no model or protocol named 'recal_random'\n      fix: did you mean 'recall_random'?"),
        (".", ".: cannot read the file: Is a directory"),
        ("x" * 5000, "no model or protocol named"),
        ("a\x1bb", "no model or protocol named 'a\\x1bb'"),
    ],
)
def test_files_that_are_not_there(neuroam, name, what):
    done = neuroam("check", name)
    assert done.code == 2
    assert done.out.startswith(what)
    assert "fix: " in done.out


def test_a_name_that_is_nearly_there_is_offered(neuroam, bad):
    assert "fix: did you mean 'bad.yaml'?" in neuroam("check", "bat.yaml").out


def test_what_only_numbers_reveal_is_found(neuroam, tmp_path):
    (tmp_path / "late.yaml").write_text(
        "format: 1\ntitle: Late\nmodel: two_body_softmax\npatterns: {memory: {bernoulli: {size: 20, count: 3}}}\n"
        "epochs: [{name: cue, duration: 20 ms, show: {pattern: 9}}]\n",
        encoding="utf-8",
    )
    done = neuroam("check", "late.yaml")
    assert done.code == 2
    assert done.out.startswith("late.yaml:5:55: epochs[0].show.pattern: there is no pattern 9: 3 are stored\n")


def test_what_cannot_be_run_yet_is_a_note_and_no_problem(neuroam, tmp_path, monkeypatch):
    from neuroam.commands import checking
    from neuroam.errors import Problem, Where

    note = Problem(Where("m.yaml", 3, 1), "stages", "'stages' cannot be run yet", "a run needs a later version")
    monkeypatch.setattr(checking, "not_yet", lambda spec: [note])
    done = neuroam("check", "recall_random")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("note: m.yaml:3:1: stages: 'stages' cannot be run yet\n")
    assert done.err.endswith("recall_random: a valid protocol\n")


def test_names_work_where_a_folder_of_that_name_lies(neuroam, tmp_path):
    (tmp_path / "recall_random").mkdir()
    assert neuroam("check", "recall_random").code == 0


def test_paths_with_blanks_and_other_letters(neuroam, tmp_path):
    folder = tmp_path / "ein Ordner" / "café ☕"
    folder.mkdir(parents=True)
    (folder / "Modell 1.yaml").write_text(MODEL, encoding="utf-8")
    done = neuroam("check", "ein Ordner/café ☕/Modell 1.yaml")
    assert done.out == PROBLEM.replace("bad.yaml", "ein Ordner/café ☕/Modell 1.yaml")


def test_what_a_gpu_cannot_run_is_a_problem_if_it_is_to_run_there(neuroam, tmp_path):
    """Five thousand cells would each look for the 200th largest of all of them."""
    model = (shipped.folder("models") / "mushroom_body_rate.yaml").read_text(encoding="utf-8")
    (tmp_path / "wide.yaml").write_text(model.replace("size: 2000", "size: 5000"), encoding="utf-8")
    (tmp_path / "panel.yaml").write_text(
        "format: 1\ntitle: A panel\nmodel: wide.yaml\npatterns: {odour: {odours: {count: 3, receptors: 6}}}\n"
        "epochs: [{name: odour, duration: 9 ms, show: {}, into: odour}]\n",
        encoding="utf-8",
    )
    assert neuroam("check", "panel.yaml").code == 0
    assert neuroam("check", "--device", "cuda", "odour_panel").code == 0
    done = neuroam("check", "--device", "cuda", "panel.yaml")
    assert done.code == 2
    assert done.out.startswith(
        "panel.yaml:1:1: the cuda device cannot run this: 'kth200' over the 5000 cells of 'winners'"
    )
    assert "fix: use --device cpp" in done.out
