"""The order of pattern rows in a protocol: what repeats, what follows its row, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import neuroam
from neuroam.circuit import PatternSet, Sparse
from neuroam.errors import SpecError
from neuroam.resolve import resolve
from neuroam.resolve.pattern_order import ordered

ORDER = [0, 1, 2, 1, 3, 0]
SMALL = {"patterns.memory.bernoulli": {"size": 40, "count": 4}, "seed": 3}


def memory(settings):
    circuit, _ = resolve(neuroam.load("replay_two_layer", "sequence_chain", SMALL | settings))
    return circuit


def test_rows_are_taken_in_this_order_and_attributes_belong_to_its_entries():
    plain, repeated = memory({}), memory({"patterns.memory.order": ORDER})
    assert np.array_equal(repeated.patterns["memory"].values, plain.patterns["memory"].values[ORDER])
    assert repeated.populations["motifs"].size == len(ORDER)
    dwell = repeated.patterns["memory"].attributes["dwell"]
    assert len(set(dwell.tolist())) == len(ORDER)


def test_an_order_may_leave_rows_out_and_all_rows_in_order_are_no_change():
    plain = memory({}).patterns["memory"].values
    assert np.array_equal(memory({"patterns.memory.order": [3]}).patterns["memory"].values, plain[3:])
    assert np.array_equal(memory({"patterns.memory.order": [0, 1, 2, 3]}).patterns["memory"].values, plain)


def test_trials_and_cues_count_the_entries_of_the_order():
    circuit, trials = resolve(
        neuroam.load("recall_random", settings={"patterns.memory.order": [2, 0, 2], "trials": {"each_pattern": 1}})
    )
    assert trials.cued.tolist() == [0, 1, 2]
    assert np.array_equal(circuit.patterns["memory"].values[0], circuit.patterns["memory"].values[2])


def test_values_of_rows_follow_and_values_of_units_stay():
    attributes = {"label": np.array([7.0, 8.0, 9.0]), "frequency": np.array([0.1, 0.2, 0.3])}
    made = PatternSet("made", np.eye(3), True, attributes=attributes, per_row=("label",))
    found = ordered(made, [2, 0, 2, 1])
    assert found.attributes["label"].tolist() == [9, 7, 9, 8]
    assert found.attributes["frequency"].tolist() == [0.1, 0.2, 0.3]


def test_rows_with_few_entries():
    full = np.array([[0, 2, 0, 1], [0, 0, 0, 0], [3, 0, 4, 5]], dtype=float)
    rows = Sparse((3, 4), np.array([0, 2, 2, 5]), np.array([1, 3, 0, 2, 3]), np.array([2.0, 1, 3, 4, 5]))
    made = PatternSet("made", np.empty((0, 0)), False, rows=rows)
    found = ordered(made, [2, 1, 0, 2]).rows
    dense = np.zeros(found.shape)
    dense[np.repeat(np.arange(4), np.diff(found.indptr)), found.indices] = found.data
    assert np.array_equal(dense, full[[2, 1, 0, 2]])


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ({"bernoulli": {"size": 40, "count": 4}, "order": [0, 4]}, r"order\[1\]: there is no pattern 4: 'bernoulli' makes 4"),
        ({"order": [0]}, "expected one pattern function"),
        ({"bernoulli": {"size": 40, "count": 4}, "k_hot": {}}, "expected one pattern function"),
        ({"bernouli": {"size": 40, "count": 4}, "order": [0]}, "no pattern function named 'bernouli'"),
    ],
)  # fmt: skip
def test_what_cannot_be_ordered(patterns, said):
    with pytest.raises(SpecError, match=said):
        memory({"patterns.memory": patterns})
