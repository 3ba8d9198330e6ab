"""A sweep is a grid of runs: labelled, resumed without loss, and honest about what failed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import neuroam
from neuroam import pipeline, sweeps
from neuroam.commands.sweeping import table
from neuroam.errors import RunError, SpecError, StoreError
from neuroam.spec.axes import Axis, AxisError, axis_over, values_of

PROTOCOL = """
format: 1
title: Small
model: two_body_softmax
patterns: {memory: {bernoulli: {size: 12, count: 3}}}
epochs:
  - {name: cue, duration: 4 ms, show: {corrupt: [{flip: {fraction: 0.1}}]}, into: memory}
  - {name: settle, duration: 6 ms}
trials: 4
sweep:
  populations.hidden.params.beta: [0.1, 2]
  epochs.cue.show.corrupt.0.flip.fraction: {from: 0, to: 0.2, step: 0.1}
measure: {overlap: {port: memory}, overlap_course: {port: memory, bin: 2 ms}}
"""


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(PROTOCOL.replace(", bin: 2 ms", ""), encoding="utf-8")
    return path


def swept(protocol, folder, **more):
    return neuroam.sweep(protocol, folder=folder, device="numpy", **more)


def test_every_point_is_a_run_of_its_own(protocol, tmp_path):
    found = swept(protocol, tmp_path / "out")
    assert found.measures["overlap"].dims == ("beta", "fraction", "trial")
    assert found.measures["overlap_course"].dims[:3] == ("beta", "fraction", "trial")
    assert found.measures["overlap"].coords["fraction"].to_numpy().tolist() == [0.0, 0.1, 0.2]
    settings = {"populations.hidden.params.beta": 2, "epochs.cue.show.corrupt.0.flip.fraction": 0.1}
    alone = neuroam.run(protocol, settings=settings, device="numpy")
    assert np.array_equal(found.measures["overlap"].sel(beta=2, fraction=0.1), alone.measures["overlap"])
    assert not np.array_equal(found.measures["overlap"].sel(fraction=0.1), found.measures["overlap"].sel(fraction=0.2))
    assert (tmp_path / "out" / "sweep.png").stat().st_size > 5000


def test_what_is_there_is_not_run_again_and_the_numbers_are_those_of_one_go(protocol, tmp_path, monkeypatch):
    whole = swept(protocol, tmp_path / "whole")
    ran = []
    run = pipeline.run

    def until_the_third(spec, *arguments, **more):
        ran.append(spec)
        if len(ran) == 3:
            raise KeyboardInterrupt
        return run(spec, *arguments, **more)

    monkeypatch.setattr(pipeline, "run", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        swept(protocol, tmp_path / "out")
    assert not (tmp_path / "out" / "sweep.json").exists()
    with pytest.raises(StoreError, match="is not a whole sweep"):
        sweeps.read(tmp_path / "out")
    again = swept(protocol, tmp_path / "out")
    assert len(ran) == 3 + 4  # two points were there
    for name, array in whole.measures.items():
        assert array.identical(again.measures[name])
    swept(protocol, tmp_path / "out")
    assert len(ran) == 7
    # another seed is another sweep, and one more value is one more run per value of the other axis
    swept(protocol, tmp_path / "out", settings={"seed": 3}, overwrite=True)
    assert len(ran) == 13
    more = {"populations.hidden.params.beta": [0.1, 2, 3], "epochs.cue.show.corrupt.0.flip.fraction": [0, 0.1]}
    swept(protocol, tmp_path / "out", over=more, overwrite=True)
    assert len(ran) == 15


def test_a_sweep_is_read_back(protocol, tmp_path):
    found = swept(protocol, tmp_path / "out")
    read = sweeps.read(tmp_path / "out")
    assert read.axes == found.axes
    assert read.title == "Small"
    assert read.measures["overlap"].equals(found.measures["overlap"])
    (tmp_path / "out" / "sweep.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StoreError, match="is damaged"):
        sweeps.read(tmp_path / "out")


def test_points_that_fail_are_tried_again_told_and_left_empty(protocol, tmp_path, monkeypatch):
    run, failing = pipeline.run, []

    def fails_at_strong(spec, *arguments, **more):
        beta = spec.model.spec.populations["hidden"].params["beta"].value
        if beta == 2:
            failing.append(spec)
            raise RunError("no luck")
        return run(spec, *arguments, **more)

    monkeypatch.setattr(pipeline, "run", fails_at_strong)
    found = swept(protocol, tmp_path / "out")
    assert len(failing) == 6  # three points, twice
    assert len(found.failed) == 3
    assert set(found.failed.values()) == {"no luck"}
    key = "populations.hidden.params.beta=2, epochs.cue.show.corrupt.0.flip.fraction=0.1"
    assert key in found.failed
    assert np.isnan(found.measures["overlap"].sel(beta=2)).all()
    assert np.isfinite(found.measures["overlap"].sel(beta=0.1)).all()
    told = found.as_json(None)
    assert (told["done"], told["failed"]) == (3, 3)
    assert told["measures"]["overlap"]["mean"][1] == [None, None, None]
    monkeypatch.setattr(pipeline, "run", run)
    mended = swept(protocol, tmp_path / "out")
    assert not mended.failed
    assert np.isfinite(mended.measures["overlap"]).all()


def test_a_point_that_fails_once_is_mended(protocol, tmp_path, monkeypatch):
    run, calls = pipeline.run, []

    def fails_first(spec, *arguments, **more):
        calls.append(spec)
        if len(calls) == 1:
            raise RunError("no luck")
        return run(spec, *arguments, **more)

    monkeypatch.setattr(pipeline, "run", fails_first)
    found = swept(protocol, tmp_path / "out")
    assert (len(calls), dict(found.failed)) == (7, {})


def test_a_point_that_cannot_be_read_is_run_again(protocol, tmp_path):
    whole = swept(protocol, tmp_path / "out")
    first, second, *_ = sorted((tmp_path / "out" / "points").glob("*.npz"))
    first.write_bytes(first.read_bytes()[:2000])
    second.write_bytes(b"")
    again = swept(protocol, tmp_path / "out")
    assert again.measures["overlap"].identical(whole.measures["overlap"])


def test_a_wrong_point_is_not_tried_twice(protocol, tmp_path, monkeypatch):
    run, calls = pipeline.run, []

    def counted(spec, *arguments, **more):
        calls.append(spec)
        return run(spec, *arguments, **more)

    monkeypatch.setattr(pipeline, "run", counted)
    found = swept(protocol, tmp_path / "out", over={"epochs.cue.show.pattern": [0, 99]})
    assert len(calls) == 2
    assert len(found.failed) == 1


def test_another_sweep_is_refused_and_nothing_of_an_earlier_one_stays(protocol, tmp_path):
    other = protocol.with_name("other.yaml")
    other.write_text(protocol.read_text(encoding="utf-8"), encoding="utf-8")
    swept(protocol, tmp_path / "out")
    with pytest.raises(
        StoreError,
        match="holds a sweep of small on two_body_softmax over epochs.*beta: name another directory with -o, or give --overwrite",
    ):
        swept(other, tmp_path / "out")
    with pytest.raises(StoreError, match="holds a sweep"):
        swept(protocol, tmp_path / "out", over={"seed": [1, 2]})
    table = (tmp_path / "out" / "sweep.json").read_bytes()
    with pytest.raises(StoreError, match="with other settings.*give --overwrite to replace its table .its points stay"):
        swept(protocol, tmp_path / "out", settings={"seed": 77})
    assert (tmp_path / "out" / "sweep.json").read_bytes() == table
    points = set((tmp_path / "out" / "points").glob("*.npz"))
    swept(protocol, tmp_path / "out", settings={"seed": 77}, overwrite=True)
    assert points < set((tmp_path / "out" / "points").glob("*.npz"))
    with pytest.raises(StoreError, match="with other settings"):
        swept(protocol, tmp_path / "out")
    swept(protocol, tmp_path / "out", overwrite=True)
    fewer = {"populations.hidden.params.beta": [2], "epochs.cue.show.corrupt.0.flip.fraction": [0, 0.1, 0.2]}
    with pytest.raises(StoreError, match="holds a sweep that has more values: name another"):
        swept(protocol, tmp_path / "out", over=fewer)
    with pytest.raises(StoreError, match="holds a sweep on numpy: name another"):
        neuroam.sweep(protocol, folder=tmp_path / "out", device="cpp")
    (tmp_path / "out" / "theory.nc").write_bytes(b"old")
    swept(protocol, tmp_path / "out")
    assert not (tmp_path / "out" / "theory.nc").exists()


def test_json_says_what_the_design_says(protocol, tmp_path):
    told = swept(protocol, tmp_path / "out").as_json(tmp_path / "out")
    json.dumps(told, allow_nan=False)
    assert told["reasons"] == {}
    assert told["axes"] == {"populations.hidden.params.beta": [0.1, 2],
                            "epochs.cue.show.corrupt.0.flip.fraction": [0, 0.1, 0.2]} or told["axes"][
        "epochs.cue.show.corrupt.0.flip.fraction"] == [0.0, 0.1, 0.2]  # fmt: skip
    mean, interval = told["measures"]["overlap"]["mean"], told["measures"]["overlap"]["ci95"]
    assert (len(mean), len(mean[0])) == (2, 3)
    pairs = [pair for row in interval for pair in row]
    means = [value for row in mean for value in row]
    assert sum(pair is not None for pair in pairs) >= 3  # an overlap of 1 in all trials has none
    assert all(pair is None or pair[0] <= value <= pair[1] for value, pair in zip(means, pairs, strict=True))


def test_axes_have_short_names_that_tell_them_apart():
    axes = [Axis(path, (1,)) for path in ("a.b.tau", "a.c.tau", "seed", "d.c.tau")]
    assert list(sweeps.dims_of(axes)) == ["b.tau", "a.c.tau", "seed", "d.c.tau"]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (("{additive: {of: memory}}", {"surrogate": {"of": "memory"}}), ["additive", "surrogate"]),
        (("60 mV", {"constant": {"gain": "9 mV"}}), ["60 mV", "constant"]),
        (({"normal": {"sd": 1}}, {"normal": {"sd": 2}}), ["{'normal': {'sd': 1}}", "{'normal': {'sd': 2}}"]),
        (("[unclosed", "{flip: 3}"), ["[unclosed", "{flip: 3}"]),
        (("0.5", "2"), [0.5, 2.0]),
    ],
)
def test_calls_on_an_axis_are_named_by_their_functions(values, labels):
    assert sweeps.coordinate(Axis("matrices.w", values)) == labels


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ([1, 2.5, "a"], (1, 2.5, "a")),
        ({"from": 0, "to": 0.9, "step": 0.3}, (0.0, 0.3, 0.6, 0.9)),
        ({"from": 10, "to": 1, "step": -4}, (10, 6, 2)),
        ({"from": 0, "to": 0.29, "step": 0.1}, (0.0, 0.1, 0.2)),
        ({"log": {"from": 1, "to": 100, "count": 3}}, (1, 10, 100)),
        ({"log": {"from": 1, "to": 1000, "count": 4}}, (1, 10, 100, 1000)),
        ({"log": {"from": 0.5, "to": 2, "count": 3}}, (0.5, 1.0, 2.0)),
        ({"log": {"from": 2, "to": 50, "count": 5, "whole": True}}, (2, 4, 10, 22, 50)),
        ({"log": {"from": 1, "to": 3, "count": 5, "whole": True}}, (1, 2, 3)),
    ],
)
def test_the_values_of_an_axis(raw, values):
    found = values_of(raw)
    assert found == values  # to the last digit
    assert list(map(type, found)) == list(map(type, values))


@pytest.mark.parametrize(
    "raw",
    [[], {}, 3, "a", {"from": 0, "to": 1}, {"from": 0, "to": 1, "step": 0}, {"from": 0, "to": 1, "step": -1},
     {"from": 0, "to": 1e9, "step": 1e-9}, {"from": "a", "to": 1, "step": 1}, {"from": True, "to": 1, "step": 1},
     {"log": {"from": 0, "to": 1, "count": 3}}, {"log": {"from": 1, "to": 2, "count": 1}}, {"log": 3},
     {"log": {"from": 1, "to": 2, "count": True}}, {"log": {"from": 1, "to": 2, "count": 2, "whole": 1}}, {"from": float("inf"), "to": 1, "step": 1}],
)  # fmt: skip
def test_values_that_make_no_sense(raw):
    with pytest.raises(AxisError) as caught:
        values_of(raw)
    assert len(caught.value.args) == 2


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"over": {"populations.hidden.params.bet": [1, 2]}}, "bet"),
        ({"over": {"populations.hidden.params.beta": [1, "2 mV"]}}, "2 mV"),
        ({"settings": {"sweep": {}}}, "nothing says what varies"),
        ({"settings": {"measure": {}}}, "nothing is measured"),
        ({"over": {"seed": [1, 2, 1]}}, "the value 1 stands there twice"),
        (
            {
                "settings": {
                    "sweep": {
                        "seed": {"from": 1, "to": 1000, "step": 1},
                        "seeds.noise": {"from": 1, "to": 1000, "step": 1},
                    }
                }
            },
            "1000000 points are more than 200000",
        ),
        (
            {
                "settings": {
                    "sweep": {"trials": [3], "theory": {"cluster_threshold": {"axis": "trials", "port": "memory"}}}
                }
            },
            "a place on an axis that ends in 'fraction'",
        ),
        ({"settings": {"sweep": {"trials": {"from": 1, "to": 3, "step": 5}}}}, "longer than the range"),
        ({"settings": {"sweep": {"populations.hiden.params.beta": [1]}}}, "hiden"),
        ({"settings": {"sweep": {"trials": 3}}}, "expected values or a range"),
        ({"settings": {"sweep": {"trials": [3], "pair": False}}}, "share their seeds"),
        ({"settings": {"sweep": {"trials": [3], "theory": 3}}}, "expected predictions by name"),
        (
            {"settings": {"sweep": {"trials": [3], "theory": {"cluster_threshold": {"axis": "trial"}}}}},
            "no axis 'trial'",
        ),
        ({"settings": {"sweep": {"trials": [3], "theory": {"threshold": {"axis": "trials"}}}}}, "no prediction named"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(protocol, tmp_path, monkeypatch, more, said):
    monkeypatch.setattr(pipeline, "run", None)
    with pytest.raises(SpecError, match=said):
        swept(protocol, tmp_path / "out", **more)


@pytest.mark.parametrize("values", ["[0.1, 0.1]", "[0.1, bad]", "[0.1, -1 mV, -2 mV]"])
def test_a_wrong_axis_is_shown_where_it_stands(protocol, tmp_path, values):
    protocol.write_text(protocol.read_text("utf-8").replace("params.beta: [0.1, 2]", f"params.beta: {values}"), "utf-8")
    with pytest.raises(SpecError) as caught:
        swept(protocol, tmp_path / "out")
    assert {(problem.where.file, problem.where.line) for problem in caught.value.problems} == {(str(protocol), 11)}


def test_an_axis_that_an_epoch_sets_is_refused(tmp_path):
    said = "the epoch 'recall' sets 'upsilon' from the start"
    with pytest.raises(SpecError, match=said) as caught:
        neuroam.sweep("recall_learned", over={"controls.upsilon": [0, 0.4]}, folder=tmp_path / "out")
    assert "vary epochs.recall.set.upsilon" in str(caught.value)


def test_a_folder_with_something_else_is_left_alone(protocol, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("all of it", encoding="utf-8")
    with pytest.raises(StoreError, match="not an empty directory"):
        swept(protocol, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]


@pytest.mark.slow
def test_theory_gives_a_place_on_its_axis(tmp_path):
    fraction = "epochs.recall.show.corrupt.0.add.fraction"
    settings = {
        "patterns.memory.subspace": {"count": 3, "size": 60, "clusters": 5, "degree": 2, "generators": 6},
        "matrices.w.null_space.inputs": 12, "epochs.recall.duration": "300 steps", "measure": {"steps": {"population": "turn"}},
        "sweep": {fraction: [0.05, 0.3], "controls.upsilon": [0.0, 0.2],
                  "theory": {"cluster_threshold": {"axis": fraction, "port": "memory"}}},
    }  # fmt: skip
    found = neuroam.sweep("noise_benefit", settings=settings, folder=tmp_path / "out", device="numpy")
    line = found.lines["cluster_threshold"]
    assert line.dims == ("upsilon",)
    assert line.attrs["axis"] == "fraction"
    assert ((line > 0) & (line < 1)).all()
    assert sweeps.read(tmp_path / "out").lines["cluster_threshold"].equals(line)
    found.figure("curves")
    found.figure("map")


def test_a_model_is_an_axis_like_any_other(protocol, tmp_path):
    models = ["two_body_softmax", "two_body_power"]
    axes = {"model": models, "epochs.cue.show.corrupt.0.flip.fraction": [0, 0.2]}
    found = neuroam.sweep(protocol, over=axes, folder=tmp_path / "out", device="numpy")
    assert found.measures["overlap"].dims == ("model", "fraction", "trial")
    for model in models:
        alone = neuroam.run(protocol, model, device="numpy").measures["overlap"]  # a tenth of the units flipped
        again = neuroam.run(protocol, model, {"epochs.cue.show.corrupt.0.flip.fraction": 0.2}, device="numpy").measures[
            "overlap"
        ]
        assert np.array_equal(found.measures["overlap"].sel(model=model, fraction=0.2), again)
        assert not np.array_equal(alone, again)
    assert (tmp_path / "out" / "sweep.png").stat().st_size > 5000


def test_a_model_given_beside_an_axis_of_models_is_refused_rather_than_ignored(protocol, tmp_path):
    with pytest.raises(SpecError) as refused:
        neuroam.sweep(
            protocol, "two_body_power", over={"model": ["two_body_softmax"]}, folder=tmp_path / "out", device="numpy"
        )
    assert "the model is an axis, and 'two_body_power' is given besides" in str(refused.value)


def test_a_sweep_of_which_every_point_failed_is_kept_with_its_reasons(tmp_path):
    from neuroam.report import write
    from neuroam.sweeps.swept import Swept, save

    (tmp_path / "points").mkdir()
    axes, failed = [Axis("seed", (1, 2))], {"seed=1": "<why>", "seed=2": "<why>"}
    facts = {"protocol": "recall_random", "model": "two_body_softmax", "settings": []}
    save(Swept("Nothing", axes, {}, {}, failed), tmp_path, facts)
    found = sweeps.read(tmp_path)
    assert (dict(found.failed), found.measures) == (failed, {})
    assert sweeps.rows(found) == [["seed"], ["1"], ["2"]]
    page = write(tmp_path).read_text(encoding="utf-8")
    assert page.count("&lt;why&gt;") == 2
    assert "<img" not in page


def test_theory_is_told_by_words_and_numbers_where_it_says_something():
    axes = [Axis("patterns.memory.bernoulli.count", (2, 5)), Axis("model", ("one", "other"))]
    coords = {"count": [2, 5], "model": ["one", "other"]}
    error = xr.DataArray(np.zeros((2, 2, 3)), dims=("count", "model", "trial"), coords=coords)
    law = xr.DataArray([[0.1, np.nan], [0.25, np.nan]], dims=("count", "model"), coords=coords)
    told = table(sweeps.Swept("Small", axes, {"error": error}, {"law": law.assign_attrs(measure="error")}))
    assert told.splitlines()[-1] == "theory, law (error): 0.1 at count 2, one; 0.25 at count 5, one"


def test_theory_that_is_the_same_in_all_cases_is_told_once():
    axes = [Axis("patterns.memory.bernoulli.count", (2, 5)), Axis("model", ("one", "control", "other"))]
    coords = {"count": [2, 5], "model": ["one", "control", "other"]}
    error = xr.DataArray(np.zeros((2, 3, 3)), dims=("count", "model", "trial"), coords=coords)
    law = xr.DataArray([[0.1, np.nan, 0.1], [0.25, np.nan, 0.25]], dims=("count", "model"), coords=coords)
    told = table(sweeps.Swept("Small", axes, {"error": error}, {"law": law.assign_attrs(measure="error")}))
    assert told.splitlines()[-1] == "theory, law (error): 0.1 at count 2; 0.25 at count 5"


TOGETHER = ("populations.hidden.params.beta", "epochs.cue.show.corrupt.0.flip.fraction")


def test_axes_that_go_together_are_one(protocol, tmp_path):
    """Every point is that of a run alone; both values stand along one dimension, also where one stands there twice."""
    points = [(0.1, 0.0), (2, 0.2), (2, 0.1)]
    found = swept(protocol, tmp_path / "out", over={TOGETHER: points, "seed": [1, 2]})
    overlap = found.measures["overlap"]
    assert overlap.dims == ("beta", "seed", "trial")
    assert overlap.coords["beta"].to_numpy().tolist() == [0.1, 2.0, 2.0]
    assert overlap.coords["fraction"].dims == ("beta",)
    assert overlap.coords["fraction"].to_numpy().tolist() == [0.0, 0.2, 0.1]
    alone = neuroam.run(protocol, settings={**dict(zip(TOGETHER, points[1], strict=True)), "seed": 2}, device="numpy")
    assert np.array_equal(overlap.isel(beta=1, seed=1), alone.measures["overlap"])
    told = found.as_json(None)
    assert told["zip"] == [list(TOGETHER)]
    assert told["axes"][TOGETHER[1]] == [0.0, 0.2, 0.1]
    head, *rows = table(found).splitlines()
    assert head.split()[:4] == ["beta", "fraction", "seed", "overlap"]
    assert [row.split()[:3] for row in rows[2:4]] == [["2", "0.2", "1"], ["2", "0.2", "2"]]
    read = sweeps.read(tmp_path / "out")
    assert read.axes == found.axes
    assert read.measures["overlap"].equals(overlap)


def test_a_block_has_several_axes_that_go_together(protocol, tmp_path):
    first = dict(zip(TOGETHER, ([0.1, 2], {"from": 0, "to": 0.2, "step": 0.2}), strict=True))
    more = [first, {"seed": [1, 2, 3], "trials": [2, 4, 2]}]
    for block in ({"zip": first, "seed": [1]}, {"zip": more}):
        found = sweeps.asked(str(protocol), settings=[f"sweep={json.dumps(block)}"])
        assert found.shape == (2, len(block.get("seed", "abc")))
        assert found.named((1, 0))[:2] == [f"{TOGETHER[0]}=2", f"{TOGETHER[1]}=0.2"]


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"zip": {"seed": [1, 2], "trials": [3]}}, "sweep.zip.trials: 'trials' has 1 values, and 'seed' has 2"),
        ({"zip": {"seed": [1, 2]}}, "sweep.zip: expected at least two axes that go together"),
        ({"zip": [{"seed": [1], "trials": [2]}, 3]}, "sweep.zip[1]: expected at least two axes"),
        ({"zip": {"seed": [1], "trials": 3}}, "sweep.zip.trials: expected values or a range"),
        ({"zip": {"seed": [1], "trails": [3]}}, "sweep.zip.trails: unknown key 'trails'"),
        ({"zip": {"seed": [1, 1], "trials": [2, 2]}}, "the value 1, 2 stands there twice"),
        ({"zip": {"seed": [1, 2], "trials": [2, 3]}, "trials": [1]}, "trials: the axis is given twice"),
    ],
)  # fmt: skip
def test_axes_that_do_not_go_together(protocol, block, said):
    with pytest.raises(SpecError) as caught:
        sweeps.asked(str(protocol), settings=[f"sweep={json.dumps(block)}"])
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("seed=1,2", {"seed": (1, 2)}),
        ("a.b, c=1:2 ,3:4", {"a.b": (1, 3), "c": (2, 4)}),
        ("a,b={x: 1}:[1, 2],'u:v':2 mV", {"a": ("{x: 1}", "'u:v'"), "b": ([1, 2], "2 mV")}),
        ("a=x:y", {"a": ("x:y",)}),
    ],
)
def test_axes_of_the_command_line(text, axes):
    axis = axis_over(text)
    assert {part.path: part.values for part in axis.together} == axes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b=1:2,3", "2 paths go together, but '3' is 1"),
        ("a,b=1:2:3", "2 paths go together, but '1:2:3' is 3"),
        ("a,=1:2", "expected PATH=V1,V2,..."),
        ("a,b=1:", "expected PATH=V1,V2,..."),
        ("a", "expected PATH=V1,V2,..."),
        ("a=", "expected PATH=V1,V2,..."),
    ],
)
def test_axes_of_the_command_line_that_make_no_sense(text, said):
    with pytest.raises(SpecError) as caught:
        axis_over(text)
    assert str(caught.value).startswith(f"--over {text}: {said}")


def test_points_with_other_labels_are_joined_by_them(protocol, tmp_path):
    found = swept(protocol, tmp_path / "out", over={"trials": [2, 3, 1]}).measures["overlap"]
    assert found.dims == ("trials", "trial")
    assert found.coords["trial"].to_numpy().tolist() == [0, 1, 2]
    assert np.isfinite(found).sum("trial").to_numpy().tolist() == [2, 3, 1]
    alone = neuroam.run(protocol, settings={"trials": 3}, device="numpy")
    assert np.array_equal(found.sel(trials=3), alone.measures["overlap"])


def test_points_that_measure_other_things_of_the_same_run_are_simulated_once(protocol, tmp_path, monkeypatch):
    over = {"seed": [1, 2], "measure.overlap_course.width": ["1 ms", "2 ms"]}
    simulate, times = pipeline.simulate, []

    def counted(*arguments, **more):
        times.append(arguments)
        return simulate(*arguments, **more)

    monkeypatch.setattr(pipeline, "simulate", counted)
    found = swept(protocol, tmp_path / "out", over=over).measures["overlap_course"]
    assert len(times) == 2
    for seed in (1, 2):
        for width in ("1 ms", "2 ms"):
            one = {"seed": seed, "measure.overlap_course.width": width}
            alone = neuroam.run(protocol, settings=one, device="numpy").measures["overlap_course"]
            assert alone.sizes["time"] == {"1 ms": 10, "2 ms": 5}[width]
            assert np.array_equal(found.sel(seed=seed, width=width).sel(alone.coords), alone)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("seed={from: 1, to: 3, step: 1}", (1, 2, 3)),
        ("a.b={log: {from: 1, to: 100, count: 3}}", (1.0, 10.0, 100.0)),
        ("start.cells.v={uniform: {low: 0, high: 1}}", ("{uniform: {low: 0, high: 1}}",)),
        ("a.ramp={from: 0, to: 1, over: 9 ms}", ("{from: 0, to: 1, over: 9 ms}",)),
    ],
)
def test_ranges_on_the_command_line(text, values):
    assert axis_over(text).values == pytest.approx(values) if "log" in text else axis_over(text).values == values


@pytest.mark.parametrize(
    "text",
    [
        "seed={from: 1, to: 3}",
        "seed={from: 1, to: 3, step: 0}",
        "seed={from: 1, to: 3, stp: 1}",
        "seed={from: 1",
    ],
)
def test_ranges_on_the_command_line_that_make_no_sense(text):
    with pytest.raises(SpecError, match="--over seed="):
        axis_over(text)


def test_what_a_measure_says_beside_its_numbers_belongs_to_its_point(protocol, tmp_path):
    """`winner` has the overlaps of its winners as a coordinate: those of one point are not those of all."""
    settings = {"measure": {"winner": {"port": "memory"}}}
    found = swept(protocol, tmp_path / "out", over={"seed": [1, 2]}, settings=settings).measures["winner"]
    assert found.dims == ("seed", "trial")
    assert set(found.coords) == {"seed", "trial"}
    for seed in (1, 2):
        alone = neuroam.run(protocol, settings={**settings, "seed": seed}, device="numpy").measures["winner"]
        assert set(alone.coords) > {"trial"}
        assert np.array_equal(found.sel(seed=seed), alone)


@pytest.mark.parametrize("over", [True, False])
def test_a_range_of_whole_numbers_is_asked_for(protocol, over):
    """Where values come from the command line, and where they come from the block."""
    path = "patterns.memory.bernoulli.count"
    axis = "{log: {from: 2, to: 50, count: 5}}"
    given = (
        {"over": [f"{path}={axis}", "seed=1,2"]} if over else {"settings": [f"sweep={{{path}: {axis}, seed: [1, 2]}}"]}
    )
    with pytest.raises(SpecError) as caught:
        sweeps.asked(str(protocol), **given)
    wrong = caught.value.problems
    assert any(problem.where.file == f"--over {path}=4.472135955" for problem in wrong) == over
    assert all("expected a whole number" in problem.what for problem in wrong)
    assert {problem.fix for problem in wrong} == {
        "a range of whole numbers is {log: {from: 1, to: 100, count: 5, whole: true}}"
    }


def test_theory_without_end_is_null_in_json(protocol, tmp_path):
    found = swept(protocol, tmp_path / "out", over={"seed": [1]})
    endless = xr.DataArray([math.inf, math.nan], dims="seed", attrs={"measure": "overlap"})
    told = replace(found, lines={"law": endless}, failed={"seed=1": "no reason"}).as_json(None)
    assert told["theory"] == {"law": [None, None]}
    assert told["reasons"] == {"seed=1": "no reason"}
