"""Figures of correlated synapses: what is drawn is what was measured, and theory has its place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuroam.circuit import Dense, Matrix, PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.plots import RunData, draw
from neuroam.plots.popularity import popularity
from neuroam.plots.weight_correlation import expected, pair_bars, sampled
from neuroam.readouts.weight_correlation import weight_correlation
from neuroam.rules.additive import additive

KINDS = ("weight_correlation", "popularity")
HEBB = {"same_post": 1 / 3, "same_pre": 1 / 3, "chain": 1 / 3, "reciprocal": 1.0}


@pytest.fixture
def correlated(make):
    """``correlated(size=60, count=20)``: a run of a network with Hebbian weights."""

    def run(size=60, count=20, table="simple_hebb"):
        rng = np.random.default_rng(4)
        stored = PatternSet("memory", (rng.random((count, size)) < 0.5).astype(float), True, 0.5)
        weights = additive(Sources({"memory": stored}, {}), of="memory", table=table)
        base = make()
        circuit = replace(base.circuit, patterns={"memory": stored}, matrices={"w": Matrix("w", weights)})
        measure = weight_correlation(circuit, port="memory", of="w", table=table)
        return RunData(base.recording, circuit, base.trials, {"weight_correlation": measure})

    return run


@pytest.mark.parametrize("size", [60, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_they_fill_a_figure(correlated, drawn, kind, size):
    pixels = drawn(draw(kind, correlated(size)))
    assert (pixels[..., :3] < 200).any(axis=2).mean() > 0.001


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_do_not_vary(correlated, drawn, kind):
    run = correlated()
    flat = replace(run.circuit, matrices={"w": Matrix("w", Dense(np.zeros((60, 60))))})
    measure = weight_correlation(flat, port="memory", of="w")
    assert np.isnan(measure.to_numpy()).all()
    drawn(draw(kind, replace(run, circuit=flat, measures={"weight_correlation": measure})))


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_measure_or_matrix_says_what_to_do(correlated, kind):
    run = correlated()
    with pytest.raises(FunctionError, match=f"the figure '{kind}' needs the measure 'weight_correlation'") as error:
        draw(kind, replace(run, measures={}))
    assert "weight_correlation: {port: memory, of: w}" in error.value.fix
    with pytest.raises(FunctionError, match="no matrix 'w'"):
        draw(kind, replace(run, circuit=replace(run.circuit, matrices={})))
    narrow = replace(run.circuit, matrices={"w": Matrix("w", Dense(np.ones((2, 4))))})
    with pytest.raises(FunctionError, match="three or more cells"):
        draw(kind, replace(run, circuit=narrow))


def test_popularity_is_of_the_cued_units(correlated):
    run = correlated()
    with pytest.raises(FunctionError, match="units of the cued patterns"):
        draw("popularity", replace(run, trials=replace(run.trials, cue_port="other")))


def test_theory_knows_who_shares_a_cell():
    found = expected(HEBB, 3)  # ab ac ba bc ca cb, post first
    third = 1 / 3
    assert found[0].tolist() == [1.0, third, 1.0, third, third, third]
    assert np.array_equal(found, found.T)
    one = expected({"same_post": 0.5, "same_pre": 0.2, "chain": 0.1, "reciprocal": 0.7}, 4)
    assert one[0].tolist() == [
        1.0,
        0.5,
        0.5,
        0.7,
        0.1,
        0.1,
        0.1,
        0.2,
        0.0,
        0.1,
        0.2,
        0.0,
    ]  # ab with ab ac ad ba bc bd ...


def test_sampled_correlations_are_those_of_the_whole_network(correlated):
    """4000 choices: a standard error of 0.016, and 0.02 for the overlap of choices."""
    run = correlated(120, 40)
    measure = run.measures["weight_correlation"]
    values = dict(zip(measure.coords["pair"].to_numpy().tolist(), measure.to_numpy().tolist(), strict=True))
    assert np.abs(sampled(run.circuit.matrices["w"].weights.values) - expected(values)).max() < 0.08


def test_points_are_measured_and_lines_are_theory(correlated, axes):
    measure = correlated().measures["weight_correlation"]
    pair_bars(measure, axes)
    assert axes.lines[-1].get_ydata() == pytest.approx(measure.to_numpy())
    assert [line[0][1] for line in axes.collections[0].get_segments()] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1.0])


def test_the_line_through_strengths(axes, words):
    popularity(np.array([-1.0, 0.0, 1.0]), np.array([4.0, 2.0, 0.0]), axes)
    assert axes.lines[-1].get_ydata() == pytest.approx([4.0, 0.0])
    assert words(axes) == ["r = \N{MINUS SIGN}1.000"]
