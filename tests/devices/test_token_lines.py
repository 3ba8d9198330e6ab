"""Lines of tokens that are never stepped, and weights that follow a list of them, against a few lines of numpy."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

import neuroam
from neuroam.circuit import Dense, Matrix
from neuroam.errors import SpecError
from neuroam.evaluate import as_array
from neuroam.resolve import resolve
from neuroam.sim import cuda_kernels, kernels_cpp, kernels_numpy
from neuroam.sim.structure import Wanted
from neuroam.sim.trial import simulate

LACKS = shutil.which("g++") is None or find_spec("brian2cuda") is None
DEVICES = [
    "numpy",
    pytest.param("cpp", marks=pytest.mark.skipif(shutil.which("g++") is None, reason="no g++")),
    pytest.param(
        "cuda",
        marks=[pytest.mark.slow, pytest.mark.skipif(LACKS, reason="no g++ or no brian2cuda")],
        id="cuda on a CPU",
    ),
]
WORDS = ["sun", "moon", "star", "sea", "wave", "sand", "tree", "leaf", "root", "bird"]
RATE, KAPPA, CELLS = 0.05, 2e-3, 6
LIFT = {"competitive_lift": {"rate": RATE, "frequency": "words.frequency", "modulator": "plasticity"}}
FIXED = {"from": "lines.v", "to": "kc.h", "weights": {"of": "w"}}
EPOCHS = [
    {"name": "rest", "duration": "2 steps"},
    {"name": "learn", "stream": {"passes": 2, "order": "random"}, "duration": "1 steps", "show": {}, "into": "words",
     "learn": ["read"], "set": {"plasticity": {"ramp": {"from": 1, "to": 0.25}}}},
    {"name": "look", "stream": {}, "duration": "1 steps", "show": {}, "into": "words", "as": {"current": 2}},
    {"name": "one", "duration": "3 steps", "show": {"pattern": 5}, "into": "words"},
]  # fmt: skip


@pytest.fixture
def load(tmp_path):
    """``load(model={...}, protocol={...})``: a spec of a small text with these parts changed."""
    rng = np.random.default_rng(8)
    text = "\n".join(" ".join(rng.choice(WORDS, 9, p=np.arange(1, 11) / 55)) for _ in range(60))
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    for kind in ("cells", "synapses"):
        (tmp_path / kind).mkdir()

    def go(model=None, protocol=None, synapses=None, cells=None, epochs=None):
        for kind, parts in (("synapses", synapses), ("cells", cells)):
            for name, part in (parts or {}).items():
                (tmp_path / kind / f"{name}.yaml").write_text(json.dumps({"title": name} | part))
        made = {
            "format": 1, "title": "t", "time": {"discrete": "synchronous"},
            "matrices": {"w": {"rows_from_stimuli": {"of": "words"}}},
            "populations": {"lines": {"size": {"units": "words"}, "cell": "tokens"},
                            "kc": {"size": CELLS, "cell": "winner", "params": {"kappa": KAPPA}}},
            "projections": {"read": {"from": "lines.v", "to": "kc.h", "weights": {"of": "w"}, "plastic": LIFT}},
            "controls": {"plasticity": 1},
            "ports": {"words": {"population": "lines", "code": "tokens", "cue": "current"}, "kc": "kc"},
        } | (model or {})  # fmt: skip
        (tmp_path / "model.yaml").write_text(json.dumps(made))
        (tmp_path / "protocol.yaml").write_text(json.dumps({
            "format": 1, "title": "t", "model": "model", "trials": 2,
            "patterns": {"words": {"token_windows": {"file": "text.txt", "window": 5, "vocabulary": 8}}}, "epochs": epochs or EPOCHS,
        } | (protocol or {})))  # fmt: skip
        return neuroam.load(tmp_path / "protocol.yaml", tmp_path / "model.yaml")

    return go


def resolved(spec):
    """With random weights of length one, for a tie would be decided by the last bit."""
    circuit, trials = resolve(spec)
    patterns = circuit.patterns["words"]
    w = np.random.default_rng(3).random((CELLS, patterns.size))
    w /= np.linalg.norm(w, axis=1)[:, None]
    return replace(circuit, matrices={"w": Matrix("w", Dense(w))}), trials


def by_hand(circuit, trials):
    """The rule as it stands in the paper, without scales: winners of every step, and the last weights."""
    patterns, w = circuit.patterns["words"], circuit.matrices["w"].weights.values.copy()
    rows = patterns.rows
    shown: list[tuple[int, float, float]] = [(-1, 0.0, 0.0)] * 2
    order = trials.epochs[1].patterns
    shown += [(row, 1.0, 1 - 0.75 * n / order.size) for n, row in enumerate(order)]
    shown += [(row, 2.0, 0.0) for row in range(patterns.count)] + [(5, 1.0, 0.0)] * 3
    conscience, winners, drives = np.zeros(CELLS), [], []
    for row, amplitude, left in shown:
        part = slice(rows.indptr[row], rows.indptr[row + 1]) if row >= 0 else slice(0)
        lines, v = rows.indices[part], amplitude * rows.data[part]
        h = w[:, lines] @ v
        won = (h - conscience >= (h - conscience).max()) & (h > 0)
        winners += [(len(drives), cell) for cell in np.flatnonzero(won)]
        drives.append(h)
        conscience += KAPPA * (won - 1 / CELLS)
        taught = v / patterns.attributes["frequency"][lines]
        for cell in np.flatnonzero(won) if left else ():
            q = w[cell, lines] @ taught
            w[cell] *= 1 - RATE * left * q
            w[cell, lines] += RATE * left * taught
    return winners, w, np.array(drives)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("least", [None, 0.5], ids=["", "scales often go into the weights"])
def test_only_active_lines_are_visited_and_all_weights_follow_the_rule(
    load, device, least, monkeypatch, tmp_path, request
):
    if device == "cuda":
        request.getfixturevalue("emulated")
        monkeypatch.setenv("EMULATED_ORDER", "2")
    if least is not None:
        monkeypatch.setenv("NEUROAM_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(kernels_numpy, "LEAST", {8: least})
        monkeypatch.setattr(kernels_cpp, "_TURNED", kernels_cpp._TURNED.replace("(real)1e-100", str(least)))
        monkeypatch.setitem(kernels_cpp._WHOLE, "turned", kernels_cpp._TURNED)
        monkeypatch.setattr(cuda_kernels, "_TURNED", cuda_kernels._TURNED.replace("(real)1e-100", str(least)))
    circuit, trials = resolved(load())
    found = simulate(circuit, trials, Wanted(("kc",), {("kc", "strength"): 1}), device, batch=2).recording
    winners, w, drives = by_hand(circuit, trials)
    spikes, edges = found.spikes["kc"], found.weights["read"]
    for trial in range(2):
        mine = spikes.trial == trial
        assert list(zip(spikes.step[mine].tolist(), spikes.cell[mine].tolist(), strict=True)) == winners
        table = np.zeros_like(w)
        table[edges.post, edges.pre] = edges.values[trial]
        assert np.allclose(table, w, rtol=1e-12, atol=1e-14)
        assert np.allclose(found.traces["kc", "strength"].values[trial, : len(drives)], drives, rtol=1e-12, atol=1e-14)
    assert np.abs(w - circuit.matrices["w"].weights.values).max() > 0.1
    assert "lines" not in found.spikes


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", ["dense", "sparse", "ones", "spikes"])
def test_lines_send_over_fixed_weights(load, device, kind, request):
    """What arrives is the product with the whole stimulus; a spike of a line counts once, however strong its drive."""
    if device == "cuda":
        request.getfixturevalue("emulated")
    source = "lines" if kind == "spikes" else "lines.v"
    read = {"from": source, "to": "kc.h", "weights": {"of": "w"}}
    if kind == "ones":
        read |= {"weights": 1, "connect": "all"}
    matrices = {"w": {"rows_from_stimuli": {"of": "words"}}} if kind != "sparse" else {"w": {"random_claws": {"n": 1}}}
    model = {"projections": {"read": read}, "controls": {}, "matrices": {} if kind == "ones" else matrices}
    kc = {"inputs": {"h": 1}, "states": {"now": 1}, "update": ["now = h"], "output": {"y": "h"}}
    model["populations"] = {
        "lines": {"size": {"units": "words"}, "cell": "tokens"},
        "kc": {"size": CELLS, "cell": "read"},
    }
    spec = load(model, {"trials": 1}, cells={"read": kc}, epochs=[EPOCHS[0], EPOCHS[2]])
    circuit, trials = resolve(spec)
    found = simulate(circuit, trials, Wanted((), {("kc", "y"): 1, ("kc", "now"): 1}), device).recording
    rows = circuit.patterns["words"].rows
    full = np.zeros(rows.shape)
    full[np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)), rows.indices] = 2 * rows.data
    weights = next(iter(circuit.matrices.values())).weights
    expected = ((full > 0) if kind == "spikes" else full) @ as_array(weights).T
    name, first = ("now", 4) if kind == "spikes" else ("y", 2)  # what spikes bring is known one step later
    got = found.traces["kc", name].values[0, first:]
    assert len(got) >= len(full) - 1
    assert np.allclose(got[: len(full)], expected[: len(got)], rtol=1e-12)
    assert np.ptp(expected) > 0


@pytest.mark.parametrize(
    ("model", "protocol", "what"),
    [
        ({"projections": {"read": FIXED}}, {"patterns": {"words": {"bernoulli": {"size": 8, "count": 20}}}}, "are not lists of tokens"),
        ({"ports": {"words": {"population": "lines", "code": "levels", "cue": "current"}, "kc": "kc"}}, {},
         "are lists of tokens, and the code of this port is 'levels'"),
        ({}, {"record": {"lines": {"variables": ["v"]}}}, "they are not recorded"),
        ({}, {"measure": {"coding_level": {"port": "words"}}}, "they are not recorded"),
        ({}, {"measure": {"spearman": {"port": "kc"}}}, "no judged pairs are named"),
        ({}, {"measure": {"nearest_words": {"port": "kc"}}}, "a code of 16 winners needs as many cells, and 'kc' has 6"),
        ({}, {"measure": {"nearest_words": {"port": "kc", "words": ["xylem"]}}}, "'xylem' is not in the vocabulary"),
        ({}, {"epochs": [{**EPOCHS[0], "silence": "lines"}]}, "they cannot be silenced"),
        ({}, {"epochs": [{**EPOCHS[3], "show": {"pattern": 0, "corrupt": [{"drop": {"fraction": 0.5}}]}}]},
         "cannot be corrupted"),
        ({}, {"epochs": [{**EPOCHS[3], "show": {"pattern": 9999}}]}, "there is no pattern 9999"),
        ({"projections": {"read": {**FIXED, "plastic": "held"}}}, {},
         "'held' has 'step', which concern every line"),
        ({"projections": {"read": {**FIXED, "plastic": "mixed"}}}, {},
         "reads 'v_pre'"),
        ({"projections": {"read": {**FIXED, "plastic": "loud"}}}, {},
         "a line without a drive would send 1"),
    ],
)  # fmt: skip
def test_what_would_need_every_line_is_refused(load, model, protocol, what):
    synapses = {
        "held": {"plastic": True, "step": ["w = 0.9*w"]},
        "mixed": {"plastic": True, "post": ["w += (v_pre + h_post) - w"]},
        "loud": {"plastic": True, "post": ["w += (1 + v_pre) - w"]},
    }
    if "epochs" not in protocol:
        protocol = protocol | {"epochs": [{**EPOCHS[3], "show": {"pattern": 0}}]}
    if "projections" in model:
        model = model | {"controls": {}}
    with pytest.raises(SpecError, match=what):
        resolve(load(model, protocol, synapses))
