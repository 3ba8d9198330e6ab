"""Recall from synapses whose noise is correlated: the question of Savin, Dayan & Lengyel (2013) NIPS 26:288.

The paper's own numbers are not known here.  Those below are of an independent numpy program that came with the task,
with its tolerances: 0.02, or twice the quoted interval.  All models of one comparison get the same patterns and cues.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import neuroam
from neuroam.evaluate import as_array, ends_of, weights_of
from neuroam.tables import entries

SEED = 31
COUNT, TABLE, GAIN = "patterns.memory.bernoulli.count", "matrices.w.additive.table", "epochs.recall.set.gain.ramp.to"
NOISE = "epochs.recall.show.corrupt.0.channel"
SPARSE = {
    "patterns.memory.bernoulli.size": 400, "patterns.memory.bernoulli.coding_level": 0.1,
    f"{NOISE}.r01": 0.0222, f"{NOISE}.r10": 0.2,
}  # fmt: skip
SPARSE_SPIKES = {"patterns.memory.bernoulli.coding_level": 0.2, f"{NOISE}.r01": 0.05, f"{NOISE}.r10": 0.2}


def errors(decoder: str, settings: dict[str, Any], device: str = "auto") -> tuple[float, float]:
    """Mean bit error after recall, and that of the cue."""
    measured = neuroam.run("recall_correlated", f"correlation_{decoder}", {"seed": SEED} | settings, device=device)
    return float(measured.measures["bit_error"].mean()), float(measured.measures["cue_error"].mean())


def near(value: float, expected: float, interval: float = 0.0) -> bool:
    return abs(value - expected) <= max(0.02, 2 * interval)


def test_ignoring_correlations_is_worse_than_no_memory_and_knowing_them_is_perfect() -> None:
    """Hard gate (i), spiking: ten memories of 200 cells."""
    few = {"networks": 2, "trials": 6}
    ignoring, cue = errors("ignoring", few, "numpy")
    aware, same = errors("aware", few, "numpy")
    assert cue == same
    assert ignoring > 3 * cue
    assert aware < 0.005


@pytest.mark.parametrize("count", [10, pytest.param(30, marks=pytest.mark.slow)])
def test_one_pass_from_the_cue_obeys_the_law_of_popularity(count: int) -> None:
    """Hard gate (iv): Phi(-sqrt(T*/T)/2) with T* = 16, whatever the size of the network."""
    settings = {
        COUNT: count, "controls.gain": 1, "epochs.recall.set": {}, "epochs.recall.duration": "1 steps", "trials": 10,
        "networks": 4, "record": {"e": {"variables": ["u"], "every": "1 steps"}}, "measure": {}, "seed": SEED,
    }  # fmt: skip
    networks = neuroam.run("recall_correlated", "correlation_ignoring_rate", settings, device="numpy").run.networks
    wrong = [
        (network.recording.traces["e", "u"].values[:, 0] > 0)
        != network.circuit.patterns["memory"].values[network.trials.cued].astype(bool)
        for network in networks
    ]
    assert np.mean(wrong) == pytest.approx(norm.cdf(-np.sqrt(16 / count) / 2), abs=0.03)


def learning(table: Any, f: float) -> dict[str, Any]:
    """Settings with which `correlation_learning` learns a table: weights, and mean strengths of both directions."""
    (base, only_pre), (only_post, both) = entries(table, f).tolist()
    post, pre, joint = only_post - base, only_pre - base, both - only_post - only_pre + base
    pooled = {"base": base, "own": (post + pre) / 2, "other": (post + pre) / 2, "both": joint}
    names = {"to_pool_w": "hebb_pooled", "scaled": "hebb_from_pool", "common": "hebb_overall"}
    found: dict[str, Any] = {f"projections.{name}.plastic": {rule: pooled} for name, rule in names.items()}
    found["projections.recurrent.plastic"] = {"hebb_once": {"base": base, "post": post, "pre": pre, "both": joint}}
    return found | {TABLE: table}


@pytest.mark.parametrize("table", ["pre_gated", [[0.3, -0.2], [0.5, 1.1]]], ids=str)
def test_one_presentation_each_leaves_the_closed_form(table: Any) -> None:
    """Synapses between cells, onto the pool of strengths and from pools: equal to sums over all patterns."""
    settings = {"patterns.memory.bernoulli": {"size": 30, "count": 4, "coding_level": 0.3}, "trials": 1, "measure": {}}
    settings |= learning(table, 0.3) | {"seed": SEED, "epochs.recall.duration": "1 ms"}
    network = neuroam.run("store_correlated", None, settings, device="numpy").run.networks[0]
    w = as_array(network.circuit.matrices["w"].weights)
    assert np.abs(w).max() > 0
    strength = (w.sum(axis=1) + w.sum(axis=0)) / 2
    learned = {
        name: as_array(weights_of(edges, ends_of(network.circuit, name)))
        for name, edges in network.recording.weights.items()
    }
    assert np.abs(learned["recurrent"] - w).max() < 1e-9
    assert np.abs(learned["to_pool_w"] - strength[None, :]).max() < 1e-9
    assert np.abs(learned["scaled"] - strength[:, None]).max() < 1e-9
    assert np.abs(learned["common"] - w.sum() / 29).max() < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("decoder", "gain", "count", "expected", "interval"),
    [
        ("ignoring", 1, 5, 0.309, 0.012), ("ignoring", 1, 20, 0.400, 0.014), ("ignoring", 1, 100, 0.430, 0.013),
        ("aware_full", 1, 10, 0.0, 0), ("aware_full", 1, 30, 0.017, 0.015), ("aware_full", 1, 50, 0.113, 0.023),
        ("aware_full", 0.5, 20, 0.002, 0.001), ("aware_full", 0.5, 50, 0.047, 0.011),
        ("aware_full", 0.5, 100, 0.081, 0.009),
    ],
)  # fmt: skip
def test_gibbs_sampling(decoder: str, gain: float, count: int, expected: float, interval: float) -> None:
    """R1: the dense set, one cell at a time."""
    found, _ = errors(f"{decoder}_gibbs", {COUNT: count, GAIN: gain, "networks": 40, "trials": 1})
    assert near(found, expected, interval)


@pytest.mark.slow
def test_half_the_gain_is_never_worse_than_the_cue(tmp_path: Any) -> None:
    """Hard gate (iii) and R1 in spikes: one command for the whole table."""
    measures = neuroam.sweep("error_vs_load", settings={"seed": SEED}, folder=tmp_path / "out").measures
    aware = measures["bit_error"].sel(model="correlation_aware").mean(("network", "trial"))
    cue = measures["cue_error"].sel(model="correlation_aware").mean(("network", "trial"))
    assert (aware <= cue + 0.01).all()
    for count, expected, interval in ((5, 0, 0), (20, 0.002, 0.001), (30, 0.008, 0.003), (50, 0.047, 0.011),
                                      (100, 0.081, 0.009)):  # fmt: skip
        assert near(float(aware.sel(count=count)), expected, interval)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "count", "expected", "interval"),
    [("pre_gated", 10, 0.380, 0.011), ("post_gated", 10, 0.372, 0.009), ("pre_gated", 20, 0.399, 0.01),
     ("post_gated", 20, 0.415, 0.01)],
)  # fmt: skip
def test_gated_rules(table: str, count: int, expected: float, interval: float) -> None:
    """R2."""
    settings = {COUNT: count, TABLE: table, GAIN: 1, "networks": 20, "trials": 1}
    assert near(errors("ignoring_gibbs", settings)[0], expected, interval)
    assert errors("aware_full_gibbs", settings)[0] < 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("count", "expected"), [(20, 0.001), (30, 0.011)])
def test_the_covariance_rule_leaves_no_correlations(count: int, expected: float) -> None:
    """R3 and hard gate (ii): the negative control."""
    settings = {COUNT: count, TABLE: "covariance", "networks": 20, "trials": 2}
    ignoring, aware = errors("ignoring", settings)[0], errors("aware", settings)[0]
    assert abs(ignoring - aware) < 0.02
    assert near(ignoring, expected)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "ignoring", "aware"), [(50, 0.269, 0.0), (100, 0.328, 0.001), (200, 0.381, 0.008)])
def test_sparse_patterns(count: int, ignoring: float, aware: float) -> None:
    """R4, in spikes; half the gain for the aware circuit only."""
    settings = SPARSE | {COUNT: count, "networks": 20, "trials": 1}
    assert near(errors("aware", settings)[0], aware)
    found, cue = errors("ignoring", settings | {GAIN: 1})
    assert near(found, ignoring)
    assert near(cue, 0.039)


@pytest.mark.slow
def test_every_part_of_the_circuit_counts(tmp_path: Any) -> None:
    """R6, in rates at full gain; tolerance 0.02, or the interval of these 20 networks.

    The circuit of second order is better here than in the numpy program (0.021 and 0.039 for 20 and 30 memories; its
    currents are exact, see test_correlation_currents): it must be within the tolerance of the plug-in circuit.
    """
    over = {"networks": 20, "seed": SEED, GAIN: 1}
    found = neuroam.sweep("ladder", settings=over, folder=tmp_path / "out").measures["bit_error"]
    means = found.mean("trial")
    for model, expected in {
        "ignoring": (0.378, 0.396, 0.401), "threshold": (0.384, 0.412, 0.437), "weighted": (0.015, 0.048, 0.085),
        "aware": (0.0, 0.001, 0.013), "aware_full": (0.0, 0.001, 0.013),
    }.items():  # fmt: skip
        of_model = means.sel(model=f"correlation_{model}_rate")
        interval = 1.96 * of_model.std("network", ddof=1) / np.sqrt(20)
        difference = np.abs(of_model.mean("network") - np.array(expected))
        assert (difference <= np.maximum(0.02, interval)).all(), model


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "ignoring", "interval", "aware"),
    [({COUNT: 15}, 0.383, 0.021, 0.0006), (SPARSE_SPIKES | {COUNT: 30}, 0.395, 0.02, 0.003)],
    ids=["dense", "sparse"],
)
def test_spiking_circuits(settings: dict[str, Any], ignoring: float, interval: float, aware: float) -> None:
    """R7."""
    more = settings | {"networks": 20, "trials": 2}
    assert near(errors("aware", more)[0], aware)
    assert near(errors("ignoring", more)[0], ignoring, interval)
