"""Similarity of memories: of the stored ones to each other, of states at the end to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuroam.circuit import Epoch
from neuroam.errors import FunctionError
from neuroam.plots import RunData, draw
from neuroam.plots.similarity import MOST, confusion, cosines, ends, similarity


def test_cosine_of_signs_is_their_overlap_and_of_nothing_is_zero():
    states = np.array([[1.0, 1.0, -1.0, -1.0], [0.0, 0.0, 0.0, 0.0]])
    stored = np.array([[1.0, 1.0, 1.0, -1.0], [-1.0, -1.0, 1.0, 1.0]])
    np.testing.assert_allclose(cosines(states, stored), [[0.5, -1.0], [0.0, 0.0]])


def test_confusion_has_a_row_per_cued_memory():
    memories, mean = confusion(np.array([[1.0, 0.0, 0.2], [0.0, 0.8, 0.0], [0.5, 0.5, 0.0]]), np.array([2, 0, 2]))
    assert memories.tolist() == [0, 2]
    np.testing.assert_allclose(mean, [[0.0, 0.8, 0.0], [0.75, 0.25, 0.1]])


def test_cells_of_the_cued_memory_that_fire_make_the_diagonal(make):
    run = make(per_cell=200)
    stored = run.circuit.patterns["memory"].bipolar
    states = ends(run, np.arange(3))
    assert states is not None
    np.testing.assert_array_equal(states, stored[run.trials.cued])
    figure = draw("similarity", run)
    left, right = figure.axes[:2]
    np.testing.assert_allclose(left.images[0].get_array(), stored @ stored.T / 6)
    np.testing.assert_allclose(np.diag(right.images[0].get_array()), 1.0)
    assert right.get_title(loc="left") == "nearest to the cued memory in 3 of 3 trials"


def test_one_trial_has_one_row_with_its_number(make, drawn):
    figure = draw("similarity", make(), trial=2)
    drawn(figure)
    right = figure.axes[1]
    assert right.images[0].get_array().shape == (1, 3)
    assert [label.get_text() for label in right.get_yticklabels()] == ["2"]


def test_patterns_shown_in_turn_have_no_cued_row(make):
    run = make()
    turn = replace(run.trials, epochs=(Epoch("one", 0, 200, pattern=0), Epoch("two", 200, 400, pattern=1)))
    figure = draw("similarity", RunData(run.recording, run.circuit, turn))
    assert len(figure.axes) == 1


def test_no_more_memories_than_can_be_seen(axes):
    assert similarity(np.eye(MOST + 100), axes) is axes
    assert axes.images[0].get_array().shape == (MOST, MOST)
    assert axes.get_xlabel() == f"stored memory, the first {MOST}"


def test_nothing_cued_leaves_the_stored_memories(make):
    assert len(draw("similarity", make(shown=False)).axes) == 1


def test_what_an_input_layer_shows_is_not_stored_and_does_not_come_back(make, words):
    run = make()
    ports = {"odour": run.circuit.ports["memory"]}
    circuit = replace(
        run.circuit,
        ports=ports,
        patterns={"odour": run.circuit.patterns["memory"]},
        projections={"up": run.circuit.projections["up"]},
    )
    trials = replace(run.trials, cue_port="odour", cues={"odour": run.trials.cues["memory"]})
    (only,) = draw("similarity", RunData(run.recording, circuit, trials)).axes
    assert (only.get_xlabel(), only.get_ylabel()) == ("odour", "odour")
    assert "odours" in words(only)


def test_without_memories_it_says_what_to_add(make):
    run = make()
    empty = replace(run.circuit, patterns={})
    with pytest.raises(FunctionError, match="no port of 'tiny' has patterns") as error:
        draw("similarity", RunData(run.recording, empty, run.trials))
    assert "give a port patterns" in error.value.fix
