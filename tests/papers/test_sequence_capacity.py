"""How long sequences may be: Chaudhry, Zavatone-Veth, Krotov & Pehlevan (2023), by search with compiled circuits.

Numbers are those of an independent numpy program that came with the task, its tolerances too: 5 % where N >= 40 and
P > 50, else 20 %.  Half of 40 sequences is a coarse measure, so an interval that holds the number will do as well.
"""

from __future__ import annotations

from typing import Any

import pytest

import neuroam

SEED = 11
SIZE, POWER = "patterns.memory.bernoulli.size", "populations.motifs.params.d"

pytestmark = pytest.mark.slow


def searched(protocol: str, folder: Any, over: dict[str, Any], model: str | None = None, **settings: Any) -> Any:
    wanted = {"seed": SEED} | {path.replace("__", "."): value for path, value in settings.items()}
    return neuroam.sweep(protocol, model, wanted, over={path: [value] for path, value in over.items()}, folder=folder)


def agrees(found: Any, expected: float, tolerance: float) -> bool:
    value, low, high = (float(part) for part in (found, found.coords["low"], found.coords["high"]))
    return abs(value / expected - 1) <= tolerance or low <= expected <= high


@pytest.mark.parametrize(
    ("d", "size", "one_step", "all_steps"),
    [(1, 100, 11.5, 10.6), (2, 50, 96.6, 61.0), (2, 100, 343.8, 199.6), (3, 50, 982, 468), (4, 40, 3080, 1229)],
)
def test_powers(d, size, one_step, all_steps, tmp_path):
    """The exact law of independent crosstalk; the formula for large networks is 1.6 to 2.3 times too low for P_S."""
    found = searched("capacity_sequence", tmp_path / "out", {SIZE: size, POWER: d})
    measures = {name: array.squeeze() for name, array in found.measures.items()}
    tolerance = 0.05 if one_step > 50 else 0.2
    assert agrees(measures["transition_capacity"], one_step, tolerance)
    assert agrees(measures["sequence_capacity"], all_steps, tolerance)
    limit = float(found.lines["large_networks_all"].squeeze())
    assert 1.5 < float(measures["sequence_capacity"]) / limit < 2.6


@pytest.mark.parametrize(("d", "ratio"), [(1, 1.87), (2, 1.93)])
def test_one_sided_cells_double_the_capacity(d, ratio, tmp_path):
    """1.94 and 1.80 for d = 1, 1.88 and 1.98 for d = 2: half of the patterns make no noise."""
    most = [
        float(
            searched("capacity_sequence", tmp_path / str(side), {SIZE: 100, POWER: d},
                     populations__motifs__params__one_sided=side).measures["transition_capacity"].squeeze()
        )
        for side in (0, 1)
    ]  # fmt: skip
    assert most[1] / most[0] == pytest.approx(ratio, rel=0.1)


@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [("sequence_exponential", 10, 37.7), ("sequence_exponential", 14, 151),
     ("sequence_exponential_self_free", 10, 15.4), ("sequence_exponential_self_free", 14, 53)],
)  # fmt: skip
def test_an_exponential_fails_where_patterns_coincide(model, size, expected, tmp_path):
    """The birthday bound; formulas for large networks say 32 and 342."""
    found = searched("capacity_exponential", tmp_path / "out", {SIZE: size}, model)
    assert agrees(found.measures["sequence_capacity"].squeeze(), expected, 0.2)


def test_patterns_that_differ_leave_it_truly_exponential(tmp_path):
    """275 of the 1024 patterns of 10 units."""
    found = searched("capacity_distinct", tmp_path / "out", {SIZE: 10})
    assert agrees(found.measures["sequence_capacity"].squeeze(), 275, 0.2)


@pytest.mark.parametrize(("fast", "slow", "expected"), [(2, 2, 97), (2, 3, 673), (3, 2, 142)])
def test_a_mixed_network(fast, slow, expected, tmp_path):
    """Fig. 4B, N = 100, lambda = 2.5, no memory of earlier steps: tolerance 20 %."""
    over = {"populations.present.params.d": fast, "populations.past.params.d": slow}
    found = searched("capacity_mixed", tmp_path / "out", over)
    assert agrees(found.measures["transition_capacity"].squeeze(), expected, 0.2)
