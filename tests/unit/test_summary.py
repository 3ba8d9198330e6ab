"""A measure in numbers: means over what is finite, intervals, and JSON without NaN."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import xarray as xr

from neuroam import summary


def series(*values: float, interval: str = "") -> xr.DataArray:
    attrs = {"interval": interval} if interval else {}
    return xr.DataArray(np.array(values, dtype=float), dims="trial", coords={"trial": range(len(values))}, attrs=attrs)


def test_the_mean_is_over_the_numbers_that_there_are():
    assert summary.mean(series(1, np.nan, 3)) == 2
    assert summary.mean(series(np.nan, np.inf)) is None
    assert summary.mean(series()) is None


def test_two_numbers_make_an_interval_of_student():
    # half-width t(0.975, 1)*sd/sqrt(2) = 12.7062 * sqrt(2)/sqrt(2)
    low, high = summary.ci95(series(1, 3))
    assert (low, high) == (pytest.approx(2 - 12.7062, abs=1e-4), pytest.approx(2 + 12.7062, abs=1e-4))


def test_zeros_and_ones_make_an_interval_of_wilson_where_the_readout_says_so():
    # Wilson (1927) for 9 of 10: centre (0.9 + 1.92073/10)/(1 + 3.84146/10), from the closed form
    z = 1.959963984540054
    centre, half = (0.9 + z**2 / 20) / (1 + z**2 / 10), z * math.sqrt(0.09 / 10 + z**2 / 400) / (1 + z**2 / 10)
    found = summary.ci95(series(*[1.0] * 9, 0.0, interval="wilson"))
    assert found == pytest.approx([centre - half, centre + half])
    low, high = summary.ci95(series(1, 1, 1, interval="wilson"))
    assert 0 < low < 1
    assert high == pytest.approx(1)


def test_a_share_of_many_things_stays_between_0_and_1():
    assert summary.ci95(series(0.0, 0.0, 0.0, interval="share")) is None  # three trials of many bits, and no wrong one
    assert summary.ci95(series(0.2, 0.2, interval="share")) == pytest.approx([0.2, 0.2])
    low, high = summary.ci95(series(0.0, 0.0, 0.3, interval="share"))
    assert (low, high) == (0.0, pytest.approx(summary.ci95(series(0.0, 0.0, 0.3))[1]))


def test_an_overlap_stays_between_minus_1_and_1():
    values = (1.0, 1.0, -0.6)  # half-width t(0.975, 2)*sd/sqrt(3) = 2.29, mean 0.47
    assert summary.ci95(series(*values, interval="overlap")) == [-1.0, 1.0]
    assert summary.ci95(series(*values))[1] == pytest.approx(0.4667 + 2.295, abs=1e-3)
    assert summary.ci95(series(1.0, 1.0, interval="overlap")) is None
    assert summary.ci95(series(1.0, 3.0, interval="overlap")) == summary.ci95(series(1.0, 3.0))


def test_a_share_of_many_things_is_a_coin_at_most():
    z = 1.959963984540054
    low, high = summary.ci95(series(0.1, 0.3, interval="wilson"))  # closed form for a mean of 0.2 in two draws
    centre, half = (0.2 + z**2 / 4) / (1 + z**2 / 2), z * math.sqrt(0.16 / 2 + z**2 / 16) / (1 + z**2 / 2)
    assert (low, high) == (pytest.approx(max(0.0, centre - half)), pytest.approx(centre + half))


def test_other_numbers_have_no_interval_of_wilson():
    assert summary.ci95(series(1, 3, interval="wilson")) == summary.ci95(series(1, 3))


@pytest.mark.parametrize("values", [(), (1,), (1, np.nan)])
def test_fewer_than_two_numbers_have_no_interval(values):
    assert summary.ci95(series(*values)) is None


def test_json_names_dimensions_and_coordinates_in_order():
    array = xr.DataArray(
        [[1.0, np.nan], [np.inf, 4.0]], dims=("trial", "population"), coords={"trial": [0, 1], "population": ["a", "b"]}
    )
    found = summary.as_json(array)
    assert found["dims"] == {"trial": [0, 1], "population": ["a", "b"]}
    assert found["values"] == [[1.0, None], [None, 4.0]]
    assert found["mean"] == 2.5
    json.dumps(found, allow_nan=False)


def test_a_dimension_without_coordinates_is_numbered():
    assert summary.as_json(xr.DataArray([1.0, 2.0, 3.0], dims="part"))["dims"] == {"part": [0, 1, 2]}


def test_coordinates_that_are_not_finite_are_null():
    array = xr.DataArray([1.0], dims="time", coords={"time": [np.nan]})
    assert summary.as_json(array)["dims"] == {"time": [None]}


def test_a_trial_is_one_draw_however_many_numbers_it_has():
    rng = np.random.default_rng(1)
    per_trial = rng.random(6)
    many = xr.DataArray(per_trial[:, None] + rng.normal(0, 0.001, (6, 500)), dims=("trial", "time"))
    assert summary.ci95(many) == pytest.approx(summary.ci95(xr.DataArray(per_trial, dims="trial")), abs=1e-3)
    assert summary.ci95(xr.DataArray(rng.random(9), dims="pattern")) is None
    both = rng.random((2, 6))
    flat = summary.ci95(xr.DataArray(both.ravel(), dims="trial"))
    assert summary.ci95(xr.DataArray(both, dims=("network", "trial"))) == flat
