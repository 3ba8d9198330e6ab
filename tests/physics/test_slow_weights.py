"""Slow weights of a sequence: what the circuit learns online is the delta rule, evaluated on the same presentation."""

from __future__ import annotations

import numpy as np
import pytest

import neuroam

DT, TAU, SLOW, BETA, FORCE = 0.5, 5.0, 100.0, 20.0, 5.0
SMALL = {"patterns.memory.bernoulli": {"size": 60, "count": 4}, "seed": 5, "measure": {}}


def taught(xi, times, rows):
    """Teaching in plain numpy, from no weights: each row of ``rows`` for its time (ms), exponential Euler.

    When the teacher turns to pattern n, with the features still in pattern m,
    dW_nj = V_j [(1 + W_m.s) - W_n.s]/(V.s), where W_m.s is the slow drive of the hidden cell that is active; nothing
    is learned from silence, V.s = 0.
    """
    count, size = xi.shape
    x, s, h, weights = np.zeros(size), np.zeros(size), np.zeros(count), np.zeros_like(xi)
    fast, slow = np.exp(-DT / TAU), np.exp(-DT / SLOW)
    for row in rows:
        for step in range(round(times[row] / DT)):
            v, grown = np.tanh(BETA * x), np.exp(BETA * (h - h.max()))
            g, drive = grown / grown.sum(), weights @ s
            if step == 0 and v @ s > 1:
                error = 1 + drive @ g - drive[row]
                weights[row] += v * error / (v @ s)
            told = xi @ xi[row] / size
            x, s = xi.T @ g + (x - xi.T @ g) * fast, v + (s - v) * slow
            into = xi @ v / size + drive + FORCE * told
            h = into + (h - into) * fast
    return weights


@pytest.fixture(scope="module", params=["numpy", "cpp"])
def lesson(request):
    """What a run learned, (post, pre), and its patterns with their times in ms."""
    network = neuroam.run("learn_slow_weights", settings=SMALL, device=request.param).run.networks[0]
    patterns, edges = network.circuit.patterns["memory"], network.recording.weights["advance"]
    found = np.zeros((patterns.count, patterns.size))
    found[edges.post, edges.pre] = edges.values[0]
    return found, patterns.bipolar, 1e3 * patterns.attributes["dwell"], network.recording


def test_slow_weights_are_learned_as_the_rule_says(lesson):
    found, xi, times, _ = lesson
    expected = taught(xi, times, [*range(4)] * 2)
    assert np.abs(expected).max(axis=1).min() > 0.01
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_every_hidden_cell_learns_the_pattern_that_comes_before(lesson):
    """The presynaptic factor is the pattern that is there, not the trace, which also holds those before."""
    found, xi, _, _ = lesson
    overlap = found @ xi.T / np.linalg.norm(found, axis=1, keepdims=True) / np.sqrt(xi.shape[1])
    assert np.diag(np.roll(overlap, 1, axis=1)) == pytest.approx(1, abs=1e-6)


def test_a_teacher_is_heard_once_per_pattern(lesson):
    """The moment when a cell is told is an event: at the first step of each presentation, and at no other."""
    _, _, times, recording = lesson
    steps = np.rint(times / DT).astype(int)
    starts = np.concatenate([[0], np.cumsum(np.tile(steps, 2))[:-1]])
    spikes = recording.spikes["motifs"]
    assert sorted(zip(spikes.step.tolist(), spikes.cell.tolist(), strict=True)) == [
        (int(start), number % 4) for number, start in enumerate(starts)
    ]


def test_nothing_is_learned_before_there_is_a_pattern():
    """The first pattern comes after silence: V.s = 0, and its cell keeps its weights."""
    first = {"epochs": [{"name": "learn", "each": "pattern", "duration": "memory.dwell", "show": {}, "into": "memory",
                         "learn": ["advance"]}]}  # fmt: skip
    network = neuroam.run("learn_slow_weights", settings=SMALL | first, device="numpy").run.networks[0]
    edges = network.recording.weights["advance"]
    grown = np.bincount(edges.post, np.abs(edges.values[0]), minlength=4)
    assert grown[0] == 0
    assert (grown[1:] > 0).all()
