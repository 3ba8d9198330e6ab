"""What a person gets wrong ends with exit code 2 and says what to do; what the machine lacks ends with 3."""

from __future__ import annotations

import pytest

RUN = ["run", "recall_random"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["chek"], "No such command 'chek'"),
        (["check"], "Missing argument"),
        (["run"], "Missing argument"),
        ([*RUN, "--nonsense"], "No such option: --nonsense"),
        ([*RUN, "--device", "gpu"], "'gpu' is not one of 'auto', 'numpy', 'cpp', 'cuda'"),
        ([*RUN, "--trials", "0"], "greater than or equal to 1"),
        ([*RUN, "--trials", "many"], "--trials"),
        ([*RUN, "--seed", "-1"], "greater than or equal to 0"),
        (["check", "--format", "xml", "recall_random"], "'xml' is not one of 'text', 'json', 'github'"),
    ],
)
def test_wrong_options(neuroam, arguments, part):
    done = neuroam(*arguments)
    assert (done.code, done.out) == (2, "")
    assert part in done.err
    assert done.err.startswith("Usage: neuroam")


def test_no_command_shows_the_help_once(neuroam):
    done = neuroam()
    assert done.code == 2
    assert (done.out + done.err).count("Usage:") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "recal_random"], "no protocol named 'recal_random'\n      fix: did you mean 'recall_random'?\n"),
        (["run", "nope.yaml"], "nope.yaml: no such file\n      fix: give the path of a YAML file\n"),
        ([*RUN, "--model", "two_body_lf"], "no model named 'two_body_lf'\n      fix: did you mean 'two_body_lif'?\n"),
        ([*RUN, "--model", "nope/m.yaml"], "nope/m.yaml: no such file\n      fix: give the path of a YAML file\n"),
        (["show", "tow_body_lif"], "no model or protocol named 'tow_body_lif'\n      fix: did you mean 'two_body_lif'?\n"),
        (["graph", "tow_body_lif"], "no model named 'tow_body_lif'\n      fix: did you mean 'two_body_lif'?\n"),
        (["schema", "nope"], "no file kind named 'nope'\n      fix: use one of: model, protocol, cell, synapse\n"),
        (["plot", "nope"], "there is no directory nope: name one that 'neuroam run' has written\n"),
        (["graph", "two_body_lif", "-o", "x.gif"],
         "x.gif: no figure format '.gif'\n      fix: end the name in one of: .svg, .png, .pdf, .graphml, .dot\n"),
    ],
)  # fmt: skip
def test_things_that_are_not_there(neuroam, arguments, message):
    done = neuroam(*arguments)
    assert (done.code, done.out, done.err) == (2, "", message)


def test_a_model_where_a_protocol_is_expected_and_the_other_way_round(neuroam):
    done = neuroam("run", "two_body_lif")
    assert done.code == 2
    assert "'two_body_lif' is a model, not a protocol" in done.err
    assert "--model two_body_lif" in done.err
    done = neuroam(*RUN, "--model", "recall_digits")
    assert done.code == 2
    assert "'recall_digits' is a protocol, not a model" in done.err


@pytest.mark.parametrize(
    ("setting", "what", "fix"),
    [
        ("trials", "expected PATH=VALUE", "for instance trials=20"),
        ("=3", "expected PATH=VALUE", "for instance trials=20"),
        ("trial=3", "unknown key 'trial'", "did you mean 'trials'?"),
        ("trials=three", "trials: expected a whole number of trials", "write 20, {each_pattern: 1} or {patterns: [0, 4]}"),
        ("trials.each_pattern=1", "trials: 'trials' has no parts, so 'each_pattern' cannot be set in it",
         "set 'trials' as a whole"),
        ("epochs.cu.duration=3 ms", "epochs: nothing named 'cu' here", "did you mean 'cue'?"),
        ("epochs[7].duration=3 ms", "epochs: nothing named '7' here", "use one of: cue, settle"),
        ("epochs.cue.duration=3", "epochs[0].duration: '3' is a plain number, not a time",
         "write for instance 200 ms, or 40 steps"),
        ("epochs.cue.duration=[3", "epochs.cue.duration: cannot read the value: not valid YAML: while parsing a flow "
         "sequence expected ',' or ']', but got '<stream end>'", "check that every bracket and quote is closed"),
        ("populations.hiden.params.beta=3", "populations: nothing named 'hiden' here", "did you mean 'hidden'?"),
        ("populations.hidden.params.bta=3", "populations.hidden.params.bta: no parameter of cell 'softmax' named 'bta'",
         "did you mean 'beta'?"),
        ("populations.hidden.params.tau=3", "populations.hidden.params.tau: '3' is a plain number but 'tau' is in s",
         "give it a unit such as ms"),
        ("model=two_body_lf", "model: no model named 'two_body_lf'", "did you mean 'two_body_lif'?"),
        ("format=2", "'format' cannot be set from outside", "write it into the file"),
        ("seeds.noises=7", "seeds: unknown key 'noises'", "did you mean 'noise'?"),
        ("measure.overlap.port=memry", "measure.overlap.port: no port with patterns named 'memry'", "did you mean 'memory'?"),
    ],
)  # fmt: skip
def test_settings_that_are_wrong(neuroam, setting, what, fix):
    done = neuroam(*RUN, "--set", setting)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"--set {setting}: {what}\n      fix: {fix}\n"


def test_all_wrong_settings_are_told_at_once(neuroam):
    done = neuroam(*RUN, "--set", "trial=3", "--set", "seeds.noise=x", "--set", "populations.hidden.cell=softmx")
    assert done.code == 2
    assert done.err.count("      fix: ") == 3


def test_a_model_may_be_chosen_by_a_setting(neuroam):
    assert "model two_body_power: " in neuroam("show", "recall_random", "--set", "model=two_body_power").out


def test_a_model_alone_takes_no_settings_of_a_protocol(neuroam):
    done = neuroam("show", "two_body_softmax", "--set", "trials=3")
    assert done.code == 2
    assert "unknown key 'trials'" in done.err
    assert "beta = 2\n" in neuroam("show", "two_body_softmax", "--set", "populations.hidden.params.beta=2").out


def test_an_output_in_the_way_is_told_before_the_run(neuroam, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("", encoding="utf-8")
    done = neuroam(*RUN, "-o", "file")
    assert (done.code, done.err) == (2, "file is a file: name a directory with -o\n")
    for more in ([], ["--overwrite"]):
        done = neuroam(*RUN, "-o", "folder", *more)
        assert done.code == 2
        assert done.err == "folder holds something that is not a run: name another directory with -o\n"
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("target", ["/dev/null/run", "/proc/nope/run", "file/run", "x" * 300])
def test_a_place_that_cannot_be_written_is_told_before_the_run(neuroam, tmp_path, target):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = neuroam(*RUN, "-o", target)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(("cannot write to ", "cannot use "))
    assert done.err.endswith(": name another directory with -o\n")


def test_a_directory_that_is_not_a_run(neuroam, tmp_path):
    done = neuroam("plot", ".")
    assert (done.code, done.err) == (2, ". is not a whole run (no provenance.json): name another, or run it again\n")
    for text in ("", "[]", "{}", "{\x00"):
        (tmp_path / "provenance.json").write_text(text, encoding="utf-8")
        done = neuroam("plot", ".")
        assert done.code == 2
        assert done.err.startswith(". is damaged (")


@pytest.mark.parametrize("command", [["schema", "model"], ["graph", "two_body_lif"]])
def test_files_that_cannot_be_written(neuroam, command):
    done = neuroam(*command, "-o", "nowhere/x.dot")
    assert (done.code, done.err) == (2, "nowhere/x.dot: cannot write the file: No such file or directory\n")


def test_a_compiler_that_is_not_there(neuroam, monkeypatch):
    monkeypatch.setenv("CXX", "/nonexistent/g++")
    done = neuroam(*RUN, "--device", "cpp")
    assert (done.code, done.out) == (3, "")
    assert done.err == "no C++ compiler found: install g++, set CXX, or use --device numpy\n"


def test_a_gpu_that_is_not_there(neuroam, monkeypatch):
    from neuroam.sim import cuda_tools

    monkeypatch.setattr(cuda_tools, "gpu", lambda: "the driver's library libcuda.so.1 is missing")
    done = neuroam(*RUN, "--device", "cuda")
    assert (done.code, done.out) == (3, "")
    assert "no NVIDIA GPU found: the driver's library libcuda.so.1 is missing\n" in done.err
    assert done.err.endswith("      fix: use --device cpp or numpy here\n")


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("x"), RecursionError("deep")])
def test_a_bug_says_how_to_report_it_and_shows_its_trace_only_on_demand(neuroam, monkeypatch, error):
    from neuroam.spec import catalogue

    def broken() -> None:
        raise error

    monkeypatch.setattr(catalogue, "catalogue", broken)
    done = neuroam("list")
    assert done.code == 1
    assert done.err.startswith(f"internal error: {type(error).__name__}: ")
    assert "fix: run again with --debug" in done.err


def test_too_little_memory_is_no_bug(neuroam, monkeypatch):
    from neuroam.spec import catalogue

    def hungry() -> None:
        raise MemoryError

    monkeypatch.setattr(catalogue, "catalogue", hungry)
    done = neuroam("list")
    assert done.code == 1
    assert done.err == "the machine has not enough memory: ask for fewer trials, cells or patterns\n"


def test_an_interrupt_says_that_nothing_was_written(neuroam, monkeypatch):
    from neuroam.spec import catalogue

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(catalogue, "catalogue", interrupted)
    done = neuroam("list")
    assert (done.code, done.err) == (1, "interrupted: nothing was written\n")
