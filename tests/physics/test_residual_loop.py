"""Residual cells and Hebbian weights reach the coefficients that the pseudo-inverse gives."""

from __future__ import annotations

import numpy as np
import pytest

import neuroam
from neuroam.circuit import Dense
from neuroam.evaluate import as_array
from neuroam.pipeline import resolve

EVERY = 400
LOOP = {
    "populations.clock.params.every": EVERY, "epochs.replay.duration": f"{4 * EVERY} steps",
    "epochs.replay.show": {"pattern": 0}, "trials": 1, "seed": 1,
    "measure": {"frames_exact": {"port": "memory", "every": EVERY}},
    "record": {key: {"variables": [state], "every": "1 steps"} for key, state in (("features", "s"), ("motifs", "u"))},
}  # fmt: skip
INDEPENDENT = {"size": 100, "count": 40, "coding_level": 0.6}  # eigenvalues of O from about 0.1 to 3
DEPENDENT = {"size": 20, "count": 60, "coding_level": 0.6}  # O has rank 20 of 60


def states(result):
    """(samples, units) of the only trial."""
    return result.run.networks[0].recording.traces["features", "s"].values[0]


def errors(patterns, settings=()):
    """Largest distance of u from O^+ m after each of the waits; and the result."""
    result = neuroam.run(
        "recall_frames", "sequence_residual", {**LOOP, "patterns.memory": {"bernoulli": patterns}, **dict(settings)}
    )
    network = result.run.networks[0]
    # the last sample before the features change
    s, u = (trace[EVERY - 1 :: EVERY] for trace in (states(result), network.recording.traces["motifs", "u"].values[0]))
    stored = network.circuit.patterns["memory"].bipolar
    inverse = np.linalg.pinv(stored @ stored.T / stored.shape[1], rcond=1e-10)
    return np.abs(u - s @ stored.T / stored.shape[1] @ inverse.T).max(axis=1), result


@pytest.mark.parametrize("patterns", [INDEPENDENT, DEPENDENT], ids=["independent", "dependent"])
def test_the_loop_settles_at_the_coefficients(patterns):
    """From zero and, after the first wait, from the last u: both lie in the span where the minimum norm lies."""
    found, _ = errors(patterns)
    assert found.shape == (4,)
    assert found.max() < 1e-6


@pytest.mark.parametrize("cut", ["explain", "present", "correct"])
def test_a_loop_that_is_cut_does_not(cut):
    gain = {"present": {"projections.present.weights": 0}}.get(cut, {f"projections.{cut}.weights.gain": 0})
    assert errors(INDEPENDENT, gain)[0].min() > 0.1


def test_dependent_patterns_need_a_start_in_their_span():
    """A start outside of the span stays for good: the sum of the patterns does not show it."""
    assert errors(DEPENDENT, {"start": {"motifs": {"u": 1}}})[0].min() > 0.1
    assert errors(INDEPENDENT, {"start": {"motifs": {"u": 1}}})[0].max() < 1e-6


@pytest.mark.parametrize(("relative", "stable"), [(1.9, True), (2.1, False)])
def test_the_bound_of_the_step(relative, stable):
    """The value function refuses what diverges, so the step is given as a number."""
    stored = errors(INDEPENDENT)[1].run.networks[0].circuit.patterns["memory"].bipolar
    eta = relative / np.linalg.eigvalsh(stored @ stored.T / stored.shape[1])[-1]
    found, _ = errors(INDEPENDENT, {"populations.motifs.params.eta": eta})
    assert (found[0] < 1e-6) == stable


def test_the_sequence_is_that_of_the_dual_rows():
    """Motif cells are linear here, so that overlaps lead astray at this load (they lead through 12 patterns at most, if unbiased)."""
    steps, linear = 12, {"populations.motifs.params.d": 1, "patterns.memory": {"bernoulli": INDEPENDENT}}
    loop = errors(INDEPENDENT, linear | {"epochs.replay.duration": f"{steps * EVERY} steps"})[1]
    once = LOOP | linear | {"epochs.replay.duration": f"{steps} steps", "measure": {}}
    del once["populations.clock.params.every"]
    once["record"] = {"features": LOOP["record"]["features"]}
    dual, plain = (states(neuroam.run("recall_frames", name, once)) for name in ("sequence_gpi", "sequence_dense"))
    assert np.array_equal(states(loop)[::EVERY], dual)
    assert not np.array_equal(plain, dual)
    assert float(loop.measures["frames_exact"].min()) == 1.0


def test_the_loop_holds_the_patterns_and_nothing_else():
    """No pseudo-inverse and no matrix between motif cells: both projections of the loop are one array of +1 and -1."""
    circuit, _ = resolve(
        neuroam.load("recall_frames", "sequence_residual", {"patterns.memory": {"bernoulli": DEPENDENT}})
    )
    dense = {name: as_array(m.weights) for name, m in circuit.matrices.items() if isinstance(m.weights, Dense)}
    stored = circuit.patterns["memory"].bipolar
    assert set(dense) == {"now", "next"}
    assert np.array_equal(dense["now"], stored)
    assert np.array_equal(dense["next"], np.roll(stored, -1, axis=0))
    assert {circuit.projections[name].matrix for name in ("explain", "correct")} == {"now"}
    assert circuit.matrices["present_contacts"].weights.data.size == DEPENDENT["size"]  # one edge per unit
