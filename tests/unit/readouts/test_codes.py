"""Readouts of sparse codes on responses whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuroam.circuit import Cell, Circuit, Epoch, Event, PatternSet, Population, Port, Trials
from neuroam.errors import FunctionError
from neuroam.readouts.code_overlap import code_overlap
from neuroam.readouts.coding_level import coding_level, spikes_per_active_cell
from neuroam.readouts.correlations import correlations, pair_correlation, trial_correlation
from neuroam.readouts.identification import identification
from neuroam.readouts.participation_ratio import participation_ratio
from neuroam.readouts.responses import responses
from neuroam.readouts.sparseness import sparseness
from neuroam.recording import Recording, Spikes, Trace

SPIKING = Cell("spiking", event=Event("spike", "v > 1", ()))
GRADED = Cell("graded", outputs=(("y", "x"),), states=("x",))
STEPS = 20


def run(values: Any, cued: list[int], *, cell: Cell = GRADED) -> tuple[Recording, Circuit, Trials]:
    """A port 'kc' that answers with ``values`` (trials, cells): as output at the end, or as spikes, of epoch 'odour'."""
    found = np.asarray(values, dtype=float)
    size = found.shape[1]
    labels = {"place": np.arange(size), "copy": np.zeros(size, dtype=int)}
    population = Population("kc", size, cell, {}, labels)
    patterns = PatternSet("odour", np.zeros((max(cued) + 1, 2)), False)
    ports = {name: Port(name, "kc", "bits", {}) for name in ("kc", "same")}
    circuit = Circuit("made", {"kc": population}, {}, {}, ports, {"odour": patterns}, (), 1e-3, "euler", "continuous")
    epochs = (Epoch("odour", 0, 10), Epoch("after", 10, STEPS))
    index = np.arange(len(found))
    trials = Trials(STEPS, epochs, index, np.array(cued), "odour", {}, {}, {}, {}, {}, 0)
    if cell.event:
        trial, place = np.nonzero(found)
        times = found[trial, place].astype(int)
        trial, place = np.repeat(trial, times), np.repeat(place, times)
        spikes = Spikes(trial.astype(np.int32), np.full(trial.size, 9, dtype=np.int32), place.astype(np.int32))
        return Recording(1e-3, STEPS, len(found), {"kc": spikes}, {}), circuit, trials
    course = np.zeros((len(found), STEPS + 1, size))
    course[:, 5:10] = found[:, None]
    course[:, 5] += 3.0  # not the end of the epoch
    return Recording(1e-3, STEPS, len(found), {}, {("kc", "y"): Trace(np.arange(STEPS + 1), course)}), circuit, trials


@pytest.mark.parametrize("cell", [SPIKING, GRADED], ids=["spiking", "graded"])
def test_responses_are_spikes_or_what_is_put_out_at_the_end(cell):
    values = [[0, 2, 0, 1], [0, 0, 0, 0]]
    made = run(values, [0, 1], cell=cell)
    assert responses(*made, "kc", "odour").tolist() == values
    assert not responses(*made, "kc", "after").any()
    assert coding_level(*made, port="kc", epoch="odour").to_numpy().tolist() == [0.5, 0.0]
    active = spikes_per_active_cell(*made, port="kc", epoch="odour").to_numpy()
    assert active[0] == 1.5
    assert np.isnan(active[1])


def test_sparseness_goes_from_none_to_one():
    found = sparseness(
        *run([[3, 3, 3, 3], [0, 5, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]], [0, 1, 2, 3]), port="kc", epoch="odour"
    )
    assert found.to_numpy()[:3] == pytest.approx([0.0, 1.0, (1 - 0.5) / 0.75])
    assert np.isnan(found.to_numpy()[3])


def test_correlations_are_those_of_the_mean_responses():
    values = np.array([[1.0, 0, 0, 2], [0, 1, 3, 0], [3.0, 0, 0, 2]])
    made = run(values, [0, 1, 0])
    expected = np.corrcoef([[2.0, 0, 0, 2], [0, 1, 3, 0]])
    found = correlations(*made, port="kc", epoch="odour")
    assert found.to_numpy() == pytest.approx(expected)
    assert float(pair_correlation(*made, port="kc", epoch="odour")) == pytest.approx(expected[0, 1])
    twice = np.corrcoef(values[[0, 2]])[0, 1]
    assert float(trial_correlation(*made, port="kc", epoch="odour")) == pytest.approx(twice)


def test_a_silent_pattern_is_left_out_of_the_mean():
    made = run([[1, 0, 0], [0, 0, 0], [0, 1, 0]], [0, 1, 2])
    assert float(pair_correlation(*made, port="kc", epoch="odour")) == pytest.approx(-0.5)
    with pytest.raises(FunctionError, match="pairs need two patterns"):
        pair_correlation(*run([[1, 0]], [0]), port="kc", epoch="odour")


def test_as_many_dimensions_as_there_are():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((30, 3)) @ np.linalg.qr(rng.standard_normal((8, 3)))[0].T
    found = float(participation_ratio(*run(values, list(range(30))), port="kc", epoch="odour"))
    eigenvalues = np.linalg.eigvalsh(np.cov(values.T))
    assert found == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())
    line = np.outer(np.arange(5.0), [1.0, 2.0])
    assert float(participation_ratio(*run(line, list(range(5))), port="kc", epoch="odour")) == pytest.approx(1.0)
    assert np.isnan(float(participation_ratio(*run(np.ones((4, 3)), [0, 1, 2, 3]), port="kc", epoch="odour")))


def test_a_code_is_compared_with_templates_of_the_other_trials():
    codes = [[5, 0, 0, 0], [5, 1, 0, 0], [0, 0, 6, 0], [0, 0, 6, 1], [0, 0, 7, 0]]
    found = identification(*run(codes, [0, 0, 1, 1, 0]), port="kc", epoch="odour").to_numpy()
    assert found[2:].tolist() == [1.0, 1.0, 0.0]
    assert np.isnan(identification(*run([[1, 0], [0, 1]], [0, 1]), port="kc", epoch="odour")).all()


def test_overlap_is_in_shares_of_the_smaller_set():
    made = run([[1, 2, 0], [0, 0, 0]], [0, 1])
    found = code_overlap(*made, port="kc", other="same", epoch="odour").to_numpy()
    assert found[0] == 1.0
    assert np.isnan(found[1])
