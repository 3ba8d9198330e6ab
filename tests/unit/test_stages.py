"""A stage runs before, with the seeds of its protocol; what it learns is a matrix of the next model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import neuroam
from neuroam import pipeline
from neuroam.errors import SpecError
from neuroam.evaluate import as_array
from neuroam.sim import cache

SMALL = "subspace: {count: COUNT, generators: 4, ones: 2, size: 40, clusters: 4, degree: 1}"
LEARN = """
format: 1
title: Learn
model: constraint_learning
patterns: {memory: {SMALL}}
epochs:
  - {name: learn, times: 6, stream: {order: random}, duration: 1 steps, show: {}, into: memory, learn: [read]}
trials: 1
measure: {residual: {port: memory}}
"""
RECALL = """
format: 1
title: Recall
model: noisy_clusters_learned
seed: 3
stages: [learn_constraints]
patterns: {memory: {SMALL}}
epochs: [{name: recall, duration: 400 steps, until: finished, show: {corrupt: [{add: {fraction: 0.05, amplitude: 1}}]}, into: memory}]
trials: {each_pattern: 1}
measure: {symbol_error_rate: {port: memory}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Both protocols; the stage has the name of a shipped one, so that the shipped model names it."""
    (tmp_path / "learn_constraints.yaml").write_text(LEARN.replace("SMALL", SMALL.replace("COUNT", "200")))
    (tmp_path / "recall.yaml").write_text(RECALL.replace("SMALL", SMALL.replace("COUNT", "8")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replayed(circuit, trials, alpha=0.95):
    """The rule in plain numpy, pattern after pattern; weights are pruned when an epoch ends."""
    w = as_array(circuit.matrices["w"].weights)
    members = as_array(circuit.matrices["members"].weights)
    given = circuit.populations["constraint"].params
    values = circuit.patterns["memory"].values
    total, synapses, length, count, worst, cut = (np.zeros(len(w)) for _ in range(6))
    for epoch in trials.epochs:
        for number, row in enumerate(epoch.patterns):
            x = values[row]
            y = w @ x
            open_ = (count > given["least"]) & (worst < given["good"])
            limit = open_ * cut * np.sqrt(length / np.clip(count, 1, None))
            pull = np.where(length > 0, y / np.clip(length, 1e-9, None), 0.0)
            rate = 1 / np.clip(members @ x**2, 1e-9, None)
            there = w != 0
            total, synapses = (w**2).sum(axis=1), there.sum(axis=1).astype(float)
            w = w - there * alpha * (rate * y)[:, None] * (x - pull[:, None] * w)
            if number == len(epoch.patterns) - 1:
                w = np.where(np.abs(w) < limit[:, None], 0.0, w)
            rises = given["rise"] * (worst < given["good"])
            cut = np.clip(cut + rises, 0, given["highest"])
            length, count = total, synapses
            worst = np.maximum(np.abs(y), (1 - given["forget"]) * worst)
    return w


def test_constraints_are_learned_and_pruned_as_the_rule_says(folder):
    # few patterns and a fast rise, so that pruning is seen
    settings = {"populations.constraint.params": {"least": 6, "rise": 1e-3, "good": 0.3}}
    result = neuroam.run("learn_constraints.yaml", settings=settings)
    network = result.run.networks[0]
    expected = replayed(network.circuit, network.trials)
    edges = network.recording.weights["read"]
    found = np.zeros_like(expected)
    found[edges.post, edges.pre] = edges.values[0]
    before = as_array(network.circuit.matrices["w"].weights)
    assert ((before != 0) & (found == 0)).any()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    residual = result.measures["residual"]
    assert residual.max() < np.abs(before @ network.circuit.patterns["memory"].values.T).max() / 10
    assert (residual["synapses"].values[0] == (found != 0).sum(axis=1)).all()


def test_a_stage_sizes_the_next_circuit_and_runs_once(folder, monkeypatch):
    said: list[str] = []
    spec = neuroam.load("recall.yaml")
    weights = pipeline.learned(spec, 0, "numpy", said.append)["learn_constraints"]["read"]
    assert said == ["stage learn_constraints on constraint_learning: 1 trials of 64 cells, 1200 steps of 1 ms"]
    circuit, _ = pipeline.resolve(spec, 0, {"learn_constraints": {"read": weights}})
    assert circuit.populations["constraint"].size == weights.shape[0] == 24
    assert np.allclose((as_array(circuit.matrices["w"].weights) ** 2).sum(axis=1) / np.diff(weights.indptr), 1)
    # its patterns are those of the recall, and more
    stage, _ = pipeline.resolve(spec.stages["learn_constraints"])
    assert np.array_equal(stage.patterns["memory"].values[:8], circuit.patterns["memory"].values)
    monkeypatch.setattr("neuroam.sim.batches.DEVICE", {})  # nothing can be run any more
    again = pipeline.learned(spec, 0, "numpy", said.append)["learn_constraints"]["read"]
    assert np.array_equal(again.data, weights.data)
    assert cache.clear()[1] > 0
    with pytest.raises(KeyError):
        pipeline.learned(spec, 0, "numpy", said.append)


def test_a_run_with_stages_is_kept_and_reopened_without_learning_again(folder, monkeypatch):
    result = neuroam.run("recall.yaml", settings={"networks": 2, "matrices.w.learned.residual": 1.0})
    assert float(result.measures["symbol_error_rate"].mean()) < 0.05
    kept = result.save("kept")
    assert (kept / "stages" / "learn_constraints" / "protocol.yaml").is_file()
    monkeypatch.setattr(pipeline, "simulate", None)
    reopened = neuroam.reopen(kept)
    for mine, yours in zip(result.run.networks, reopened.run.networks, strict=True):
        assert np.array_equal(
            as_array(mine.circuit.matrices["w"].weights), as_array(yours.circuit.matrices["w"].weights)
        )
    first, second = (as_array(n.circuit.matrices["w"].weights) for n in reopened.run.networks)
    assert not np.array_equal(first, second)
    spec = neuroam.load(kept / "protocol.yaml")
    assert spec.stages["learn_constraints"].protocol.document.file.endswith("stages/learn_constraints/protocol.yaml")


def test_settings_reach_a_stage(folder):
    spec = neuroam.load("recall.yaml", settings={"stages.learn_constraints.epochs.learn.times": 2, "seed": 9})
    stage = spec.stages["learn_constraints"].protocol.spec
    assert (stage.epochs[0].times, stage.seed) == (2, 9)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"matrices.w.learned.residual": 1e-30}, "leaves a residual of .* and 1e-30 is the most"),
        ({"patterns.memory.subspace.size": 41}, "has learned from 40 units, and patterns of 'memory' have 41"),
        ({"stages": []}, "is what a stage 'learn_constraints' has learned"),
        ({"stages": ["nobody"]}, "no protocol named 'nobody'"),
        ({"stages": ["../up"]}, "leads out of this folder"),
        ({"stages": ["recall"]}, "a stage cannot have stages itself"),
        ({"stages.learn_constraint.seed": 2}, "no stage named 'learn_constraint'"),
        (
            {"stages.learn_constraints.epochs.learn.tims": 2},
            "--set stages.learn_constraints.epochs.learn.tims=2: .*tims",
        ),
        ({"stages": ["learn_constraints", "learn_constraints"]}, "stands there twice"),
    ],
)
def test_what_is_wrong_with_a_stage_is_told(folder, settings, said):
    with pytest.raises(SpecError, match=said):
        pipeline.resolved(neuroam.load("recall.yaml", settings=settings))
