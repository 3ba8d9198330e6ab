"""Figures of sweeps: every point with its interval, theory where it says, and words for what cannot be drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from neuroam.errors import FunctionError
from neuroam.plots import sweep
from neuroam.plots.style import new_figure


def measure(shape=(3, 2), trials=5, unit="1", **attrs):
    rng = np.random.default_rng(1)
    coords = {"noise": np.linspace(0, 0.4, shape[0]), "load": [10, 20, 40, 80, 160, 320, 640][: shape[1]]}
    values = rng.random((*shape, trials))
    return xr.DataArray(values, dims=("noise", "load", "trial"), coords=coords, attrs={"units": unit, **attrs})


def drawn(measures, dims=("noise", "load"), lines=None, kind="curves") -> Figure:
    figure = new_figure()
    sweep.draw("A sweep", dims, measures, lines or {}, figure, kind)
    figure.canvas.draw()
    return figure


def test_points_have_means_and_intervals():
    array = measure()
    found = sweep.points(array, ("noise", "load"))
    assert found["mean"].values == pytest.approx(array.mean("trial").values)
    assert ((found["low"] < found["mean"]) & (found["mean"] < found["high"])).all()
    array[0, 0] = np.nan
    assert np.isnan(sweep.points(array, ("noise", "load"))["mean"][0, 0])
    one = sweep.points(array[..., :1], ("noise", "load"))
    assert np.isnan(one["low"]).all()  # one draw has no interval


def test_a_panel_for_each_measure_and_a_curve_for_each_value():
    figure = drawn({"error": measure(), "steps": measure(unit="step")})
    first, second = figure.axes
    assert (first.get_ylabel(), second.get_ylabel()) == ("error", "steps (step)")
    assert len(first.containers) == len(second.containers) == 2
    line = first.containers[0].lines[0]
    assert line.get_xdata().tolist() == [0.0, 0.2, 0.4]
    assert line.get_ydata() == pytest.approx(measure()[:, 0].mean("trial").values)
    assert [text.get_text() for text in first.get_legend().get_texts()] == ["load 10", "load 20"]


def test_a_baseline_is_drawn_with_its_measure():
    figure = drawn(
        {"error": measure(), "projected": measure(baseline_of="error"), "other": measure(baseline_of="gone")}
    )
    assert [axes.get_ylabel() for axes in figure.axes] == ["error", "other"]
    assert len(figure.axes[0].containers) == 4


def test_a_baseline_that_is_the_same_in_all_cases_is_drawn_once():
    cue = measure(baseline_of="error")
    cue[:, 1] = cue[:, 0]
    (axes,) = drawn({"error": measure(), "cue": cue}).axes
    assert [part.lines[0].get_color() for part in axes.containers[2:]] == [sweep.QUIET]


def test_theory_is_a_line_in_the_colour_of_its_curve():
    line = xr.DataArray([0.1, np.nan], dims=("load",), coords={"load": [10, 20]}, attrs={"axis": "noise"})
    figure = drawn({"error": measure()}, lines={"threshold": line})
    (axes,) = figure.axes
    vertical = [one for one in axes.lines if list(one.get_xdata()) == [0.1, 0.1]]
    assert len(vertical) == 1
    assert vertical[0].get_color() == axes.containers[0].lines[0].get_color()
    assert "theory: threshold" in [text.get_text() for text in axes.get_legend().get_texts()]
    across = xr.DataArray([15.0, 30.0, 15.0], dims=("noise",), attrs={"axis": "load"})
    assert drawn({"error": measure()}, lines={"threshold": across}).axes[0].get_xlabel() == "load"


def test_theory_above_all_points_is_inside_the_axes():
    law = xr.DataArray([5.0, 1.0, 0.5], dims=("noise",), attrs={"measure": "error"})
    law = law.assign_coords(noise=[0.0, 0.2, 0.4])
    (axes,) = drawn({"error": measure()[:, 0]}, dims=("noise",), lines={"law": law}).axes
    assert axes.get_ylim()[1] > 5.0


def test_a_map_has_a_field_for_every_point():
    figure = drawn({"error": measure()}, kind="map")
    (axes,) = figure.axes
    assert axes.images[0].get_array().shape == (3, 2)
    assert len(axes.texts) == 6
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("load", "noise")
    many = xr.DataArray(np.random.default_rng(1).random((20, 20, 2)), dims=("a", "b", "trial"))
    many = many.assign_coords(a=range(20), b=range(20))
    assert len(drawn({"error": many}, ("a", "b"), kind="map").axes) == 2  # with a colour bar


def test_words_and_octaves_on_an_axis():
    words = measure((3, 1)).isel(load=0, drop=True).assign_coords(noise=["white", "pink", "none"])
    figure = drawn({"error": words}, ("noise",))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["white", "pink", "none"]
    assert figure.axes[0].collections  # one curve has a band
    octaves = measure((1, 5)).isel(noise=0, drop=True)
    (axes,) = drawn({"error": octaves}, ("load",)).axes
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["10", "20", "40", "80", "160"]


@pytest.mark.parametrize(
    ("measures", "dims", "kind", "said"),
    [
        ({}, ("noise", "load"), "curves", "nothing was measured"),
        ({"error": measure((3, 7))}, ("noise", "load"), "curves", "7 curves cannot be told apart"),
        ({"error": measure((3, 1))[:, 0]}, ("noise",), "map", "a map has two axes, and this sweep has 1"),
    ],
)
def test_what_cannot_be_drawn(measures, dims, kind, said):
    with pytest.raises(FunctionError, match=said):
        drawn(measures, dims, kind=kind)


def test_numbers_in_a_map_stand_out_from_their_fields():
    array = measure((2, 2))
    array[:] = np.array([[0.015, 0.016], [0.015, 0.0151]])[..., None]
    axes = drawn({"time": array}, kind="map").axes[0]
    colours = {text.get_position(): text.get_color() for text in axes.texts}
    assert [colours[place] for place in ((0, 0), (0, 1), (1, 1))] == ["white"] * 3
    assert colours[1, 0] == sweep.INK


def words_of(*cases):
    """(model, load, trial): errors of two models."""
    values = np.random.default_rng(2).random((2, len(cases), 5))
    coords = {"model": ["a_circuit", "another"], "load": list(cases)}
    return xr.DataArray(values, dims=("model", "load", "trial"), coords=coords, attrs={"units": "1"})


def test_words_get_bars_in_groups_with_the_baseline_across_them():
    error, cue = words_of(10, 20, 40), words_of(10, 20, 40).assign_attrs(baseline_of="error")
    error[0, 1] = np.nan
    (axes,) = drawn({"error": error, "cue": cue}, ("model", "load")).axes
    means = error.mean("trial").to_numpy()
    bars = [bar for bar in axes.patches if bar.get_height()]
    assert sorted(bar.get_height() for bar in bars) == pytest.approx(sorted(means[np.isfinite(means)]))
    by_place = [bar.get_height() for bar in sorted(bars, key=lambda bar: bar.get_x())]
    assert by_place == pytest.approx([means[0, 0], means[0, 2], *means[1]])  # words apart, loads side by side
    edges = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars)
    assert all(left[1] <= right[0] for left, right in pairwise(edges))
    assert not [line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 1]
    levels = [
        segment[0][1] for lines in axes.collections if lines.get_linestyle()[0][1] for segment in lines.get_segments()
    ]
    assert sorted(levels) == pytest.approx(sorted(cue.mean("trial").to_numpy().ravel()))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["load 10", "load 20", "load 40", "cue"]


def test_theory_that_is_the_same_in_all_cases_is_one_grey_line():
    law = xr.DataArray(np.tile([[0.2], [0.3], [0.4]], 2), dims=("noise", "load"), attrs={"measure": "error"})
    law = law.assign_coords(noise=[0.0, 0.2, 0.4], load=[10, 20])
    (axes,) = drawn({"error": measure()}, lines={"law": law}).axes
    (line,) = (line for line in axes.lines if list(line.get_ydata()) == [0.2, 0.3, 0.4])
    assert line.get_color() == sweep.QUIET
    law[1, 1] = 0.5
    assert len(drawn({"error": measure()}, lines={"law": law}).axes[0].lines) == len(axes.lines) + 1


def test_values_that_are_words_need_no_name_in_the_legend():
    error = words_of(10, 20, 40).transpose("load", "model", "trial")
    (axes,) = drawn({"error": error}, ("load", "model")).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a circuit", "another"]
