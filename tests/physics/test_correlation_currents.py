"""The circuits of recall from additive synapses compute the log-odds that theory says, for any table and coding level.

Theory is evaluated without any algebra: the density of all weights as one Gaussian vector, with the unit in question
active and silent.  The circuits are run for one step from a stored pattern.
"""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

import neuroam
from neuroam.decoders import JITTER
from neuroam.evaluate import as_array
from neuroam.spec.load import load

Array = NDArray[np.float64]
N, T, GAIN = 9, 5, 0.01  # a small gain, so that no log-odds are cut off
TABLES = ["simple_hebb", "covariance", "pre_gated", "post_gated", [[0.3, -0.2], [0.5, 1.1]], [[0.1, 0.4], [0.4, -0.6]]]
LEVELS = [0.5, 0.3]
DECODERS = ["ignoring", "aware_full"]


def omega(table: object, f: float) -> Array:
    bits = np.array([0.0, 1.0])
    return {
        "simple_hebb": np.outer(bits, bits),
        "covariance": np.outer(bits - f, bits - f),
        "pre_gated": np.outer(bits - f, bits),
        "post_gated": np.outer(bits, bits - f),
    }[table] if isinstance(table, str) else np.array(table)  # fmt: skip


def coefficients(table: object, f: float) -> tuple[float, float, float, float]:
    """c0, alpha, beta and gamma, from four equations."""
    rows = [[1.0, a - f, b - f, (a - f) * (b - f)] for a, b in product((0, 1), repeat=2)]
    return tuple(np.linalg.solve(rows, omega(table, f).ravel()))  # type: ignore[return-value]


def covariance(pairs: list[tuple[int, int]], table: object, f: float) -> Array:
    """Of the weights given one pattern: brief of the circuit, section 3."""
    _, a, b, g = coefficients(table, f)
    v, (i, j) = f * (1 - f), np.array(pairs).T
    post, pre, chain, back = (np.equal.outer(*ends) for ends in ((i, i), (j, j), (i, j), (j, i)))
    same, reverse = post & pre, chain & back
    shared = a * a * post + b * b * pre + a * b * (chain + back.astype(float))
    return np.asarray((T - 1) * (v * shared + (g * v) ** 2 * (same + reverse.astype(float))))


def log_density(w: Array, x: Array, table: object, f: float, aware: bool) -> float:
    c0, a, b, g = coefficients(table, f)
    symmetric = abs(a - b) < 1e-12
    pairs = [(i, j) for i in range(N) for j in range(N) if i != j and (i < j or not symmetric)]
    cov, (i, j) = covariance(pairs, table, f), np.array(pairs).T
    if not aware:
        cov = np.diag(np.diag(cov))
    elif not symmetric:  # without noise of its own, the odd part of W would be known exactly
        jitter = JITTER * (T - 1) * (g * f * (1 - f)) ** 2
        same = np.equal.outer(i, i) & np.equal.outer(j, j)
        cov = cov + jitter * (same - (np.equal.outer(i, j) & np.equal.outer(j, i)).astype(float))
    z = x - f
    rest = w[i, j] - (T * c0 + a * z[i] + b * z[j] + g * z[i] * z[j])
    return float(-0.5 * rest @ np.linalg.solve(cov, rest))


def log_odds(w: Array, x: Array, unit: int, table: object, f: float, aware: bool) -> float:
    both = []
    for bit in (1.0, 0.0):
        y = x.copy()
        y[unit] = bit
        both.append(log_density(w, y, table, f, aware))
    return both[0] - both[1]


def currents(model: str, table: object, f: float, epoch: str) -> tuple[Array, Array, Array]:
    """What the cells of a circuit get at the end of an epoch, the pattern it shows, and the weights."""
    settings = [
        f"patterns.memory.bernoulli={{size: {N}, count: {T}, coding_level: {f}}}",
        f"matrices.w.additive.table={json.dumps(table)}",
        f"controls.gain={GAIN}",
        "record={e: {variables: [u], every: 1 steps}}",
        f"epochs=[{{name: only, show: {{}}, {epoch}}}]",
        *("trials=1", "networks=1", "measure={}", "seed=4"),
    ]
    network = neuroam.run(load("recall_correlated", model, settings), device="numpy").run.networks[0]
    w, x = as_array(network.circuit.matrices["w"].weights), network.circuit.patterns["memory"].values[0]
    assert 1 < x.sum() < N - 1
    place = 0 if "1 steps" in epoch else -1  # the first sample is that of the given state
    return network.recording.traces["e", "u"].values[0, place] / GAIN, x, w


AT_ONCE = "duration: 1 steps, as: state"
HELD = "duration: 200 ms, as: clamp"  # 40 time constants of the synapses leave 4e-18 of the start


@pytest.mark.parametrize("f", LEVELS)
@pytest.mark.parametrize("table", TABLES, ids=str)
@pytest.mark.parametrize("decoder", DECODERS)
def test_currents_are_the_log_odds_of_a_gaussian_density(decoder: str, table: object, f: float) -> None:
    found, x, w = currents(f"correlation_{decoder}_gibbs", table, f, AT_ONCE)
    expected = [log_odds(w, x, unit, table, f, decoder == "aware_full") for unit in range(N)]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def plug_in(w: Array, x: Array, table: object, f: float) -> Array:
    """Brief of the circuit, section 4, in weights that both directions share, per gamma."""
    gamma = coefficients(table, f)[3]
    even = (w + w.T) / (2 * gamma)
    strength, total = even.sum(axis=1), even.sum()
    n, weighted = x.sum() - x, strength @ x - strength * x
    centred = even @ x - (n * strength + weighted) / (N - 2) + n * total / ((N - 1) * (N - 2))
    curved = (0.5 - f) * ((1 - 2 * f) * n + (N - 1) * f**2)
    return np.asarray((centred - curved) / ((T - 1) * (f * (1 - f)) ** 2))


@pytest.mark.parametrize("f", LEVELS)
@pytest.mark.parametrize("table", TABLES, ids=str)
def test_the_plug_in_circuit_centres_its_weights(table: object, f: float) -> None:
    found, x, w = currents("correlation_aware_gibbs", table, f, AT_ONCE)
    assert found == pytest.approx(plug_in(w, x, table, f), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("decoder", ["ignoring", "aware", "aware_full"])
def test_rates_and_spikes_have_the_same_currents_once_filters_have_settled(decoder: str) -> None:
    expected, _, _ = currents(f"correlation_{decoder}_gibbs", "pre_gated", 0.3, AT_ONCE)
    rates, _, _ = currents(f"correlation_{decoder}_rate", "pre_gated", 0.3, AT_ONCE)
    spikes, _, _ = currents(f"correlation_{decoder}", "pre_gated", 0.3, f"{HELD}, drive: {{memory: -1}}")
    assert np.ptp(expected) > 1
    assert rates == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert spikes + 1 / GAIN == pytest.approx(expected, rel=1e-9, abs=1e-9)
