"""Every readout keeps the promise of its room: labelled numbers, a trial measured on its own, nothing changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam.circuit import (
    Cell,
    Circuit,
    Dense,
    Epoch,
    Event,
    Matrix,
    PatternSet,
    Plasticity,
    Population,
    Port,
    Projection,
    Trials,
)
from neuroam.readouts import readout
from neuroam.recording import EdgeWeights, Recording, Spikes, Trace

P, N, TRIALS, STEPS, DT = 4, 10, 3, 1200, 1e-3

# settings that suit the run below; a new readout gets a line here
EXAMPLES: dict[str, dict[str, Any]] = {
    "bit_error": {"port": "memory", "window": {"last": "400 ms"}},
    "calibration": {"port": "memory", "bins": 4},
    "calibration_error": {"port": "memory", "window": {"last": "400 ms"}},
    "capture": {"port": "memory"},
    "class_precision": {"port": "memory", "k": 3, "epoch": "stream"},
    "code_overlap": {"port": "memory", "other": "levels"},
    "coding_level": {"port": "memory", "epoch": "before"},
    "correlations": {"port": "memory"},
    "cue_error": {"port": "memory"},
    "cv2": {},
    "discrimination": {"port": "memory", "epoch": "after"},
    "dwell_correlation": {"port": "motifs", "epoch": "replay"},
    "dwell_error": {"port": "motifs", "epoch": "replay"},
    "dwell_feedback": {"port": "motifs", "epoch": "replay"},
    "dwell_time": {"port": "motifs", "epoch": "replay"},
    "energy": {},
    "energy_rise": {},
    "errors_per_cluster": {"port": "levels"},
    "fano_factor": {"over": "trials"},
    "frames_exact": {"port": "framed"},
    "generalisation": {"port": "memory", "by": "motifs", "epochs": ["before", "after"]},
    "identification": {"port": "memory"},
    "member_rate": {"population": "motifs"},
    "nearest_stored": {"port": "memory"},
    "nearest_words": {"port": "kc", "words": ["sun"], "count": 2, "k": 2},
    "onsets": {"port": "motifs", "epoch": "replay"},
    "order": {"port": "motifs", "epoch": "replay"},
    "overlap": {"port": "memory", "window": {"last": "200 ms"}},
    "overlap_course": {"port": "memory"},
    "pair_correlation": {"port": "memory"},
    "participation_ratio": {"port": "memory"},
    "pattern_error_rate": {"port": "levels"},
    "precision": {"port": "memory", "k": [2, 4], "share": 0.4},
    "projected_error_rate": {"port": "levels"},
    "purity": {"port": "memory", "by": "motifs", "epoch": "replay"},
    "rate": {},
    "residual": {"port": "levels"},
    "satisfied_clusters": {"port": "levels"},
    "sequence_exact": {"port": "framed"},
    "settling_time": {"port": "memory"},
    "sparseness": {"port": "memory"},
    "spearman": {"port": "kc", "k": [1, 2], "file": ["pairs.csv"]},
    "spikes_per_active_cell": {"port": "memory"},
    "steps": {"population": "pattern", "counter": "work"},
    "success": {"port": "memory", "above": 0.5},
    "symbol_error_rate": {"port": "levels", "interval": "wilson"},
    "tags": {"port": "memory", "k": 3},
    "top_words": {"port": "kc", "count": 3},
    "trial_correlation": {"port": "memory"},
    "valence_change": {"port": "memory", "epochs": ["before", "after"]},
    "weight_correlation": {"port": "memory", "of": "square"},
    "win_share": {"port": "memory"},
    "winner": {"port": "memory"},
}
WORDS = ("sun", "moon", "star", "sea")
PAIRS = "first,second,score\nsun,moon,3\nsun,sea,1\nmoon,star,2\nstar,sea,0\nsun,cloud,9\n"
ACROSS_TRIALS = (
    "calibration",
    "class_precision",
    "correlations",
    "dwell_feedback",
    "fano_factor",
    "generalisation",
    "identification",
    "nearest_words",
    "pair_correlation",
    "participation_ratio",
    "precision",
    "sequence_exact",
    "spearman",
    "top_words",
    "trial_correlation",
    "weight_correlation",
    "win_share",
)


def made_circuit() -> Circuit:
    spiking = Cell("spiking", event=Event("spike", "v > 1", ()))
    graded = Cell("graded", updates=(("x", "x"), ("work", "work")), states=("x", "work"))
    rng = np.random.default_rng(1)
    memory = PatternSet(
        "memory",
        (rng.random((P, N)) < 0.5).astype(float),
        True,
        0.5,
        attributes={"dwell": rng.uniform(0.1, 0.3, P), "label": np.arange(P) % 2.0},
    )
    place = np.arange(N)
    group, member = np.divmod(np.arange(2 * P), 2)
    populations = {
        "features": Population("features", N, spiking, {}, {"place": place, "copy": 0 * place, "unit": place}),
        "motifs": Population("motifs", 2 * P, spiking, {}, {"place": group, "copy": member, "row": group}, "one_hot"),
        "pattern": Population("pattern", N, graded, {}, {"place": place, "copy": 0 * place, "unit": place}, "levels"),
        "lines": Population("lines", 2 * len(WORDS), spiking, {}, {"place": np.arange(2 * len(WORDS))}, "tokens"),
        "frames": Population("frames", N, graded, {}, {"place": place, "copy": 0 * place, "unit": place}, "bipolar"),
        "checks": Population("checks", 2, graded, {}, {"place": np.arange(2)}),
        "kc": Population("kc", 3, spiking, {}, {"place": np.arange(3)}),
    }  # fmt: skip
    check = Projection("check", "pattern", "x", "checks", "h", "w", False, 1.0, plastic=Plasticity("anti"))
    read = Projection("read", "lines", "spike", "kc", "h", "w", False, 1.0, plastic=Plasticity("lift"))
    ports = {
        "words": Port("words", "lines", "tokens", {}),
        "kc": Port("kc", "kc", "bits", {}),
        "memory": Port("memory", "features", "bits", {}),
        "motifs": Port("motifs", "motifs", "one_hot", {}),
        "levels": Port("levels", "pattern", "levels", {}),
        "framed": Port("framed", "frames", "bipolar", {}),
    }
    members = np.repeat(np.eye(2), N // 2, axis=1)
    levels = PatternSet(
        "levels",
        rng.integers(0, 5, (P, N)).astype(float),
        False,
        attributes={"members": members, "generator": np.tile(np.eye(5), 2)},
    )
    rows = np.stack([np.eye(N)[0] - np.eye(N)[1], np.eye(N)[N - 1] - np.eye(N)[N - 2]])
    words = PatternSet("words", np.empty((0, 0)), False, units=WORDS * 2)
    framed = PatternSet("framed", memory.values, True)
    patterns = {"memory": memory, "levels": levels, "words": words, "framed": framed}
    return Circuit(
        "made",
        populations,
        {"read": read, "check": check},
        {"w": Matrix("w", Dense(rows)), "square": Matrix("square", Dense(rng.normal(size=(N, N))))},
        ports,
        patterns,
        (),
        DT,
        "euler",
        "continuous",
    )


def made_trials(order: NDArray[np.int64]) -> Trials:
    names = [("before", 0), ("before", 100), ("after", 200), ("after", 300), ("replay", 400)]
    stops = [100, 200, 300, 400, STEPS]
    epochs = tuple(Epoch(name, start, stop) for (name, start), stop in zip(names, stops, strict=True))
    epochs += (Epoch("stream", 400, STEPS, np.arange(P)),)
    cues = (np.random.default_rng(2).random((TRIALS, N)) < 0.5).astype(float)
    cued = np.array([0, 2, 1])
    return Trials(STEPS, epochs, order, cued[order], "memory", {}, {}, {}, {}, {"memory": cues[order]}, 0)


def made_recording(order: NDArray[np.int64]) -> Recording:
    rng = np.random.default_rng(3)
    spikes = {}
    for name, size in (("features", N), ("motifs", 2 * P)):
        fired = rng.random((TRIALS, STEPS, size)) < 0.05 * (1 + rng.random((TRIALS, 1, size)))
        if name == "motifs":
            turn = (np.arange(STEPS)[:, None] // 150) % P == np.arange(size)[None, :] // 2
            fired &= turn[None]
        trial, step, cell = np.nonzero(fired[order])
        spikes[name] = Spikes(trial.astype(np.int32), step.astype(np.int32), cell.astype(np.int32))
    sampled = np.arange(0, STEPS + 1, 100)
    values = rng.integers(0, 5, (TRIALS, sampled.size, N)).astype(float)
    traces = {("pattern", "x"): Trace(sampled, values[order]), ("pattern", "work"): Trace(sampled, 3 * values[order])}
    frames = np.where(rng.random((TRIALS, STEPS + 1, N)) < 0.5, -1.0, 1.0)
    traces["frames", "x"] = Trace(np.arange(STEPS + 1), frames[order])
    pre, post = (index.ravel().astype(np.int32) for index in np.indices((2 * len(WORDS), 3)))
    weights = {"read": EdgeWeights(pre, post, np.tile(rng.random(pre.size), (TRIALS, 1)))}
    pre, post = (index.ravel().astype(np.int32) for index in np.indices((N, 2)))
    weights["check"] = EdgeWeights(pre, post, rng.normal(size=(TRIALS, pre.size))[order])
    return Recording(DT, STEPS, TRIALS, spikes, traces, weights)


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text(PAIRS, encoding="utf-8")
    call.folder = tmp_path  # type: ignore[attr-defined]


def call(name: str, order: NDArray[np.int64] | None = None, recording: Recording | None = None) -> Any:
    order = np.arange(TRIALS) if order is None else order
    entry = readout[name]
    offers: dict[str, Any] = {
        "recording": recording or made_recording(order),
        "circuit": made_circuit(),
        "trials": made_trials(order),
        "folder": call.folder,  # type: ignore[attr-defined]
    }
    settings = entry.schema.model_validate(EXAMPLES[name])
    given = {key: getattr(settings, key) for key in type(settings).model_fields}
    return entry.function(**{key: offers[key] for key in entry.offers}, **given)


def test_every_readout_has_an_example() -> None:
    assert sorted(EXAMPLES) == list(readout)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_readout_gives_labelled_numbers_with_a_unit(name: str) -> None:
    found = call(name)
    assert isinstance(found.attrs["units"], str)
    assert set(found.dims) <= set(found.coords)
    assert all(set(coordinate.dims) <= set(found.dims) for coordinate in found.coords.values())
    assert found.dtype == float
    if name not in ACROSS_TRIALS:
        assert found.dims[0] == "trial"
        assert found.sizes["trial"] == TRIALS


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - set(ACROSS_TRIALS)))
def test_a_trial_is_measured_on_its_own(name: str) -> None:
    order = np.array([2, 0, 1])
    expected = call(name).sel(trial=order)
    found = call(name, order)
    assert list(found.coords["trial"].to_numpy()) == list(order)
    assert np.allclose(found.to_numpy(), expected.to_numpy(), equal_nan=True, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_readout_leaves_the_recording_alone(name: str) -> None:
    given, untouched = made_recording(np.arange(TRIALS)), made_recording(np.arange(TRIALS))
    call(name, recording=replace(given))
    for key, trace in untouched.traces.items():
        assert np.array_equal(given.traces[key].values, trace.values)
    for population, spikes in untouched.spikes.items():
        assert np.array_equal(given.spikes[population].step, spikes.step)
