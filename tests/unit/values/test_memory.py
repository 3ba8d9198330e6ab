"""Ages of stored patterns, and strengths of cells."""

from __future__ import annotations

import numpy as np

from neuroam.circuit import Dense, Sources
from neuroam.values.age import age
from neuroam.values.strength import strength


def test_the_last_pattern_is_the_newest():
    values, _ = age(4)
    assert list(values) == [3, 2, 1, 0]


def test_the_strength_of_a_cell_is_that_of_the_synapses_onto_it_or_from_it():
    sources = Sources({}, {}, {"w": Dense(np.array([[0.0, 1.0], [5.0, 0.0]]))})
    assert list(strength(sources, of="w")[0]) == [1, 5]
    assert list(strength(sources, of="w", columns=True)[0]) == [5, 1]
