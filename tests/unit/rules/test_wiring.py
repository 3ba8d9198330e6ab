"""Wiring that is drawn, shifted, copied or read from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuroam.circuit import PatternSet, Sources
from neuroam.errors import FunctionError
from neuroam.evaluate import as_array
from neuroam.rules.adjacency import adjacency
from neuroam.rules.random_claws import random_claws
from neuroam.rules.rows_from_stimuli import rows_from_stimuli
from neuroam.rules.shift_rows import shift_rows
from neuroam.rules.table import table
from neuroam.rules.zeros import zeros

MEMORY = Sources({"memory": PatternSet("memory", np.eye(4, 6), True)}, {"memory": "bits"})


def test_every_cell_has_its_number_of_claws_on_different_cells() -> None:
    found = as_array(random_claws((2000, 24), np.random.default_rng(1), n=6, copies=5))
    assert found.shape == (2000, 120)
    assert (found.sum(axis=1) == 6).all()
    # 12 000 claws on 120 cells: 100 each, binomial sd 9.7 (drawn without replacement per row)
    assert found.sum(axis=0).mean() == 100.0
    assert found.sum(axis=0).std() == pytest.approx(np.sqrt(2000 * 0.05 * 0.95), rel=0.25)


def test_more_cells_leave_the_first_claws_as_they_were() -> None:
    few = as_array(random_claws((10, 24), np.random.default_rng(1), n=6))
    assert np.array_equal(few, as_array(random_claws((20, 24), np.random.default_rng(1), n=6))[:10])


def test_sizes_must_be_known_and_large_enough() -> None:
    with pytest.raises(FunctionError, match="must be known"):
        random_claws(None, np.random.default_rng(1), n=6)
    with pytest.raises(FunctionError, match="6 claws need as many"):
        random_claws((3, 5), np.random.default_rng(1), n=6)
    with pytest.raises(FunctionError, match="must be known"):
        zeros(None)
    with pytest.raises(FunctionError, match="must be known"):
        rows_from_stimuli(MEMORY, None, np.random.default_rng(1), of="memory")


def test_a_shift_leads_to_the_successor() -> None:
    open_chain = as_array(shift_rows(MEMORY, of="memory", lag=1))
    assert np.array_equal(open_chain, np.eye(4, k=-1))
    assert np.array_equal(as_array(shift_rows(MEMORY, of="memory", lag=-1)), np.eye(4, k=1))
    ring = as_array(shift_rows(MEMORY, of="memory", lag=1, periodic=True))
    assert np.array_equal(ring, np.roll(np.eye(4), 1, axis=0))


def test_rows_are_different_stimuli_of_length_one() -> None:
    stimuli = np.repeat(np.random.default_rng(1).random((5, 8)), 3, axis=0)
    stimuli[0] = 0.0
    given = Sources({"words": PatternSet("words", stimuli, False)}, {})
    found = rows_from_stimuli(given, (5, 8), np.random.default_rng(2), of="words").values
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0)
    assert len(np.unique(found.round(12), axis=0)) == 5
    with pytest.raises(FunctionError, match="6 rows need as many different patterns, but 'words' has 5"):
        rows_from_stimuli(given, (6, 8), np.random.default_rng(2), of="words")


def test_an_edge_list_becomes_a_matrix_in_the_order_of_the_names(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("pre,post,n\n9,b,2\n10,a,3\n9,a,4\n10,a,1\n", encoding="utf-8")
    found = table(tmp_path, file="e.csv", pre="pre", post="post", value="n")
    assert np.array_equal(as_array(found), [[4.0, 4.0], [2.0, 0.0]])
    assert np.array_equal(as_array(table(tmp_path, file="e.csv", pre="pre", post="post")), [[1.0, 2.0], [1.0, 0.0]])


EDGES = "pn,kc,glomerulus,synapses\n7,a,DM1,3\n8,a,DM1,4\n9,b,DL5,2\n9,c,DL5,9\n5,d,VA6,6\n"


@pytest.fixture
def connectome(tmp_path):
    (tmp_path / "edges.csv").write_text(EDGES)
    return lambda **settings: as_array(
        table(tmp_path, file="edges.csv", pre="glomerulus", post="kc", value="synapses", **settings)
    )


def test_pre_cells_of_a_table_by_name_and_in_order(connectome):
    assert connectome().tolist() == [[0, 7, 0], [2, 0, 0], [9, 0, 0], [0, 0, 6]]
    assert connectome(pre_names=["VA6", "DM1"]).tolist() == [[0, 7], [0, 0], [0, 0], [6, 0]]
    with pytest.raises(FunctionError, match="has no 'Xa' and 1 more"):
        connectome(pre_names=["VA6", "Xb", "Xa"])
    with pytest.raises(FunctionError, match="stands twice"):
        connectome(pre_names=["DM1", "DM1"])


def test_weak_contacts_of_a_table_are_left_out(connectome):
    """After adding up: 3 and 4 synapses are 7."""
    assert connectome(at_least=6).tolist() == [[0, 7, 0], [0, 0, 0], [9, 0, 0], [0, 0, 6]]
    assert connectome(at_least=6, binary=True).sum() == 3


def test_a_table_of_all_pairs_gives_the_contacts_of_two_kinds(tmp_path):
    (tmp_path / "a.csv").write_text("0,4,1\n2,0,7\n0,3,0\n", encoding="utf-8")
    (tmp_path / "kinds.txt").write_text("P\nK\nP\n", encoding="utf-8")

    def read(**more):
        return as_array(adjacency(tmp_path, file="a.csv", labels="kinds.txt", **({"pre": "P", "post": "K"} | more)))

    assert read().tolist() == [[4, 3]]  # row i, column j: from cell i to cell j
    assert read(pre="K", post="P").tolist() == [[2], [7]]
    assert read(at_least=4, binary=True).tolist() == [[1, 0]]
    with pytest.raises(FunctionError, match="no cell of kind 'X'"):
        read(pre="X")
    (tmp_path / "kinds.txt").write_text("P\nK\n", encoding="utf-8")
    with pytest.raises(FunctionError, match="'a.csv' is 3 x 3, and 'kinds.txt' names 2 cells"):
        read()


LARVA = Path(__file__).resolve().parents[4] / "shared" / "data" / "larval_mb_2017"


@pytest.mark.skipif(not LARVA.is_dir(), reason="the larval connectome is not beside the project")
@pytest.mark.parametrize(("side", "claws"), [("left", 4.33), ("right", 4.78)])
def test_the_larval_mushroom_body_has_its_claws(side, claws):
    found = as_array(
        adjacency(LARVA, file=f"{side}_adjacency.csv", labels=f"{side}_cell_labels.csv", pre="P", post="K", binary=True)
    )
    assert found.sum(axis=1).mean() == pytest.approx(claws, abs=0.01)
