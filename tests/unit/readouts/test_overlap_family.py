"""Overlap, success, winner, settling time, nearest stored pattern: on recordings written by hand."""

from dataclasses import replace

import numpy as np
import pytest

from neuroam.circuit import Cell, Circuit, Epoch, Event, PatternSet, Population, Port, Trials
from neuroam.errors import FunctionError
from neuroam.leaves import Duration
from neuroam.readouts import readout
from neuroam.readouts.activity import Window, bins_of
from neuroam.recording import Recording, Spikes, Trace

BITS = np.array([[1, 1, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0]], dtype=float)
DT, STEPS = 1e-3, 100


def circuit(code="bipolar", cells=4, spiking=False):
    cell = Cell("c", outputs=(("g", "x"),), states=("x",), event=Event("spike", "x > 1", ()) if spiking else None)
    places = np.arange(cells)
    labels = {"place": places, "copy": places * 0, "unit": places % 4}
    population = Population("p", cells, cell, {}, labels)
    patterns = PatternSet("memory", BITS, binary=True)
    return Circuit(
        "m", {"p": population}, {}, {}, {"memory": Port("memory", "p", code, {})}, {"memory": patterns}, (), DT,
        "exponential_euler", "continuous",
    )  # fmt: skip


def trials(cued=(0, 1, 2), cues=None):
    n = len(cued)
    epochs = (Epoch("cue", 0, 40), Epoch("rest", 40, STEPS))
    return Trials(
        STEPS,
        epochs,
        np.arange(n),
        np.array(cued),
        "memory",
        {},
        {},
        {},
        {},
        {} if cues is None else {"memory": cues},
        1,
    )


def graded(values):
    """A trace that holds (trials, samples, cells) values at steps 0, 10, ... 100."""
    values = np.asarray(values, dtype=float)
    return Recording(DT, STEPS, len(values), {}, {("p", "g"): Trace(np.arange(values.shape[1]) * 10, values)})


def held(rows):
    return graded(np.repeat(np.asarray(rows, dtype=float)[:, None], 11, axis=1))


def take(name, recording=None, *, circuit_=None, trials_=None, **settings):
    offers = {"recording": recording, "circuit": circuit_ or circuit(), "trials": trials_ or trials()}
    entry = readout[name]
    return entry.function(**{key: offers[key] for key in entry.offers}, **settings)


def test_overlap_is_the_mean_product_of_signs():
    rows = [[0.2, 3, -1, -9], [1, 1, 1, 1], [-1, 1, -1, 1]]
    assert take("overlap", held(rows), port="memory").to_numpy().tolist() == [1.0, 0.0, -1.0]


def test_a_silent_unit_counts_nothing():
    assert take("overlap", held([[0, 1, -1, 0]]), trials_=trials([0]), port="memory").item() == 0.5


def test_window_picks_the_end_of_an_epoch():
    values = np.repeat(np.array([[[1, 1, -1, -1]]], dtype=float), 11, axis=1)
    values[:, 5:] *= -1
    first = take("overlap", graded(values), trials_=trials([0]), port="memory", window=Window(epoch="cue"))
    last = take("overlap", graded(values), trials_=trials([0]), port="memory", window=Window(last=Duration(0.02)))
    assert (first.item(), last.item()) == (1.0, -1.0)


@pytest.mark.parametrize("window", [Window(last=Duration(0.5)), Window(epoch="nope")])
def test_a_window_that_is_not_there_is_refused(window):
    with pytest.raises(FunctionError):
        take("overlap", held(BITS), port="memory", window=window)


def test_on_off_pairs_compare_their_two_cells():
    cells = [0, 0, 0, 1, 5, 6, 7, 7, 7]  # on cells 0 and 1 win, off cell 7 wins, pair 2 (cells 2, 6) goes off
    spikes = Spikes(np.zeros(9, np.int32), np.full(9, 50, np.int32), np.array(cells, np.int32))
    found = take(
        "overlap",
        Recording(DT, STEPS, 1, {"p": spikes}, {}),
        circuit_=circuit("on_off", 8, spiking=True),
        trials_=trials([0]),
        port="memory",
    )
    # units: +1, tie (one spike each) 0, -1, -1 against + + - -
    assert found.item() == pytest.approx(0.75)


def test_success_and_winner():
    rows = 2 * BITS[[0, 2, 1]] - 1
    assert take("success", held(rows), port="memory", above=0.9).to_numpy().tolist() == [1.0, 0.0, 0.0]
    winner = take("winner", held(rows), port="memory")
    assert winner.to_numpy().tolist() == [0.0, 2.0, 1.0]
    assert winner.winner_overlap.to_numpy().tolist() == [1.0, 1.0, 1.0]
    half = take("winner", held(rows * [1, 1, 1, 0]), port="memory")
    assert half.winner_overlap.to_numpy().tolist() == [0.75, 0.75, 0.75]


def test_settling_time_is_the_end_of_the_last_change():
    values = np.repeat(np.array([[[1.0, 1.0, 1.0, 1.0]]]), 11, axis=1)
    values[:, 3:] = [1, 1, -1, -1]
    found = take("settling_time", graded(values), trials_=trials([0]), port="memory")
    assert found.item() == pytest.approx(0.04)
    values[:, 9] = [1, 1, 1, 1]
    assert np.isnan(take("settling_time", graded(values), trials_=trials([0]), port="memory").item())


def test_nearest_stored_is_the_ideal_observer():
    cues = np.array([[1, 1, 0, 1], [0, 1, 0, 1], [np.nan, np.nan, 1, 0]], dtype=float)
    # the first cue is one unit from patterns 0 and 1: the mean of overlaps 1 and 0 with pattern 0
    assert take("nearest_stored", trials_=trials(cues=cues), port="memory").to_numpy().tolist() == [0.5, 1.0, 1.0]
    assert np.isnan(take("nearest_stored", port="memory")).all()


@pytest.mark.parametrize(("width", "last"), [(0.03, 100), (0.02, 100), (0.3, 100), (0.04, 100)])
def test_bins_cover_the_run(width, last):
    edges = bins_of(trials(), DT, width)
    assert edges[0] == 0
    assert edges[-1] == last
    assert (np.diff(edges) > 0).all()


def test_rates_are_spikes_per_cell_and_second():
    spikes = Spikes(np.array([0, 0, 1], np.int32), np.array([5, 50, 99], np.int32), np.array([0, 1, 1], np.int32))
    run = Recording(DT, STEPS, 3, {"p": spikes}, {})
    found = take("rate", run, circuit_=circuit(spiking=True))
    assert found.sel(population="p").to_numpy().tolist() == pytest.approx([5.0, 2.5, 0.0])
    part = take("rate", replace(run), circuit_=circuit(spiking=True), window=Window(epoch="rest"))
    assert part.sel(population="p").to_numpy() == pytest.approx([1 / 4 / 0.06, 1 / 4 / 0.06, 0.0])
