"""The circuits of recall from additive synapses compute the log-odds that theory says, for any table and coding level.

Theory is evaluated without any algebra: the density of all weights as one Gaussian vector, with the unit in question
active and silent.  Cells that are silent must agree exactly; an active cell also hears itself through the pools, which
the formulas leave out (one part in the number of active cells).
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import neuroam
from neuroam import evaluate
from neuroam.decoders import JITTER
from neuroam.resolve import resolve
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


def settings(table: object, f: float) -> list[str]:
    pattern = f"patterns.memory.bernoulli={{size: {N}, count: {T}, coding_level: {f}}}"
    return [pattern, f"matrices.w.additive.table={json.dumps(table)}", f"controls.gain={GAIN}"]


def currents(model: str, table: object, f: float, x: Array) -> tuple[Array, Array]:
    """What an instantaneous circuit makes of a state, and its weights."""
    circuit, _ = resolve(load("recall_correlated", model, settings(table, f)))
    found = evaluate.outputs(circuit, {("e", "x"): x}, {})
    return found["e", "u"] / GAIN, evaluate.as_array(circuit.matrices["w"].weights)


@pytest.mark.parametrize("form", ["gibbs", "rate"])
@pytest.mark.parametrize("f", LEVELS)
@pytest.mark.parametrize("table", TABLES, ids=str)
@pytest.mark.parametrize("decoder", DECODERS)
def test_currents_are_the_log_odds_of_a_gaussian_density(decoder: str, table: object, f: float, form: str) -> None:
    x = (np.random.default_rng(4).random(N) < 0.5).astype(float)
    found, w = currents(f"correlation_{decoder}_{form}", table, f, x)
    assert 0 < x.sum() < N
    for unit in np.flatnonzero(x == 0):
        expected = log_odds(w, x, int(unit), table, f, decoder == "aware_full")
        assert found[unit] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def plug_in(w: Array, x: Array, table: object, f: float) -> Array:
    """Brief of the circuit, section 4, with S for n, in weights that both directions share, per gamma."""
    gamma = coefficients(table, f)[3]
    even = (w + w.T) / (2 * gamma)
    strength, total = even.sum(axis=1), even.sum()
    centred = even @ x - (x.sum() * strength + strength @ x) / (N - 2) + x.sum() * total / ((N - 1) * (N - 2))
    curved = (0.5 - f) * ((1 - 2 * f) * x.sum() + (N - 1) * f**2)
    return np.asarray((centred - curved) / ((T - 1) * (f * (1 - f)) ** 2))


@pytest.mark.parametrize("form", ["gibbs", "rate"])
@pytest.mark.parametrize("f", LEVELS)
@pytest.mark.parametrize("table", TABLES, ids=str)
def test_the_plug_in_circuit_centres_its_weights(table: object, f: float, form: str) -> None:
    x = np.random.default_rng(5).random(N) if form == "rate" else (np.random.default_rng(5).random(N) < 0.5) * 1.0
    found, w = currents(f"correlation_aware_{form}", table, f, x)
    assert found == pytest.approx(plug_in(w, x, table, f), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("decoder", ["ignoring", "aware", "aware_full"])
def test_the_spiking_circuit_has_the_same_currents_once_its_filters_have_settled(decoder: str, tmp_path: Path) -> None:
    """A state that is held for 40 time constants of the synapses, which leaves 4e-18 of the start."""
    held = {"name": "held", "duration": "200 ms", "show": {}, "into": "memory", "as": "clamp"}
    protocol = {
        "format": 1, "title": "a state that is held", "seed": 3, "epochs": [held], "trials": 1,
        "patterns": {"memory": {"bernoulli": {"size": N, "count": T, "coding_level": 0.3}}},
        "record": {"e": {"variables": ["u"], "every": "1 ms"}},
    }  # fmt: skip
    (tmp_path / "held.yaml").write_text(json.dumps(protocol))
    result = neuroam.run(tmp_path / "held.yaml", f"correlation_{decoder}", {"controls.gain": GAIN}, device="numpy")
    network = result.run.networks[0]
    x = network.circuit.patterns["memory"].values[0]
    instant, _ = resolve(load(str(tmp_path / "held.yaml"), f"correlation_{decoder}_rate", [f"controls.gain={GAIN}"]))
    expected = evaluate.outputs(instant, {("e", "x"): x}, {})["e", "u"] / GAIN
    assert np.ptp(expected) > 1
    assert network.recording.traces["e", "u"].values[0, -1] / GAIN == pytest.approx(expected, rel=1e-9, abs=1e-9)
