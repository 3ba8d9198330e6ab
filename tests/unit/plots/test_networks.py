"""Figures over all networks of a run: errors by age, and calibration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from neuroam.errors import FunctionError
from neuroam.plots import RunData, draw
from neuroam.plots.calibration import numbers, pooled, reliability
from neuroam.plots.error_by_age import by_age, captures, errors


def by_trial(values, **attrs):
    return xr.DataArray(np.array(values, dtype=float), dims=("network", "trial"), attrs={"units": "1", **attrs})


def binned(actual, count):
    actual, count = np.array(actual, dtype=float), np.array(count, dtype=float)
    middle = (np.arange(actual.shape[1]) + 0.5) * 0.5 / actual.shape[1]
    expected = np.where(count > 0, middle, np.nan)
    coords = {"bin": middle, "expected": (("network", "bin"), expected), "count": (("network", "bin"), count)}
    return xr.DataArray(actual, dims=("network", "bin"), coords=coords, attrs={"units": "1"})


@pytest.fixture
def aged(make):
    """``aged(ages)``: three trials, which cue patterns of these ages, in two networks."""

    def run(ages=(20.0, 5.0, 0.0), **more):
        base = make()
        stored = base.circuit.patterns["memory"]
        old = replace(stored, attributes={"age": np.array(ages)})
        circuit = replace(base.circuit, patterns={"memory": old})
        measures = {"bit_error": by_trial([[0.4, 0.1, 0.0], [0.5, 0.2, 0.0]], interval="share"), **more}
        return RunData(base.recording, circuit, base.trials, measures, network=1)

    return run


def test_trials_of_one_age_are_averaged_over_networks():
    found = by_age(by_trial([[0.4, 0.1, 0.3], [0.6, 0.1, 0.5]]), np.array([7.0, 2.0, 7.0]))
    assert found.coords["age"].to_numpy().tolist() == [2.0, 7.0]
    assert found["mean"].to_numpy() == pytest.approx([0.1, 0.45])
    assert float(found["low"][1]) < 0.45 < float(found["high"][1])


@pytest.mark.parametrize("ages", [(20.0, 5.0, 0.0), (900.0, 30.0, 1.0), (3.0, 3.0, 3.0)])
@pytest.mark.parametrize("more", [{}, {"capture": by_trial([[1, 0, 0], [1, 1, 0]], interval="wilson")}])
def test_errors_by_age_fill_a_figure(aged, drawn, ages, more):
    run = aged(ages, cue_error=by_trial([[0.1] * 3] * 2), **more)
    figure = draw("error_by_age", run)
    pixels = drawn(figure)
    assert (pixels[..., :3] < 200).any(axis=2).mean() > 0.001
    assert len(figure.axes) == 1 + len(more)
    assert figure.axes[0].get_xscale() == ("symlog" if ages[0] == 900 else "linear")


def test_what_is_drawn_is_the_mean_over_networks(aged, axes):
    ages = np.array([20.0, 5.0, 0.0])
    errors(by_age(aged().measures["bit_error"], ages), by_age(by_trial([[0.1, 0.2, 0.3]] * 2), ages), axes)
    cue, error = axes.lines[0], axes.containers[0].lines[0]
    assert error.get_ydata() == pytest.approx([0.0, 0.15, 0.45])
    assert cue.get_ydata() == pytest.approx([0.3, 0.2, 0.1])


def test_every_kind_of_capture_is_a_curve(axes):
    share = by_age(by_trial([[1, 0, 0], [1, 1, 0]], interval="wilson"), np.array([2.0, 1.0, 0.0]))
    captures({"capture": share, "capture_newest": share}, axes)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["capture", "capture newest"]
    assert axes.containers[0].lines[0].get_ydata() == pytest.approx([0.0, 0.5, 1.0])


def test_errors_by_age_say_what_they_lack(aged, make):
    with pytest.raises(FunctionError, match="needs the measure 'bit_error'"):
        draw("error_by_age", replace(aged(), measures={}))
    young = make()
    with pytest.raises(FunctionError, match="needs the age of every cued pattern") as error:
        draw("error_by_age", replace(young, measures=aged().measures))
    assert error.value.fix.endswith("patterns.memory.age: {age: {}}")


def test_networks_are_pooled_by_their_bits():
    """0.1 of 100 bits and 0.4 of 50; without one network 0.1 and 0.4 are left: half = t (1 df) * sqrt(0.3^2 / 4)."""
    found = pooled(binned([[0.1, np.nan], [0.4, np.nan]], [[100, 0], [50, 0]]))
    assert found.actual[0] == pytest.approx(0.2)
    assert found.bits.tolist() == [150.0, 0.0]
    assert found.half[0] == pytest.approx(12.7062 * 0.15, rel=1e-4)
    assert np.isnan(found.actual[1])
    assert np.isnan(found.half[1])
    assert np.isnan(pooled(binned([[0.1, 0.2]], [[10, 10]])).half).all()  # one network has no interval


def test_calibration_shows_shares_and_numbers(axes, words):
    bins = pooled(binned([[0.0, 0.3, np.nan, 0.6]], [[1000, 20, 0, 5]]))
    reliability(bins, axes)
    assert axes.lines[0].get_xdata() == pytest.approx(axes.lines[0].get_ydata())
    many, few = (part.lines[0].get_ydata() for part in axes.containers)
    assert many == pytest.approx([0.0, 0.3])
    assert few == pytest.approx([0.6])
    numbers(bins, axes)
    assert words(axes)[-4:] == ["1,000", "20", "0", "5"]


def test_calibration_fills_a_figure_and_says_what_it_lacks(make, drawn):
    run = make()
    for measure in (binned([[0.0, 0.3], [0.1, 0.2]], [[30, 4], [40, 2]]), binned([[np.nan]], [[0]])):
        drawn(draw("calibration", replace(run, measures={"calibration": measure, "calibration_error": measure * 0})))
    with pytest.raises(FunctionError, match="needs the measure 'calibration'"):
        draw("calibration", replace(run, measures={}))
