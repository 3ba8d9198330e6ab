"""``%load_ext neuroam`` and ``%%neuroam``, in a shell without a screen."""

from __future__ import annotations

import atexit
import re
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

import neuroam
from neuroam.errors import SpecError
from neuroam.notebook.magic import spec_of

PROTOCOL = """\
format: 1
title: A protocol in a cell
patterns: {memory: {bernoulli: {size: 10, count: 2}}}
epochs:
  - {name: cue, duration: 4 ms, show: {}, into: memory}
trials: 2
measure: {overlap: {port: memory}}
"""
MODEL = """\
format: 1
title: A model in a cell
populations: {units: {size: {units: memory}, cell: linear, params: {tau: 2 ms}}}
ports: {memory: {population: units, cue: state}}
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        # a shell puts its own in this place, from which no process of a Dask cluster can start
        patched.setitem(sys.modules, "__main__", sys.modules["__main__"])
        made = InteractiveShell.instance()
        made.history_manager.enabled = False
        made.run_line_magic("load_ext", "neuroam")
        yield made
    atexit.unregister(made.atexit_operations)
    made.atexit_operations()
    InteractiveShell.clear_instance()


@pytest.fixture
def typed(shell, capsys):
    """What a cell gives, and what it prints."""

    def run(line, cell):
        capsys.readouterr()
        done = shell.run_cell(f"%%neuroam {line}\n{cell}")
        return done, re.sub("\x1b[^m]*m", "", "".join(capsys.readouterr()))

    return run


def test_a_cell_runs_and_its_result_is_shown_and_kept(shell, typed):
    done, _ = typed("two_body_softmax --device numpy -o mine --set trials=3", PROTOCOL)
    assert done.success
    assert isinstance(done.result, neuroam.Result)
    assert shell.user_ns["mine"] is done.result
    assert shell.user_ns["_neuroam"] is done.result
    assert done.result.measures["overlap"].sizes == {"trial": 3}
    assert "A protocol in a cell" in done.result.spec.protocol._repr_html_()


@pytest.mark.parametrize("setting", ["epochs.cue.duration='6 ms'", "'epochs.cue.duration=6 ms'"])
def test_settings_are_quoted_as_in_a_shell(shell, typed, setting):
    done, printed = typed(f"two_body_softmax --device numpy --set {setting}", PROTOCOL)
    assert done.success, printed
    assert done.result.recordings[0].n_steps == 60


def test_a_cell_may_hold_a_model_too(typed):
    for cell in (f"{MODEL}---\n{PROTOCOL}", f"# mine\n---\n{PROTOCOL}---   # and its model\n{MODEL}"):
        done, printed = typed("--device numpy", cell)
        assert done.success, printed
        assert done.result.spec.model.spec.title == "A model in a cell"


def test_a_mistake_is_told_with_its_line_and_column_and_no_traceback(typed):
    done, printed = typed("two_body_softmax", PROTOCOL.replace("duration: 4 ms", "duration: 4 mV"))
    assert not done.success
    assert re.search(r"^cell_\d+:6:27: epochs\[0\]\.duration: ", printed, re.MULTILINE)
    assert "Traceback" not in printed
    done, printed = typed("", f"{MODEL.replace('linear', 'linnear')}---\n{PROTOCOL}")
    assert re.search(r"^cell_\d+:4:\d+: populations\.units\.cell: no cell named 'linnear'", printed, re.MULTILINE)
    assert "did you mean 'linear'?" in printed
    done, printed = typed("", f"{MODEL}---\n{PROTOCOL.replace('overlap', 'overlop')}")
    assert re.search(r"^cell_\d+:13:\d+: measure\.overlop", printed, re.MULTILINE)


@pytest.mark.parametrize(
    ("line", "cell", "what"),
    [
        ("", PROTOCOL, "the protocol names no model"),
        ("nothing", PROTOCOL, "no model named 'nothing'"),
        ("--device abacus", PROTOCOL, "invalid choice: 'abacus'"),
        ("two_body_softmax -o 3x", PROTOCOL, "'3x' cannot be the name of a variable"),
        ("two_body_softmax --set trails=3", PROTOCOL, "unknown key 'trails'"),
        ("two_body_softmax --set 'trials=3", PROTOCOL, "close every quote"),
        ("two_body_softmax", MODEL, "this is a model, not a protocol"),
        ("two_body_softmax", f"{MODEL}---\n{PROTOCOL}", "there is a model in the cell"),
        ("", f"{PROTOCOL}---\n{PROTOCOL}", "the cell holds 2 files (protocol, protocol)"),
        ("", f"{MODEL}---\n{PROTOCOL}---\n{MODEL}", "the cell holds 3 files"),
        ("two_body_softmax", "a: [", "not valid YAML"),
        ("two_body_softmax", "# nothing", "the file is empty"),
        ("two_body_softmax", "- 1", "must be a mapping"),
    ],
)
def test_whatever_is_wrong_is_told(typed, line, cell, what):
    done, printed = typed(line, cell)
    assert not done.success
    assert what in printed
    assert "Traceback" not in printed


def test_files_lie_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(MODEL, encoding="utf-8")
    assert spec_of(PROTOCOL, "cell", "mine.yaml", []).model.name == "mine"
    assert spec_of(f"model: mine\n{PROTOCOL}", "cell", None, []).model.name == "mine"
    with pytest.raises(SpecError, match="leads out of this folder"):
        spec_of(f"model: ../mine\n{PROTOCOL}", "cell", None, [])


def test_an_error_of_a_run_in_a_notebook_is_its_message(shell, capsys):
    shell.run_cell("import neuroam\nneuroam.run('recall_rondom')")
    printed = "".join(capsys.readouterr())
    assert "did you mean 'recall_random'?" in printed
    assert "Traceback" not in printed
