"""What the files say of projections, in words."""

from __future__ import annotations

import pytest

from neuroam.spec.describe import delay_of, sign_of, slowness_of
from neuroam.spec.load import load_model


@pytest.mark.parametrize(
    ("model", "projection", "sign"),
    [
        ("mushroom_body_rate", "apl_to_kc", "-"),  # a positive weight, and a cell that subtracts what comes
        ("mushroom_body_rate", "pn_to_kc", "+"),
        ("mushroom_body_lif", "apl_to_kc", "-"),
        ("mushroom_body_memory", "dan_to_mbon", "~"),
        ("bio_hash_spikes", "apl_to_kc", "-"),
        ("correlation_aware", "weighted", "-"),  # its gain is a control
        ("sequence_lif", "compete", "-"),
        ("sequence_residual", "release", "?"),
        ("noisy_clusters_discrete", "call", "?"),
        ("two_body_softmax", "forward", "±"),
    ],
)
def test_signs_are_what_projections_do(model, projection, sign):
    assert sign_of(load_model(model), projection) == sign


@pytest.mark.parametrize(
    ("model", "projection", "delay", "slowness"),
    [
        ("sequence_delay", "wait", "memory.dwell", ""),
        ("sequence_discrete_delay", "remember", "5 steps", ""),
        ("sequence_lif", "advance", "", "tau 100 ms"),
        ("sequence_lif", "recognise", "", "tau 10 ms"),
        ("sequence_discrete", "remember", "", "mean of 5 steps"),
        ("sequence_discrete_exponential", "remember", "", "tau 20 steps"),
        ("two_body_softmax", "forward", "", ""),
    ],
)
def test_what_is_late_or_slow_says_so(model, projection, delay, slowness):
    loaded = load_model(model)
    assert (delay_of(loaded, projection), slowness_of(loaded, projection)) == (delay, slowness)
