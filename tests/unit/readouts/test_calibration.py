"""Calibration and correlations of weights, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import Cell, Circuit, Dense, Epoch, Matrix, PatternSet, Population, Port, Sources, Trials
from neuroam.errors import FunctionError
from neuroam.readouts.calibration import calibration, calibration_error
from neuroam.readouts.weight_correlation import weight_correlation
from neuroam.recording import Recording, Trace
from neuroam.rules.additive import additive


def run(active, target, weights=None):
    """Graded cells that are active for given shares, in one trial per row."""
    active, target = np.atleast_2d(active), np.atleast_2d(target).astype(float)
    size, count = active.shape[1], len(active)
    place = np.arange(size)
    cell = Cell("graded", updates=(("x", "x"),), states=("x",))
    population = Population("e", size, cell, {}, {"place": place, "copy": 0 * place, "unit": place})
    stored = PatternSet("memory", target, True, 0.5)
    matrices = {} if weights is None else {"w": Matrix("w", Dense(weights))}
    circuit = Circuit("made", {"e": population}, {}, matrices, {"memory": Port("memory", "e", "bits", {})},
                      {"memory": stored}, (), 1e-3, "euler", "continuous")  # fmt: skip
    index = np.arange(count)
    trials = Trials(2, (Epoch("recall", 0, 2),), index, index, "memory", {}, {}, {}, {}, {}, 0)
    trace = Trace(np.arange(3), np.repeat(active[:, None], 3, axis=1))
    return Recording(1e-3, 2, count, {}, {("e", "x"): trace}), circuit, trials


def test_a_bit_is_expected_to_be_wrong_as_often_as_it_is_on_the_other_side():
    found = calibration(*run([0.98, 0.02, 0.7, 0.7, 0.5], [1, 0, 1, 0, 1]), port="memory", bins=5)
    assert found.coords["count"].to_numpy().tolist() == [2, 0, 0, 2, 1]
    assert found.to_numpy()[[0, 3, 4]] == pytest.approx([0.0, 0.5, 1.0])
    assert found.coords["expected"].to_numpy()[[0, 3, 4]] == pytest.approx([0.02, 0.3, 0.5])
    assert np.isnan(found.to_numpy()[1:3]).all()


def test_the_error_is_the_mean_distance():
    data = run(
        [[1.0, 1.0, 1.0, 1.0], [0.75, 0.75, 0.75, 0.75], [1.5, -0.5, 1.0, 0.0]],
        [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 1, 0]],
    )
    assert calibration_error(*data, port="memory").to_numpy() == pytest.approx([0.5, 0.0, 0.0])


def test_bits_drawn_with_their_own_probability_are_calibrated():
    """10 000 bits: a standard error of 0.005 per bin of 1000, of which the mean absolute value is 0.011 at most."""
    rng = np.random.default_rng(1)
    p = rng.random(10_000)
    data = run(p, rng.random(10_000) < p)
    assert float(calibration_error(*data, port="memory")[0]) < 0.02
    shifted = run(np.clip(p * 4 - 1.5, 0, 1), rng.random(10_000) < p)  # too sure
    assert float(calibration_error(*shifted, port="memory")[0]) > 0.1


def test_correlations_of_all_pairs_of_weights():
    weights = np.random.default_rng(2).normal(size=(5, 5)) * (1 - np.eye(5))
    found = weight_correlation(run(np.zeros(5), np.zeros(5), weights)[1], port="memory")
    mean = weights.sum() / 20
    pairs = {"same_post": [], "same_pre": [], "chain": [], "reciprocal": []}
    for i in range(5):
        for j in set(range(5)) - {i}:
            one = weights[i, j] - mean
            pairs["reciprocal"].append(one * (weights[j, i] - mean))
            for k in set(range(5)) - {i, j}:
                pairs["same_post"].append(one * (weights[i, k] - mean))
                pairs["same_pre"].append(one * (weights[k, j] - mean))
                pairs["chain"].append(one * (weights[k, i] - mean))
    variance = ((weights - mean) ** 2)[~np.eye(5, dtype=bool)].mean()
    assert found.coords["pair"].to_numpy().tolist() == list(pairs)
    assert found.to_numpy() == pytest.approx([np.mean(values) / variance for values in pairs.values()])


@pytest.mark.parametrize("table", ["simple_hebb", "covariance", "pre_gated", "post_gated"])
def test_measured_and_expected_agree(table):
    """30 networks of 100 cells: popularities alone scatter a network's correlation by about 0.05."""
    rng, found = np.random.default_rng(3), []
    for _ in range(30):
        stored = PatternSet("memory", (rng.random((20, 100)) < 0.5).astype(float), True, 0.5)
        weights = additive(Sources({"memory": stored}, {}), of="memory", table=table).values
        circuit = run(np.zeros((20, 100)), stored.values, weights)[1]
        found.append(weight_correlation(circuit, port="memory", table=table))
        told = weight_correlation(circuit, port="memory").coords["theory"]  # found from the weights
        assert told.to_numpy() == pytest.approx(found[-1].coords["theory"].to_numpy(), abs=1e-9)
    mean = np.mean([one.to_numpy() for one in found], axis=0)
    assert mean == pytest.approx(found[0].coords["theory"].to_numpy(), abs=0.05)


def test_weights_that_are_no_sum_over_the_patterns_have_no_theory():
    rng = np.random.default_rng(3)
    found = weight_correlation(run(np.zeros((2, 9)), np.eye(2, 9), rng.random((9, 9)))[1], port="memory")
    assert np.isfinite(found).all()
    assert np.isnan(found.coords["theory"]).all()


def test_weights_that_cannot_be_compared():
    with pytest.raises(FunctionError, match="no matrix 'w'"):
        weight_correlation(run(np.zeros(3), np.zeros(3))[1], port="memory")
    with pytest.raises(FunctionError, match="three or more cells"):
        weight_correlation(run(np.zeros(2), np.zeros(2), np.ones((2, 2)))[1], port="memory")
