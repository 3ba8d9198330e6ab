"""A matrix knows whether it was made with a lag: a circuit that has one moves on from what was cued."""

from __future__ import annotations

import pytest

from neuroam.resolve import resolve
from neuroam.spec.load import load


@pytest.mark.parametrize(
    ("protocol", "model", "expected"),
    [
        ("replay_sequence", None, {"last": "memory"}),
        ("replay_sequence", "sequence_lif_chain", {"next": "memory"}),
        ("replay_two_layer", None, {"next": "memory"}),
        ("replay_two_layer", "sequence_hidden", {"last": "memory"}),
        ("recall_random", None, {}),
    ],
)
def test_matrices_with_a_lag(protocol, model, expected):
    circuit, _ = resolve(load(protocol, model))
    assert {name: m.sequence for name, m in circuit.matrices.items() if m.sequence} == expected
