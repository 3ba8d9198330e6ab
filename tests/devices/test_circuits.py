"""Does every shipped circuit, small and for a short time, give the same on every device?"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import neuroam
from neuroam import shipped
from neuroam.sim import cuda_tools

LACKING = cuda_tools.lacking("run")
DEVICES = [
    pytest.param(
        ("numpy", "cpp"),
        marks=[
            pytest.mark.slow,
            pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler on this machine"),
        ],
    ),
    pytest.param(
        ("cpp", "cuda"),
        marks=[pytest.mark.cuda, pytest.mark.skipif(bool(LACKING), reason="; ".join(LACKING) or "all there")],
    ),
]


def before(stage: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings, of a stage."""
    return {f"stages.{stage}.{path}": value for path, value in settings.items()}


BITS = {"patterns.memory.bernoulli": {"size": 30, "count": 6}}
RANDOM = ("recall_random", BITS | {"epochs.cue.duration": "30 ms", "epochs.settle.duration": "30 ms"})
ODOURS = {"patterns.odour.odours.count": 3, "populations.kc.size": 200}
WINNERS = {"populations.winners.size": 200}
PANEL = ("odour_panel", ODOURS | {"epochs.intact.duration": "60 ms", "epochs.silenced.duration": "60 ms"})
PUNISHED = ("odour_conditioning", {"populations.kc.size": 200, "epochs.before.duration": "40 ms",
            "epochs.train.duration": "60 ms", "epochs.after.duration": "40 ms", "trials": 2})  # fmt: skip
IMAGES = {"patterns.image.images.count": 40}
CONSTRAINTS = {"patterns.memory.subspace": {"count": 30, "generators": 6, "size": 40, "clusters": 5, "degree": 3}}
NOISY = ("recall_noisy", CONSTRAINTS | {"epochs.recall.duration": "100 ms", "trials": 3})
LEARNED = CONSTRAINTS | {"epochs.learn.times": 1, "epochs.settle.times": 1}
MOTIFS = {"patterns.memory.k_hot": {"size": 100, "count": 5, "coding_level": 0.1}}
SPIKES = ("replay_sequence", MOTIFS | {"epochs.replay.duration": "250 ms", "trials": 2})
RATES = (
    "replay_two_layer",
    {"patterns.memory.bernoulli": {"size": 60, "count": 5}, "epochs.replay.duration": "500 ms"},
)
ROWS = {"patterns": {"memory": {"bernoulli": {"size": 40, "count": 8}}}, "trials": 4}
FRAMES = ("recall_frames", ROWS | {"epochs.replay.duration": "5 steps"})
HELD = ("recall_frames", ROWS | {"patterns": {"memory": {"bernoulli": {"size": 40, "count": 8},
        "dwell": {"uniform": {"low": 3, "high": 6}}}}, "epochs.replay.duration": "25 steps"})  # fmt: skip
TWICE = {
    "patterns.memory.bernoulli": {"size": 60, "count": 4},
    "patterns.memory.dwell": {"uniform": {"low": "40 ms", "high": "80 ms"}},
}
CORRELATED = ("recall_correlated", {"patterns.memory.bernoulli": {"size": 50, "count": 8}, "networks": 2, "trials": 2,
              "epochs.recall.duration": "200 ms"})  # fmt: skip
AGES = {"patterns.memory.bernoulli": {"size": 40, "count": 30}, "trials": {"patterns": [29, 25]}, "networks": 2}
STREAM = {"patterns.memory.bernoulli": {"size": 40, "count": 30}}

CIRCUITS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    **dict.fromkeys(("two_body_power", "two_body_softmax", "two_body_spherical", "two_body_discrete",
                     "two_body_lif", "two_body_lif_correlated", "two_body_lif_background", "hierarchical", "hierarchical_local"), RANDOM),
    "mushroom_body_lif": PANEL,
    "mushroom_body_memory": PUNISHED,
    "mushroom_body_rate": (PANEL[0], PANEL[1] | WINNERS),
    "mushroom_body_rate_memory": (PUNISHED[0], PUNISHED[1] | WINNERS),
    "fly_hash": ("hash_images", IMAGES),
    "bio_hash": ("learn_hash", IMAGES | {"epochs.learn.stream.passes": 1, "populations.kc.size": 40}),
    "bio_hash_spikes": ("learn_hash_spikes", {"patterns.image.images.count": 40, "populations.kc.size": 10, "epochs.learn.each": {"pattern": [0, 1, 2]}}),
    "word_embedding": ("word_codes", {"epochs.learn.stream.passes": 1}),
    **dict.fromkeys(("noisy_clusters", "noisy_clusters_lif"), NOISY),
    "noisy_clusters_discrete": ("noise_benefit", CONSTRAINTS | {"epochs.recall.duration": "400 steps"}),
    "constraint_learning": ("learn_constraints", LEARNED),
    "noisy_clusters_learned": ("recall_learned", CONSTRAINTS | before("learn_constraints", LEARNED) | {"epochs.recall.duration": "400 steps", "matrices.w.learned.residual": 100}),
    **dict.fromkeys(("sequence_lif", "sequence_lif_chain"), SPIKES),
    **dict.fromkeys(("sequence_output", "sequence_hidden", "sequence_chain", "sequence_delay"), RATES),
    "sequence_learning": ("learn_slow_weights", TWICE),
    "sequence_hidden_learned": ("replay_learned_timing", TWICE | before("learn_slow_weights", TWICE) | {"epochs.replay.duration": "300 ms"}),
    **dict.fromkeys(("sequence_dense", "sequence_dense_self_free", "sequence_exponential", "sequence_gpi", "sequence_residual",
                     "sequence_exponential_self_free", "sequence_mixed_self_free"), FRAMES),
    **dict.fromkeys(("sequence_discrete", "sequence_discrete_delay", "sequence_discrete_exponential"), HELD),
    **{f"correlation_{name}{form}": CORRELATED
       for name in ("ignoring", "aware", "aware_full", "whiten") for form in ("", "_gibbs", "_rate")},
    **dict.fromkeys(("correlation_threshold_rate", "correlation_weighted_rate"), CORRELATED),
    "correlation_control": (CORRELATED[0], CORRELATED[1] | {"trials": 1}),
    "correlation_learning": ("store_correlated", {"patterns.memory.bernoulli": {"size": 50, "count": 5}, "trials": 2,
                             "epochs.recall.duration": "100 ms"}),
    **dict.fromkeys(("correlation_cascade_aware", "correlation_cascade_ignoring"),
                    ("recall_by_age", AGES | {"epochs.recall.duration": "80 ms"})),
    "correlation_cascade_whiten": ("recall_any_age", AGES | {"epochs.recall.duration": "200 ms"}),
    "correlation_cascade_once": ("recall_by_age_once", AGES),
    "cascade_learning": ("store_cascade", STREAM),
    "correlation_cascade_learned": ("recall_by_age_learned", AGES | before("store_cascade", STREAM) | {"epochs.recall.duration": "80 ms"}),
}  # fmt: skip


def test_every_shipped_circuit_is_here():
    assert sorted(CIRCUITS) == sorted(shipped.names("models"))


@pytest.mark.parametrize("devices", DEVICES, ids="-".join)
@pytest.mark.parametrize("model", CIRCUITS)
def test_a_circuit_gives_the_same(model, devices):
    """Spikes and what is discrete exactly; graded signals but for the last bits of exponential functions and products."""
    protocol, settings = CIRCUITS[model]
    first, second = (neuroam.run(protocol, model, {**settings, "measure": {}}, device=device) for device in devices)
    moved = False
    for one, other in zip(first.recordings, second.recordings, strict=True):
        for name, spikes in one.spikes.items():
            moved |= spikes.step.size > 0
            for field in ("trial", "step", "cell"):
                assert np.array_equal(getattr(spikes, field), getattr(other.spikes[name], field)), (name, field)
        for key, trace in one.traces.items():
            moved |= bool(np.ptp(trace.values))
            scale = np.abs(trace.values).max(initial=1.0)
            np.testing.assert_allclose(
                other.traces[key].values, trace.values, rtol=0, atol=1e-9 * scale, err_msg=str(key)
            )
        for name, edges in one.weights.items():
            moved |= bool(np.ptp(edges.values))
            scale = np.abs(edges.values).max(initial=1.0)
            np.testing.assert_allclose(
                other.weights[name].values, edges.values, rtol=0, atol=1e-9 * scale, err_msg=name
            )
    assert moved
