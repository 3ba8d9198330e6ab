"""Sequences with prescribed timing: Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023), two-layer forms and their spikes.

Numbers are those of an independent numpy program that came with the task.
"""

from __future__ import annotations

import numpy as np
import pytest

import neuroam
from neuroam.evaluate import as_array
from neuroam.pipeline import resolve


def states(protocol, model, settings):
    result = neuroam.run(protocol, model, settings)
    network = result.run.networks[0]
    return result, network.recording.traces["features", "s"].values[0], network.circuit.patterns["memory"].bipolar


MIXED = {
    "patterns.memory": {"bernoulli": {"size": 100, "count": 40}}, "epochs.replay.duration": "200 steps",
    "epochs.replay.show": {"pattern": 0}, "trials": 1, "measure": {}, "seed": 4,
}  # fmt: skip


@pytest.mark.parametrize(("d", "dwell"), [(2, 4), (10, 5)])
def test_the_power_sets_how_long_a_mixed_network_stays(d, dwell):
    """Fig. 4A: N = 100, P = 40, a box of five steps, lambda = 2.5; exactly 4 and 5 steps."""
    powers = {f"populations.{name}.params.d": d for name in ("present", "past")}
    _, found, stored = states("recall_frames", "sequence_discrete", MIXED | powers)
    leader = (found @ stored.T).argmax(axis=1)
    changes = np.flatnonzero(np.diff(leader)) + 1
    assert (np.diff(leader[changes]) % 40 == 1).all()
    assert set(np.diff(changes).tolist()) == {dwell}


@pytest.mark.slow
def test_a_linear_mixed_network_fails_at_this_load():
    powers = {f"populations.{name}.params.d": 1 for name in ("present", "past")}
    _, found, stored = states("recall_frames", "sequence_discrete", MIXED | powers)
    assert (found[50:] @ stored.T / 100).max(axis=1).mean() < 0.8


@pytest.mark.parametrize(("d", "least", "most"), [pytest.param(5, 0.0, 0.05, marks=pytest.mark.slow), (25, 1.0, 1.0)])
def test_every_next_frame_of_a_movie(d, least, most):
    """Fig. 3A stand-in: 100 frames of 784 pixels; powers up to 5 recall none, 25 all."""
    found = neuroam.run("recall_frames", settings={"populations.motifs.params.d": d, "seed": 5}).measures
    assert least <= float(found["frames_exact"].mean()) <= most


@pytest.mark.parametrize(
    ("model", "bias", "spread"),
    [("sequence_output", 25, 25), pytest.param("sequence_hidden", 60, 110, marks=pytest.mark.slow)],
)
def test_two_layers_keep_time(model, bias, spread):
    """N = 400, P = 20, T from 60 to 300 ms: order always right; error -11 +- 14 and +15 to 45 +- 28 to 102 ms."""
    found = neuroam.run("replay_two_layer", model, {"seed": 7}).measures
    assert float(found["order"].min()) == 1.0
    error = found["dwell_error"].values
    assert np.isfinite(error).sum() >= 18
    assert abs(np.nanmean(error)) < bias
    assert np.nanstd(error) < spread
    assert float(found["dwell_correlation"].min()) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("model", ["sequence_chain", "sequence_delay"])
def test_other_forms_keep_the_order(model):
    found = neuroam.run("replay_two_layer", model, {"seed": 7}).measures
    assert float(found["order"].min()) == 1.0
    assert float(found["dwell_correlation"].min()) > 0.5


def test_spikes_replay_a_sequence_from_half_a_cue_with_the_wanted_times():
    """N = 500, P = 12, T from 90 to 280 ms: every step in order, r from 0.89 to 0.97, sd 19 to 36 ms."""
    found = neuroam.run("replay_sequence", settings={"seed": 3}).measures
    assert float(found["order"].mean()) > 0.97
    assert float(found["dwell_correlation"].mean()) > 0.8
    assert abs(float(found["dwell_error"].mean())) < 40


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "dwell"), [(0.9, 250), (1.0, 210), (1.2, 163), (1.5, 127), (1.8, 105)])
def test_the_gain_sets_the_tempo(gain, dwell):
    """Uniform gains, hidden form: tolerance 12 %."""
    settings = {"projections.advance.gain": gain, "epochs.replay.duration": "3600 ms", "seed": 8, "trials": 6}
    settings |= {"patterns.memory.dwell": {"uniform": {"low": f"{dwell} ms", "high": f"{dwell} ms"}}}
    error = neuroam.run("replay_sequence", settings=settings).measures["dwell_error"].values[:, 1:-1]
    assert np.nanmean(error) / dwell == pytest.approx(0, abs=0.12)


@pytest.mark.slow
def test_timing_is_learned_by_repeating():
    """r rises and the spread falls: 0.933 to 0.996, 24 to 5 ms in two replays there."""
    found = neuroam.run("learn_timing", settings={"seed": 3}).measures
    assert found["order"].dims == ("repeat", "trial")
    correlation = found["dwell_correlation"].mean("trial").values
    spread = found["dwell_error"].std("pattern").mean("trial").values
    assert correlation[-1] > correlation[0]
    assert spread[-1] < spread[0]


@pytest.mark.slow
def test_timing_is_learned_online_by_a_local_rule():
    """Hidden form with learned weights: error +13 +- 17 ms, where plain gains spread 28 to 102 ms.

    Those numbers start from plain gains; here weights start from nothing, and a first pass with the teacher takes the
    place of the gains.  Tolerance: means within the spread that was found there, and spreads of single networks up to
    twice of it, because the longest of twenty stays decide them.
    """
    settings = {"seed": 7, "networks": 3}
    plain = neuroam.run("replay_two_layer", "sequence_hidden", settings).measures["dwell_error"]
    found = neuroam.run("replay_learned_timing", settings=settings).measures
    assert float(found["order"].min()) == 1.0
    assert float(found["dwell_correlation"].min()) > 0.9
    error = found["dwell_error"]
    assert np.isfinite(error).all()
    assert (error.std(("trial", "pattern")) < plain.std(("trial", "pattern"))).all()
    assert float(error.std(("trial", "pattern")).max()) < 2 * 17
    assert abs(float(error.mean())) < 17


@pytest.mark.slow
def test_tempo_is_one_number():
    small = {"patterns.memory.bernoulli": {"size": 200, "count": 8}, "epochs.replay.duration": "2 s", "seed": 9}
    mean = []
    for tempo in (1.0, 1.5):
        found = neuroam.run("replay_two_layer", settings=small | {"controls.tempo": tempo}).measures
        assert float(found["order"].min()) == 1.0
        mean.append(float(found["dwell_error"].mean()))
    assert mean[1] < mean[0] - 20


def test_gains_of_rows_go_to_the_cells_that_stand_for_them():
    """The law, on the side that sends (output, chain) and on the side that gets (hidden)."""
    settings = {"patterns.memory.bernoulli": {"size": 30, "count": 5}, "seed": 2}
    circuit, _ = resolve(neuroam.load("replay_two_layer", "sequence_output", settings))
    times = circuit.patterns["memory"].attributes["dwell"]
    y = np.exp(-times / 0.1)
    scaled = as_array(circuit.matrices["next_by_advance"].weights) / as_array(circuit.matrices["next"].weights)
    gains = scaled[:, 0]
    assert np.allclose(scaled, gains[:, None])
    before = np.roll(gains * (1 - y) ** 3, 1)
    assert np.allclose(gains * (1 - y) ** 3, 1 + before * y**3)  # periodic, power 3
    hidden, _ = resolve(neuroam.load("replay_two_layer", "sequence_hidden", settings))
    linear = np.roll(np.asarray(hidden.projections["advance"].gain) * 30, -1)
    assert np.allclose(linear * (1 - y), 1 + np.roll(linear * (1 - y), 1) * y)
    delay, _ = resolve(neuroam.load("replay_two_layer", "sequence_delay", settings))
    assert np.allclose(delay.projections["wait"].delay, times, atol=2.6e-4)


# two patterns occur twice in a cycle of sixteen: 2 leads to 3, then to 6; 5 to 2, then to 11
CYCLE = [0, 1, 2, 3, 4, 5, 2, 6, 7, 8, 9, 10, 5, 11, 12, 13]


def repeats_in_rates(model, gain):
    settings = {
        "patterns.memory": {
            "bernoulli": {"size": 400, "count": 14}, "order": CYCLE, "dwell": {"uniform": {"low": "95 ms", "high": "100 ms"}}
        },
        "projections.advance.gain": gain, "seed": 11,
    }  # fmt: skip
    return neuroam.run("replay_two_layer", model, settings).measures


@pytest.mark.slow
@pytest.mark.parametrize("gain", [2, pytest.param(3, marks=pytest.mark.slow), 5])
def test_a_chain_in_rates_knows_which_of_two_equal_patterns_it_is_in(gain):
    """Uniform gains of 2 to 5: 25 of 25 to 51 of 51 steps right."""
    found = repeats_in_rates("sequence_chain", gain)
    assert float(found["order"].min()) == 1.0
    assert np.isfinite(found["dwell_error"].values).all()


@pytest.mark.parametrize("gain", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_the_hidden_form_in_rates_runs_in_a_loop(gain):
    """Features alone cannot tell two occurrences apart: in every round there is a wrong jump over four motifs or more."""
    found = repeats_in_rates("sequence_hidden", gain)
    assert float(found["order"].max()) < 0.95
    assert np.isfinite(found["dwell_error"].values).sum() <= 12


def repeats_in_spikes(model, gain):
    """Ten trials of 3 s around the cycle, from the whole first pattern."""
    rule = "coded_rows" if model == "sequence_lif" else "shift_rows"
    matrix = "last" if model == "sequence_lif" else "next"
    settings = {
        "patterns.memory.k_hot.count": 14, "patterns.memory.order": CYCLE, "projections.advance.gain": gain,
        f"matrices.{matrix}.{rule}.periodic": True, "epochs.replay.duration": "3 s", "trials": 10, "seed": 11,
        "measure.order.periodic": True,
    }  # fmt: skip
    return neuroam.run("replay_repeats", model, settings).measures


@pytest.mark.slow
def test_a_chain_in_spikes_knows_which_of_two_equal_patterns_it_is_in():
    """Uniform gains: the order is lost at 1.0, as there; 15 of 15 and 28 of 28 steps are right there from 1.3 to 1.8.

    Here a motif gives way to its twin now and then, in 0.2 % of the steps at 1.8, 1.4 % at 1.5 and 27 % at 1.3 (60 trials
    with other seeds); the bounds are four standard errors below.
    """
    found = {gain: repeats_in_spikes("sequence_lif_chain", gain) for gain in (1.0, 1.5, 1.8)}
    assert float(found[1.8]["order"].mean()) > 0.988
    assert float(found[1.5]["order"].mean()) > 0.953
    assert float(found[1.0]["order"].mean()) < 0.6
    for gain in (1.5, 1.8):
        assert np.isfinite(found[gain]["dwell_error"].values).all()


@pytest.mark.slow
@pytest.mark.parametrize("gain", [1.5, 1.8])
def test_the_hidden_form_in_spikes_runs_in_a_loop(gain):
    found = repeats_in_spikes("sequence_lif", gain)
    assert float(found["order"].max()) < 1.0
    assert not np.isfinite(found["dwell_error"].values).all(axis=1).any()


@pytest.mark.slow
@pytest.mark.parametrize(("model", "chain"), [("sequence_lif_chain", True), ("sequence_lif", False)])
def test_repeated_motifs_with_wanted_times(model, chain):
    """The shipped protocol: the first and the last stay are not timed, the twelve between are.

    r is 0.79, with a spread of 0.09 over eight other seeds: the times are drawn from a narrow range.
    """
    found = neuroam.run("replay_repeats", model, {"seed": 11}).measures
    timed = np.isfinite(found["dwell_error"].values[:, 1:-1])
    assert bool(found["order"].mean() > 0.95) == chain
    assert timed.all() == chain
    if chain:
        assert float(found["dwell_correlation"].mean()) > 0.5
        assert abs(np.nanmean(found["dwell_error"].values[:, 1:-1])) < 20
