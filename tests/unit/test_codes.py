"""Pattern rows become cells, and the activity of cells becomes units again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuroam.circuit import PatternSet
from neuroam.codes import CELLS_PER_UNIT, coded_patterns, decode, encode

BITS = arrays(float, st.tuples(st.integers(1, 4), st.integers(2, 8)), elements=st.sampled_from([0.0, 1.0]))


@pytest.mark.parametrize(
    ("code", "coded"),
    [
        ("bits", [[1, 0, 1]]),
        ("bipolar", [[1, -1, 1]]),
        ("on_off", [[1, 0, 1, 0, 1, 0]]),
        ("levels", [[1, 0, 1]]),
        ("rates", [[1, 0, 1]]),
        ("one_hot", [[1, 0, 1]]),
    ],
)
def test_a_row_in_every_code(code, coded):
    rows = np.array([[1.0, 0.0, 1.0]])
    assert np.array_equal(encode(rows, code, binary=True), coded)
    assert CELLS_PER_UNIT[code] == len(coded[0]) / 3


def test_numbers_stay_numbers_in_a_bipolar_code():
    rows = np.array([[0.5, -2.0]])
    assert np.array_equal(encode(rows, "bipolar", binary=False), rows)


@pytest.mark.parametrize("code", ["bits", "bipolar", "on_off", "levels"])
def test_a_unit_that_is_not_shown_drives_nothing(code):
    coded = encode(np.array([[np.nan, 1.0]]), code, binary=True)
    assert np.isfinite(coded).all()
    assert coded[0, 0] == 0
    if code == "on_off":
        assert coded[0, 2] == 0  # neither the on nor the off cell


@given(BITS, st.sampled_from(["bipolar", "on_off"]))
def test_what_is_coded_is_decoded(rows, code):
    assert np.array_equal(decode(encode(rows, code, binary=True), code), 2 * rows - 1)


@given(BITS)
def test_bits_are_decoded_where_both_values_occur(rows):
    decoded = decode(encode(rows, "bits", binary=True), "bits")
    mixed = (rows.min(axis=1) != rows.max(axis=1))[:, None]
    assert np.array_equal(decoded, np.where(mixed, 2 * rows - 1, 0))


def test_equal_evidence_decides_nothing():
    assert np.array_equal(decode(np.array([3.0, 0.0, 3.0, 5.0]), "on_off"), [0, -1])
    assert np.array_equal(decode(np.array([0.0, -1.0]), "bipolar"), [0, -1])


def test_all_patterns_in_the_code_of_a_port():
    patterns = PatternSet("p", np.array([[1.0, 0.0], [0.0, 0.0]]), binary=True)
    assert np.array_equal(coded_patterns(patterns, "on_off"), [[1, 0, 0, 1], [0, 0, 1, 1]])
    assert (patterns.count, patterns.size) == (2, 2)
