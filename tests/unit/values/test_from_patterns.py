"""Steps and slopes that follow from the stored patterns."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.values.relaxation_step import relaxation_step
from neuroam.values.separation_steepness import separation_steepness


def sources(values: np.ndarray, binary: bool = True) -> Sources:
    return Sources({"memory": PatternSet("memory", values, binary)}, {"memory": "bits"})


@pytest.mark.parametrize("count", [6, 50])
def test_the_step_is_the_inverse_of_the_largest_eigenvalue(count):
    given = sources((np.random.default_rng(2).random((count, 20)) < 0.7).astype(float))
    x = given.patterns["memory"].bipolar
    largest = np.linalg.eigvalsh(x @ x.T / 20)[-1]
    assert relaxation_step(given, of="memory").value == pytest.approx(1 / largest, rel=1e-12)
    assert relaxation_step(given, of="memory", relative=1.5).value == pytest.approx(1.5 / largest, rel=1e-12)


@pytest.mark.parametrize(("values", "binary"), [(np.zeros((0, 4)), True), (np.zeros((3, 4)), False)])
def test_nothing_stored_sets_no_step(values, binary):
    with pytest.raises(FunctionError, match="holds no patterns, or only zeros"):
        relaxation_step(sources(values, binary), of="memory")


def test_the_steepness_is_one_less_than_the_units():
    assert separation_steepness(sources(np.zeros((3, 14))), of="memory").value == 13
