"""Sliders: which value a name means, and what a change does; without a browser."""

from __future__ import annotations

import base64
import builtins
import io

import matplotlib.image
import pytest

import neuroam
from neuroam.errors import EnvironmentLacks, SpecError
from neuroam.notebook.knobs import knobs, path_of
from neuroam.planning import Asked

TINY = {
    "patterns.memory.bernoulli": {"size": 12, "count": 3},
    "trials": 3,
    "epochs.cue.duration": "4 ms",
    "epochs.settle.duration": "10 ms",
    "measure": {"overlap": {"port": "memory"}, "energy": {}},
}
SET = [f"{path}={value}" for path, value in TINY.items() if isinstance(value, int | str)]


def one(name, given, protocol="recall_random", model=None):
    return knobs(Asked(protocol, model, SET), {name: given})[0]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("beta", "populations.hidden.params.beta"),
        ("fraction", "epochs.cue.show.corrupt.0.flip.fraction"),
        ("bernoulli.count", "patterns.memory.bernoulli.count"),
        ("hidden__params__tau", "populations.hidden.params.tau"),
        ("populations.features.params.tau", "populations.features.params.tau"),
        ("seed", "seed"),
        ("networks", "networks"),
        ("record", "record"),
    ],
)
def test_a_name_is_the_end_of_a_path(name, path):
    given = [{}] if name == "record" else (0, 1) if name == "fraction" else (1, 2)
    assert one(name, given).path == path


def test_defaults_of_a_cell_can_be_varied():
    assert one("pool.params.threshold", ("10 mV", "20 mV"), model="two_body_lif").start == 15


@pytest.mark.parametrize(
    ("name", "given", "what"),
    [
        ("betta", (1, 2), "no value named 'betta'\n      fix: did you mean 'beta'? there are: epochs.cue.duration, "),
        (
            "tau",
            (1, 2),
            "'tau' could be several values\n      fix: name one by more of its words: populations.features",
        ),
        ("beta", (2, 1), "the range is empty"),
        ("beta", (1,), "is not a range"),
        ("beta", (1, 2, 0), "no step"),
        ("beta", (True, 2), "is not a range"),
        ("beta", 3, "expected a range or choices, not 3"),
        ("beta", [], "nothing to choose from"),
        ("hidden.params.tau", ("1 ms", "1 s"), "two units"),
        ("bernoulli.size", (0, 5), "must be at least 1"),
        ("model", ["two_body_softmax", "nothing"], "no model named 'nothing'"),
    ],
)
def test_a_wrong_name_or_range_is_told(name, given, what):
    with pytest.raises(SpecError, match="explore|--set") as raised:
        one(name, given)
    assert what in str(raised.value)


def test_all_wrong_names_are_told_at_once():
    with pytest.raises(SpecError) as raised:
        knobs(Asked("recall_random"), {"nothing": (1, 2), "tau": (1, 2)})
    assert len(raised.value.problems) == 2


def test_a_slider_has_the_unit_of_the_value_and_whole_numbers_where_nothing_else_can_be():
    tau = one("hidden.params.tau", (1, 6))
    assert (tau.unit, tau.start, tau.setting(2.5)) == (" ms", 2.0, "populations.hidden.params.tau=2.5 ms")
    count = one("bernoulli.count", (2, 9))
    assert (count.whole, count.start, count.setting(4)) == (True, 9, "patterns.memory.bernoulli.count=4")
    beta = one("beta", (1, 16))  # the value of the file, 0.5, is outside
    assert (beta.whole, beta.start, beta.step) == (False, 1.0, 0.2)
    assert path_of("beta", {"a.beta": 1}) == "a.beta"


@pytest.fixture(scope="module")
def explorer():
    return neuroam.explore("recall_random", settings=TINY, device="numpy", beta=(0.1, 16), fraction=(0, 0.5))


def shape(picture):
    return matplotlib.image.imread(io.BytesIO(picture), format="png").shape


def test_a_slider_runs_and_draws_again(explorer):
    explorer.controls["fraction"].value = 0.0
    first = explorer.result
    picture = explorer.picture.value
    assert shape(picture)[2] == 4
    assert "<th" in explorer.measures.value
    assert first.spec.protocol.document.data["epochs"][0]["show"]["corrupt"][0]["flip"]["fraction"] == 0
    explorer.controls["fraction"].value = 0.5
    assert explorer.result is not first
    assert explorer.result.measures["overlap"].mean() < first.measures["overlap"].mean()
    assert explorer.picture.value != picture
    assert "on numpy" in explorer.status.value
    assert explorer.settings[1] == "epochs.cue.show.corrupt.0.flip.fraction=0.5"


def test_another_figure_is_drawn_of_the_same_result(explorer):
    result, picture = explorer.result, explorer.picture.value
    explorer.kind.value = "energy"
    assert explorer.result is result
    assert explorer.picture.value != picture
    explorer.kind.value = "dwell"  # what it needs was not measured
    assert "needs the measure" in explorer.status.value
    assert explorer.picture.value == b""
    explorer.kind.value = "raster"
    assert explorer.picture.value


def test_a_change_that_fails_is_told_in_the_widget(explorer, monkeypatch):
    def failing(*_, **__):
        raise neuroam.errors.RunError("<it> went wrong")

    with monkeypatch.context() as patched:
        patched.setattr("neuroam.pipeline.run", failing)
        explorer.controls["beta"].value = 4.0
    assert "&lt;it&gt; went wrong" in explorer.status.value
    assert (explorer.result, explorer.picture.value, explorer.measures.value) == (None, b"", "")
    explorer.kind.value = "energy"  # nothing to draw
    assert explorer.picture.value == b""
    explorer.controls["beta"].value = 5.0
    assert explorer.picture.value
    assert "wrong" not in explorer.status.value


def test_it_is_shown_as_a_widget_and_as_a_picture_where_there_is_none(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert base64.b64decode(bundle["image/png"]) == explorer.picture.value


def test_what_needs_another_program_is_told_first(monkeypatch):
    monkeypatch.setattr("neuroam.notebook.explorer.Explorer.run", lambda _: None)
    monkeypatch.setattr("neuroam.sim.devices.choose", lambda _: ("cpp", ""))
    shown = neuroam.explore("recall_random", settings=TINY, beta=(0.1, 16), size=(12, 20))
    assert "patterns.memory.bernoulli.size: other values need another program" in shown.plan.value
    assert "beta" not in shown.plan.value


def test_an_unknown_figure_is_told():
    with pytest.raises(SpecError, match="did you mean 'raster'"):
        neuroam.explore("recall_random", kind="rastor", beta=(1, 2))


def test_without_widgets_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("ipywidgets"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentLacks, match=r"pip install 'neuroam\[jupyter\]'"):
        neuroam.explore("recall_random", beta=(1, 2))
