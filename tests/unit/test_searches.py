"""A search finds the largest number for which a measure holds: the same as looking at every number."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

import neuroam
from neuroam import pipeline, sweeps
from neuroam.commands.checking import check
from neuroam.commands.sweeping import table
from neuroam.errors import RunError, SpecError
from neuroam.spec.axes import AxisError
from neuroam.spec.sweep import search_of
from neuroam.sweeps.search import Bracket
from neuroam.sweeps.slopes import slopes_of

PROTOCOL = """
format: 1
title: Small
model: sequence_dense_self_free
patterns: {memory: {bernoulli: {size: 15, count: 5}}}
epochs: [{name: step, duration: 1 steps, show: {}, into: memory}]
trials: {each_pattern: 1}
networks: 4
record: {features: {variables: [s], every: 1 steps}}
measure: {frames_exact: {port: memory}}
sweep:
  populations.motifs.params.d: [1, 2]
  search: {most: {largest: patterns.memory.bernoulli.count, from: 2, to: 40, within: 0.02, while: {frames_exact: {at_least: 0.9}}}}
  theory: {law: {prediction: sequence_capacity, measure: most}}
"""


LIMIT = 4.62  # patterns per power of which nine tenths are exact below


def made_up(spec: Any, *_: Any, **__: Any) -> Any:
    """A run in no time: a share of exact frames that falls with the count, the later the higher the power."""
    count = spec.protocol.document.data["patterns"]["memory"]["bernoulli"]["count"]
    power = spec.model.spec.populations["motifs"].params["d"].value
    share = 1.0 / (1.0 + (count / (LIMIT * power)) ** 4 / 9.0)
    return SimpleNamespace(measures={"frames_exact": xr.DataArray([share - 0.02, share + 0.02], dims=("trial",))})


@pytest.fixture
def protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "run", made_up)
    path = tmp_path / "small.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


def bisected(margin, low=1, high=1000, within=0.01):
    bracket = Bracket(low, high, within)
    while (number := bracket.next()) is not None:
        bracket.learn(number, (margin(number), margin(number) - 0.1, margin(number) + 0.1))
    return bracket


@pytest.mark.parametrize("limit", [1, 2, 3, 17, 500, 998, 999])
def test_the_largest_number_is_found(limit):
    bracket = bisected(lambda n: 0.5 if n <= limit else -0.5)
    assert limit * 0.99 - 1 < bracket.low <= limit
    found, low, high = bracket.found()
    assert bracket.low <= found <= bracket.high <= bracket.low * 1.01 + 1
    assert low <= found <= high
    assert len(bracket.tried) < 16


def test_between_numbers_the_mean_is_a_line():
    """1 - log2(n)/6 crosses 1/2 at 8, whatever was tried around it; the ends of its interval at 0.4 and 0.6."""
    bracket = bisected(lambda n: 0.5 - math.log2(n) / 6, high=100, within=0.5)
    assert {min(bracket.tried), max(bracket.tried)} == {3, 15}  # as far as it takes to be sure
    assert bracket.found()[0] == pytest.approx(8, rel=1e-6)
    assert bracket.found()[1] == pytest.approx(2 ** (6 * 0.4), rel=1e-6)
    assert bracket.found()[2] == pytest.approx(2 ** (6 * 0.6), rel=1e-6)


def test_a_search_that_ends_at_its_limits():
    assert bisected(lambda n: 1.0).found()[0] == 1000
    assert all(math.isnan(end) for end in bisected(lambda n: -1.0).found())


def test_an_end_of_the_interval_that_is_out_of_reach_is_where_the_search_begins():
    assert bisected(lambda n: 0.05 if n <= 2 else -0.5, low=2).found()[1] == 2


def test_a_search_at_every_point(protocol, tmp_path):
    found = neuroam.sweep(protocol, folder=tmp_path / "out", device="numpy")
    most = found.measures["most"]
    assert most.dims == ("d",)
    assert most.to_numpy() == pytest.approx([LIMIT, 2 * LIMIT], rel=0.03)
    assert (most.coords["low"] <= most).all()
    assert (most <= most.coords["high"]).all()
    assert found.lines["law"].dims == ("d",)
    assert found.as_json(None)["measures"]["most"]["ci95"][1] == [most.coords[end].values[1] for end in ("low", "high")]
    assert sweeps.read(tmp_path / "out").measures["most"].equals(most)
    assert (tmp_path / "out" / "sweep.png").stat().st_size > 5000


def test_a_search_goes_on_where_it_was(protocol, tmp_path, monkeypatch):
    run, ran = pipeline.run, []

    def until_the_third(spec, *arguments, **more):
        ran.append(spec)
        if len(ran) == 3:
            raise KeyboardInterrupt
        return run(spec, *arguments, **more)

    monkeypatch.setattr(pipeline, "run", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        neuroam.sweep(protocol, folder=tmp_path / "out", device="numpy")
    again = neuroam.sweep(protocol, folder=tmp_path / "out", device="numpy")
    points = [(spec.protocol.document.data["patterns"], spec.model.document.data["populations"]) for spec in ran]
    assert points[2] == points[3]  # the one that was interrupted
    assert points[0] != points[1]
    assert not any(point in points[3:] for point in points[:2])
    whole = neuroam.sweep(protocol, folder=tmp_path / "whole", device="numpy")
    assert whole.measures["most"].identical(again.measures["most"])


def test_a_search_that_fails_is_told(protocol, tmp_path, monkeypatch):
    def fails(*arguments, **more):
        raise RunError("no luck")

    monkeypatch.setattr(pipeline, "run", fails)
    found = neuroam.sweep(protocol, folder=tmp_path / "out", device="numpy")
    assert set(found.failed.values()) == {"most: no luck"}
    assert np.isnan(found.measures["most"]).all()


def test_a_limit_that_is_met_is_told(protocol, tmp_path):
    from neuroam.sweeps import asked, sweep

    said = []
    search = "sweep.search.most={largest: patterns.memory.bernoulli.count, from: 2, to: 3, while: {frames_exact: {at_least: 0.5}}}"
    sweep(
        asked(str(protocol), None, [search], ["populations.motifs.params.d=3"]), tmp_path / "out", "numpy", said.append
    )
    assert "populations.motifs.params.d=3: most is at least 3, where the search ends" in said


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ({}, "a search has from, largest, to, while"),
        ({"from": 0}, "'from' is a whole number from 1"),
        ({"to": 2}, "'to' is not above 'from'"),
        ({"within": 0}, "'within' is a share above zero"),
        ({"while": {"frames_exact": 0.9}}, "at_least or at_most"),
        ({"while": {"frames_exact": {"above": 0.9}}}, "at_least or at_most"),
        ({"set": 3}, "'set' has values by dotted path"),
        ({"slope": {"seed": "linear"}}, "with which law the number grows"),
        ({"slope": "power"}, "with which law the number grows"),
    ],
)
def test_what_is_no_search(search, said):
    good = {
        "largest": "patterns.memory.bernoulli.count",
        "from": 2,
        "to": 40,
        "while": {"frames_exact": {"at_least": 0.9}},
    }
    with pytest.raises(AxisError, match=said):
        search_of(good | search if search else {})


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("sweep.search.most.while={bit_error: {at_most: 0.1}}", "nothing named 'bit_error' is measured"),
        ("sweep.search.most.largest=patterns.memory.bernouli.count", "patterns.memory.bernouli"),
        ("sweep.search.most.largest=nowhere.count", "unknown key 'nowhere'"),
        ("sweep.search=3", "expected searches by name"),
        ("sweep.search.most.slope={seed: power}", "no axis of numbers above zero 'seed'"),
        ("sweep.theory.law.measure=less", "no measure 'less'"),
        ("sweep.theory.law={prediction: sequence_capacity}", "needs its 'measure'"),
    ],
)
def test_what_a_search_cannot_mean(protocol, setting, said):
    with pytest.raises(SpecError, match=said) as caught:
        sweeps.asked(str(protocol), None, [setting])
    assert len(caught.value.problems) == 1


def test_a_check_sees_what_a_sweep_refuses(protocol):
    assert not check(str(protocol)).problems
    protocol.write_text(PROTOCOL.replace("params.d: [1, 2]", "params.d: [1, 1]"), encoding="utf-8")
    (problem,) = check(str(protocol)).problems
    assert "the value 1 stands there twice" in problem.what
    assert problem.where.line == 12


def test_what_is_searched_is_no_axis(protocol):
    with pytest.raises(SpecError, match="is an axis, and is searched too"):
        sweeps.asked(str(protocol), None, [], ["patterns.memory.bernoulli.count=3,4"])


def test_one_number_has_no_figure(protocol, tmp_path):
    over = json.dumps(
        json.loads(
            '{"most": {"largest": "patterns.memory.bernoulli.count", "from": 2, "to": 6, "while": {"frames_exact": {"at_least": 0.9}}}}'
        )
    )
    wanted = sweeps.asked(str(protocol), None, [f"sweep={{search: {over}}}"])
    found = sweeps.sweep(wanted, tmp_path / "out", "numpy")
    assert found.measures["most"].dims == ()
    assert not (tmp_path / "out" / "sweep.png").exists()


@pytest.mark.parametrize(
    ("law", "grows", "slope"), [("power", lambda n: 3 * n**1.5, 1.5), ("exponential", lambda n: 2 ** (0.3 * n), 0.3)]
)
def test_slopes_of_known_growth(law, grows, slope):
    """Along the axis that is named, for every other one; beside that of a prediction of the same measure."""
    size = np.array([10.0, 20.0, 40.0])
    values = np.stack([grows(size), 2 * grows(size), np.full(3, np.nan)], axis=1)
    coords = {"size": size, "d": [1, 2, 3], "low": (("size", "d"), values)}
    attrs = {"slope": law, "along": "size"}
    measure = xr.DataArray(values, dims=("size", "d"), coords=coords, attrs=attrs)
    line = xr.DataArray(4.0 * size, dims="size", coords={"size": size}, attrs={"measure": "K"})
    other = xr.DataArray(size, dims="size", attrs={"measure": "other"})
    found = slopes_of({"K": measure, "plain": xr.DataArray(1.0)}, {"linear": line, "other": other})
    assert list(found) == ["K"]
    assert list(found["K"]) == ["", "linear"]
    assert found["K"][""].to_numpy() == pytest.approx([slope, slope, np.nan], nan_ok=True)
    assert list(found["K"][""].coords) == ["d"]
    if law == "power":
        assert float(found["K"]["linear"]) == pytest.approx(1.0)


def test_slopes_are_told(protocol, tmp_path):
    """4.62 patterns per power: with the power 1 of the power."""
    settings = ["sweep.search.most.slope={populations.motifs.params.d: power}"]
    found = sweeps.sweep(sweeps.asked(str(protocol), None, settings), tmp_path / "out", "numpy")
    assert found.as_json(None)["slopes"]["most"]["measured"] == pytest.approx(1.0, abs=0.1)
    said = table(found)
    assert "most grows with d to the power:\n  1" in said or "most grows with d to the power:\n  0.9" in said
    assert "theory, law: " in said
    plain = sweeps.sweep(sweeps.asked(str(protocol), None, settings, ["seed=1,2"]), tmp_path / "plain", "numpy")
    assert plain.as_json(None)["slopes"] == {}
