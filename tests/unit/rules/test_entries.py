"""A matrix written out in YAML arrives as it stands."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.errors import FunctionError
from neuroam.rules.entries import entries


def test_rows_are_rows() -> None:
    assert np.array_equal(entries(rows=[[0.6, -0.3, 1], [0, 0.5, 2]]).values, [[0.6, -0.3, 1.0], [0.0, 0.5, 2.0]])


@pytest.mark.parametrize(
    ("rows", "what"), [([[1.0, 2.0], [3.0]], "1 and 2 entries"), ([], "no entries"), ([[]], "no entries")]
)
def test_what_is_no_matrix_is_refused(rows: list[list[float]], what: str) -> None:
    with pytest.raises(FunctionError, match=what):
        entries(rows=rows)
