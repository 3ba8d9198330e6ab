"""Constraints hold for every pattern of the subspace, and are counted cluster by cluster."""

from __future__ import annotations

import numpy as np
import pytest

from neuroam.circuit import Dense, PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.patterns.subspace import subspace
from neuroam.rules.group_contacts import group_contacts
from neuroam.rules.null_space import null_space
from neuroam.rules.row_groups import row_groups


@pytest.fixture(scope="module")
def memory() -> PatternSet:
    return subspace(np.random.default_rng(1), size=400, count=30)


def of(patterns: PatternSet, **matrices: object) -> Sources:
    return Sources({"memory": patterns}, {"memory": "levels"}, matrices)  # type: ignore[arg-type]


def test_the_subspace_has_levels_and_clusters_as_asked(memory: PatternSet) -> None:
    members = memory.attributes["members"]
    assert set(np.unique(memory.values)) <= set(range(7))  # six ones per column
    assert (members.sum(axis=0) == 5).all()
    assert members.shape == (50, 400)
    # six draws of twenty rows with replacement leave 20 (1 - 0.95^6) = 5.3 different ones
    assert memory.attributes["generator"].sum(axis=0).mean() == pytest.approx(5.3, abs=0.15)


def test_constraints_are_zero_for_all_patterns_and_one_in_size(memory: PatternSet) -> None:
    found = null_space(of(memory), np.random.default_rng(2), of="memory", inputs=32)
    weights = as_array(found)
    unseen = (np.random.default_rng(3).random((200, 20)) < 0.5) @ memory.attributes["generator"]
    assert np.abs(weights @ unseen.T).max() < 1e-9
    degree = (weights != 0).sum(axis=1)
    assert degree.max() == 32
    assert np.allclose((weights**2).sum(axis=1) / degree, 1.0)
    # a cluster of 40 units in 20 dimensions has 20 constraints
    assert len(weights) == pytest.approx(50 * 20, rel=0.05)


def test_groups_and_contacts_follow_from_the_matrix(memory: PatternSet) -> None:
    weights = null_space(of(memory), np.random.default_rng(2), of="memory", inputs=32)
    groups = row_groups(of(memory, w=weights), of="w", port="memory")
    assert np.array_equal(as_array(groups).sum(axis=0), np.ones(weights.shape[0]))
    degree = as_array(group_contacts(of(memory, w=weights, groups=groups), of="w", by="groups"))
    assert ((degree > 0) <= (memory.attributes["members"] > 0)).all()
    assert np.array_equal(degree.sum(axis=0), (as_array(weights) != 0).sum(axis=0))
    # 20 rows of 32 out of 40 units: 16 contacts per unit and cluster
    assert degree[degree > 0].mean() == pytest.approx(16.0, abs=1.0)


def test_what_has_no_subspace_is_refused() -> None:
    plain = PatternSet("memory", np.ones((2, 4)), False)
    with pytest.raises(FunctionError, match="come from no subspace"):
        null_space(of(plain), np.random.default_rng(1), of="memory")
    with pytest.raises(FunctionError, match="have no clusters"):
        row_groups(of(plain, w=Dense(np.ones((1, 4)))), of="w", port="memory")
    tight = subspace(np.random.default_rng(1), size=10, count=2, clusters=10, degree=1)
    with pytest.raises(FunctionError, match="no cluster has more units"):
        null_space(of(tight), np.random.default_rng(1), of="memory")


def test_a_row_that_belongs_to_no_cluster_is_refused(memory: PatternSet) -> None:
    with pytest.raises(FunctionError, match="row 0 of 'w' lies inside 0 clusters"):
        row_groups(of(memory, w=Dense(np.ones((1, 400)))), of="w", port="memory")
    with pytest.raises(FunctionError, match="groups 2 rows but 'w' has 1"):
        group_contacts(of(memory, w=Dense(np.ones((1, 400))), g=Dense(np.ones((1, 2)))), of="w", by="g")
    with pytest.raises(FunctionError, match="cannot belong to 3 of 2 clusters"):
        subspace(np.random.default_rng(1), size=4, count=1, clusters=2, degree=3)
