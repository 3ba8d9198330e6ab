"""Shipped plastic components learn what their rules promise, read line by line in numpy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam.cascades import Cascade, steps
from neuroam.circuit import PatternSet, Sources
from neuroam.rules.additive import additive

Make = Callable[..., Any]


TABLES = [
    ("simple_hebb", {}),
    ("covariance", {"base": 0.04, "post": -0.2, "pre": -0.2}),
    ("pre_gated", {"pre": -0.2}),
    ("post_gated", {"post": -0.2}),
    ([[0.5, -1.0], [2.0, 3.0]], {"base": 0.5, "post": 1.5, "pre": -1.5, "both": 2.5}),
]


def stored(table: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Patterns, and the weights that the closed form makes of them."""
    x = (np.random.default_rng(2).random((6, 15)) < 0.2).astype(float)
    return x, additive(Sources({"memory": PatternSet("memory", x, True, 0.2)}, {}), of="memory", table=table).values


@pytest.mark.parametrize(("table", "params"), TABLES)
def test_every_table_can_be_learned_in_one_presentation_each(edges: Make, table: Any, params: dict[str, float]) -> None:
    x, expected = stored(table)
    synapse = edges("hebb_once", np.zeros((15, 15)), params)
    for pattern in x:
        synapse.run(synapse.spec.event["epoch_end"], {}, {"x": pattern}, {"x": pattern})
    off_diagonal = ~np.eye(15, dtype=bool)
    assert np.abs(synapse.w - expected)[off_diagonal].max() < 1e-9


@pytest.mark.parametrize("side", ["onto", "from", "mean"])
@pytest.mark.parametrize(("table", "params"), TABLES)
def test_pools_learn_strengths_that_no_synapse_knows(
    edges: Make, table: Any, params: dict[str, float], side: str
) -> None:
    """Row sums, column sums, their mean, and the sum of all, from what a cell and the pool of all cells do."""
    x, weights = stored(table)
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    expected = {"onto": rows, "from": columns, "mean": (rows + columns) / 2}[side]
    post, pre = params.get("post", 0.0), params.get("pre", 0.0)
    own, other = {"onto": (post, pre), "from": (pre, post), "mean": ((post + pre) / 2,) * 2}[side]
    given = {key: params[key] for key in ("base", "both") if key in params} | {"own": own, "other": other}
    pooled, back, overall = (
        edges("hebb_pooled", np.zeros((1, 15)), given),
        edges("hebb_from_pool", np.zeros((15, 1)), given),
        edges("hebb_overall", np.zeros((15, 1)), given),
    )
    for pattern in x:
        cells = {"x": pattern, "active": np.full(15, pattern.sum()), "silent": np.full(15, (1 - pattern).sum())}
        pooled.run(pooled.spec.event["epoch_end"], {}, cells, {"a": np.zeros(1)})
        for synapse in (back, overall):
            synapse.run(synapse.spec.event["epoch_end"], {}, {"a": np.zeros(1)}, cells)
    assert np.abs(pooled.w[0] - expected).max() < 1e-9
    assert np.abs(back.w[:, 0] - expected).max() < 1e-9
    assert np.abs(overall.w - weights.sum() / 14).max() < 1e-9


def test_dopamine_depresses_synapses_of_cells_that_were_active(edges: Make) -> None:
    # dw/dt = -eta c D w with c decaying in 0.5 s from one spike at t = 0 and D = 2 throughout
    synapse = edges("three_factor_depression", np.ones((1, 2)), {"rate": "0.3 Hz", "tau": "500 ms"})
    synapse.run(synapse.spec.pre, {}, {}, {})
    synapse.own["c"][:, 1] = 0.0  # only the first cell had a spike
    for _ in range(1000):
        synapse.run(synapse.spec.step, {"modulator": 2.0}, {}, {})
        synapse.decay()
    expected = np.exp(-0.3 * 2.0 * 0.5 * (1 - np.exp(-2.0)))
    assert synapse.w[0, 0] == pytest.approx(expected, rel=2e-3)
    assert synapse.w[0, 1] == 1.0


def test_without_dopamine_nothing_changes(edges: Make) -> None:
    synapse = edges("three_factor_depression", np.ones((1, 2)))
    synapse.own["c"][:] = 3.0
    synapse.run(synapse.spec.step, {"modulator": 0.0}, {}, {})
    assert (synapse.w == 1.0).all()


def learn_lift(edges: Make, windows: np.ndarray, frequency: np.ndarray, w: np.ndarray, rate: float) -> np.ndarray:
    """Window after window: the winner on the raw input learns, as in `winner`."""
    synapse = edges("competitive_lift", w, {"rate": rate})
    for v in windows:
        post = {"q": np.zeros(len(w))}
        synapse.run(synapse.spec.pre, {"frequency": frequency}, {"v": v}, post)
        best = int(np.argmax(synapse.w @ v))
        before = synapse.w.copy()
        synapse.run(synapse.spec.post, {"frequency": frequency, "modulator": 1.0}, {"v": v}, post)
        before[best] = synapse.w[best]
        synapse.w = before
    return np.asarray(synapse.w)


def test_weights_of_a_winner_become_its_lift_at_length_one(edges: Make) -> None:
    # two topics, 50:50; rare lines have the same lift as frequent ones: P(i | topic)/P(i) is 2 inside and 0 outside
    rng = np.random.default_rng(2)
    topic = rng.integers(0, 2, 4000)
    chance = np.array([[0.8, 0.4, 0.1, 0, 0, 0], [0, 0, 0, 0.8, 0.4, 0.1]])
    windows = (rng.random((4000, 6)) < chance[topic]).astype(float)
    frequency = windows.mean(axis=0)
    start = np.array([[1.0, 1, 1, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 1, 1, 1]]) / np.sqrt(3.75)
    found = learn_lift(edges, windows, frequency, start, 0.002)
    lift = np.array([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]) / np.sqrt(3)
    assert np.abs(found - lift).max() < 0.12  # fluctuations of a rate of 0.002 with lines as rare as 5 %
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(2), abs=0.05)


def test_with_equal_frequencies_weights_point_to_the_mean_of_what_the_cell_wins(edges: Make) -> None:
    rng = np.random.default_rng(3)
    centre = np.array([0.2, 0.5, 0.8])
    windows = np.abs(centre + 0.05 * rng.standard_normal((3000, 3)))
    found = learn_lift(edges, windows, np.ones(3), np.full((1, 3), 0.5), 0.02)[0]
    assert found @ centre / np.linalg.norm(found) / np.linalg.norm(centre) > 0.999
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=0.03)


GATES: dict[str, dict[str, int]] = {
    "pre_gated": {},
    "post_gated": {"pre_only": 0, "post_only": -1},
    "xor": {"neither": 1, "pre_only": -1, "post_only": -1},
}


@pytest.mark.parametrize("gate", sorted(GATES))
@pytest.mark.parametrize("chi", [0.5, 0.3])
def test_cascade_synapses_move_between_states_as_their_matrices_say(edges: Make, gate: str, chi: float) -> None:
    """From every state, for every pair of bits: 20,000 synapses each, four standard errors."""
    cascade, count = Cascade(gate, 3, 0.5, chi), 20_000
    for a, b in product((0, 1), repeat=2):
        for state in range(6):
            synapse = edges("cascade", np.full((count, 1), float(state >= 3)), {"levels": 3, "chi": chi} | GATES[gate])
            synapse.own["depth"][:] = state % 3
            draws = np.random.default_rng(17).random((count, 1))
            lines = [line.replace("rand()", "drawn") for line in synapse.spec.step]
            synapse.run(lines, {"before": float(b), "after": float(a), "drawn": draws}, {}, {})
            reached = (3 * synapse.w + synapse.own["depth"]).astype(int).ravel()
            found = np.bincount(reached, minlength=6) / count
            expected = steps(cascade)[a, b][:, state]
            assert (np.abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / count)).all()
