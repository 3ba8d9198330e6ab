"""What a stage has learned is taken as it is, scaled, or refused with the number that is too large."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources, Sparse
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array, residuals
from neuroam.rules.learned import learned

W = Sparse((2, 4), np.array([0, 2, 4]), np.array([0, 1, 1, 3]), np.array([3.0, -3.0, 1.0, -2.0]))
PATTERNS = np.array([[1.0, 1, 5, 0], [2, 2, 0, 1]])  # the second row leaves 1 and 0


def sources(**more: Sparse) -> Sources:
    memory = PatternSet("memory", PATTERNS, False)
    return Sources({"memory": memory}, {"memory": "levels"}, {}, {"before": {"read": W, **more}, "idle": {}})


def test_weights_come_as_they_are_or_with_rows_of_one_size() -> None:
    assert as_array(learned(sources(), stage="before")).tolist() == [[3, -3, 0, 0], [0, 1, 0, -2]]
    scaled = as_array(learned(sources(), stage="before", scaled=True))
    assert scaled[0].tolist() == [1, -1, 0, 0]
    assert scaled[1].tolist() == pytest.approx([0, 1 / np.sqrt(2.5), 0, -2 / np.sqrt(2.5)])


def test_residuals_are_the_largest_sums() -> None:
    assert residuals(W, PATTERNS).tolist() == [0.0, 1.0]
    many = np.tile(PATTERNS, (300, 1))
    many[511, 3] = 7.0
    assert residuals(W, many).tolist() == [0.0, 12.0]
    assert residuals(W, PATTERNS[:0]).tolist() == [0.0, 0.0]


def test_a_residual_that_is_too_large_is_refused_with_the_number() -> None:
    assert learned(sources(), stage="before", of="memory", residual=1.0).data.size == 4
    with pytest.raises(FunctionError) as caught:
        learned(sources(), stage="before", of="memory", residual=0.5)
    assert "constraint 1 leaves a residual of 1 on the patterns of 'memory', and 0.5 is the most" in caught.value.what
    assert "1 of 2 constraints" in caught.value.what
    assert "learn longer" in caught.value.fix


@pytest.mark.parametrize(
    ("settings", "what", "fix"),
    [
        ({"stage": "later"}, "no stage named 'later' has run", "add 'stages: [later]'"),
        ({"stage": "idle"}, "nothing learns in stage 'idle'", "let one of its epochs"),
        ({"stage": "before"}, "2 projections learn", "add 'projection: NAME', one of: read, other"),
        ({"stage": "before", "projection": "red"}, "no projection 'red' learns", "read, other"),
        ({"stage": "before", "projection": "other", "scaled": True}, "cell 1 .* has no synapse left", "prune less"),
        ({"stage": "before", "projection": "wide", "of": "memory"}, "learned from 5 units, .* have 4", "same patterns"),
    ],
)
def test_what_cannot_be_taken(settings: dict[str, object], what: str, fix: str) -> None:
    empty = Sparse((2, 4), np.array([0, 1, 1]), np.array([0]), np.array([1.0]))
    wide = Sparse((1, 5), np.array([0, 1]), np.array([4]), np.array([1.0]))
    more = {"other": empty} | ({"wide": wide} if settings.get("projection") == "wide" else {})
    with pytest.raises(FunctionError, match=what) as caught:
        learned(sources(**more), **settings)  # type: ignore[arg-type]
    assert fix in caught.value.fix
