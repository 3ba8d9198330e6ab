"""Onsets and purity of a sequence, on spikes whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam.circuit import Cell, Circuit, Epoch, Event, PatternSet, Population, Port, Trials
from neuroam.errors import FunctionError
from neuroam.readouts import readout
from neuroam.readouts.dwell_time import dwell_time
from neuroam.readouts.onsets import onsets
from neuroam.readouts.order import order
from neuroam.readouts.purity import members, purity
from neuroam.readouts.sequence_exact import sequence_exact
from neuroam.recording import Recording, Spikes, Trace
from neuroam.units import SECOND, Quantity

DT = 1e-3
SPIKING = Cell("spiking", event=Event("spike", "v > 1", ()))
GRADED = Cell("graded", updates=(("x", "x"),), states=("x",))
# unit 1 is active in both of the first two patterns
PATTERNS = np.array([[1.0, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 1, 1]])


def circuit(cell: Cell = SPIKING, code: str = "bits", binary: bool = True) -> Circuit:
    places, cells = np.arange(6), np.arange(5)
    populations = {
        "motifs": Population("motifs", 6, cell, {}, {"place": places // 2, "copy": places % 2}, "one_hot"),
        "features": Population("features", 5, cell, {}, {"place": cells, "copy": 0 * cells}, code),
    }
    ports = {"motifs": Port("motifs", "motifs", "one_hot", {}), "memory": Port("memory", "features", code, {})}
    stored = PatternSet("memory", PATTERNS, binary)
    return Circuit("made", populations, {}, {}, ports, {"memory": stored}, (), DT, "euler", "continuous")


def trials(n_steps: int, epochs: tuple[Epoch, ...] = ()) -> Trials:
    return Trials(n_steps, epochs, np.array([0]), np.array([0]), "memory", {}, {}, {}, {}, {}, 0)


def spikes(fired: NDArray[np.bool_]) -> Spikes:
    step, cell = np.nonzero(fired)
    return Spikes(np.zeros(step.size, np.int32), step.astype(np.int32), cell.astype(np.int32))


def replay(rows: list[int], each: int = 100) -> NDArray[np.bool_]:
    """Motif cells (steps, 6) of which both of a pattern fire in every second step."""
    fired = np.zeros((each * len(rows), 6), dtype=bool)
    for number, row in enumerate(rows):
        fired[number * each : (number + 1) * each : 2, 2 * row : 2 * row + 2] = True
    return fired


def recorded(**fired: NDArray[np.bool_]) -> Recording:
    steps = len(next(iter(fired.values())))
    return Recording(DT, steps, 1, {name: spikes(found) for name, found in fired.items()}, {})


def test_onsets_are_those_of_the_first_visits() -> None:
    found = onsets(recorded(motifs=replay([0, 1, 0, 1])), circuit(), trials(400), port="motifs")
    assert found.dims == ("trial", "pattern")
    assert found.attrs == {"units": "ms"}
    np.testing.assert_allclose(found.to_numpy()[0], [0.0, 100.0, np.nan])


def test_onsets_count_from_the_start_of_the_epoch() -> None:
    world = trials(400, (Epoch("cue", 0, 150), Epoch("replay", 150, 400)))
    found = onsets(recorded(motifs=replay([0, 1, 2, 0])), circuit(), world, port="motifs", epoch="replay")
    # pattern 1 is under way; pattern 0 was left before the epoch and comes again
    np.testing.assert_allclose(found.to_numpy()[0], [150.0, 0.0, 50.0])


def test_cells_that_never_fire_visit_nothing() -> None:
    silent = recorded(motifs=np.zeros((100, 6), dtype=bool))
    assert np.isnan(onsets(silent, circuit(), trials(100), port="motifs").to_numpy()).all()
    assert np.isnan(purity(silent, circuit(), trials(100), port="motifs").to_numpy()[0])
    assert order(silent, circuit(), trials(100), port="motifs").to_numpy()[0] == 0.0


def test_purity_is_the_mean_over_visits_of_the_share_of_their_own_cells() -> None:
    fired = replay([0, 1])
    fired[0:100:4, 2] = True  # 25 spikes of another cell, beside 100 of pattern 0
    found = purity(recorded(motifs=fired), circuit(), trials(200), port="motifs")
    assert found.to_numpy()[0] == pytest.approx((100 / 125 + 1.0) / 2)


def test_a_unit_of_two_patterns_is_pure_in_both() -> None:
    features = np.zeros((300, 5), dtype=bool)
    features[0:100:2, [0, 1]] = True
    features[100:200:2, [0, 1, 2]] = True  # unit 0 is not of pattern 1
    features[200:300:2, 1] = True  # nor unit 1 of pattern 2
    run = recorded(motifs=replay([0, 1, 2]), features=features)
    found = purity(run, circuit(), trials(300), port="memory", by="motifs")
    assert found.to_numpy()[0] == pytest.approx((1.0 + 2 / 3 + 0.0) / 3)


def test_purity_looks_at_the_epoch_only() -> None:
    fired = replay([0, 1])
    fired[0:50, 4] = True  # before the epoch
    fired[160:165, 0] = True  # 5 spikes beside 100 of pattern 1
    world = trials(200, (Epoch("cue", 0, 50), Epoch("replay", 50, 200)))
    found = purity(recorded(motifs=fired), circuit(), world, port="motifs", epoch="replay")
    assert found.to_numpy()[0] == pytest.approx((1.0 + 100 / 105) / 2)


def test_purity_of_graded_cells_counts_what_is_above_zero() -> None:
    step = np.arange(201)
    motifs = np.zeros((1, 201, 6))
    motifs[0, :100, :2], motifs[0, 100:, 2:4] = 1.0, 1.0
    features = np.full((1, 201, 5), -1.0)
    features[0, :100, [0, 1]] = 1.0
    features[0, :100, 3] = 0.5  # a fifth of what is above zero
    features[0, 100:, [1, 2]] = 1.0
    traces = {("motifs", "x"): Trace(step, motifs), ("features", "x"): Trace(step, features)}
    run = Recording(DT, 200, 1, {}, traces)
    found = purity(run, circuit(GRADED, "bipolar"), trials(200), port="memory", by="motifs")
    assert found.to_numpy()[0] == pytest.approx((0.8 + 1.0) / 2)


def test_purity_needs_to_know_the_cells_of_a_pattern() -> None:
    with pytest.raises(FunctionError, match="do not say which of them are active in each of 3 patterns") as error:
        members(circuit(binary=False), "memory", 3)
    assert "patterns of bits" in error.value.fix
    # before a run, too; without `by` the five cells of the features would be the patterns
    needs = readout["purity"].options["needs"]
    settings = readout["purity"].schema.model_validate({"port": "memory"})
    with pytest.raises(FunctionError, match="each of 5 patterns"):
        needs(circuit(), settings, None)


def test_a_bin_is_a_step_in_discrete_time_unless_it_is_given() -> None:
    """Stays of 3 and 4 steps: bins of one step see them as they are, those of 10 ms see none."""
    activity = np.zeros((1, 21, 6))
    for row, first, last in ((0, 0, 3), (1, 3, 7), (2, 7, 10), (0, 10, 14), (1, 14, 21)):
        activity[0, first:last, 2 * row : 2 * row + 2] = 1.0
    found = Recording(DT, 20, 1, {}, {("motifs", "x"): Trace(np.arange(21), activity)})
    made = replace(circuit(GRADED), update="synchronous")
    world = trials(20)
    assert order(found, made, world, port="motifs", periodic=True).to_numpy()[0] == 1.0
    np.testing.assert_allclose(onsets(found, made, world, port="motifs").to_numpy()[0], [0, 3, 7])
    np.testing.assert_allclose(dwell_time(found, made, world, port="motifs").to_numpy()[0], [3.5, 4, 3])
    assert purity(found, made, world, port="motifs").to_numpy()[0] == 1.0
    wide = Quantity(0.01, SECOND, "10 ms")
    assert np.isnan(dwell_time(found, made, world, port="motifs", width=wide).to_numpy()[0]).all()
    smooth = replace(made, update="continuous")
    assert np.isnan(dwell_time(found, smooth, world, port="motifs").to_numpy()[0]).all()


def test_dwell_times_are_those_of_whole_stays() -> None:
    found = dwell_time(recorded(motifs=replay([0, 1, 1, 0, 2])), circuit(), trials(500), port="motifs")
    assert found.dims == ("trial", "pattern")
    assert found.to_numpy()[0, :2] == pytest.approx([100, 200])
    assert np.isnan(found.to_numpy()[0, 2])  # the run ends in it


@pytest.mark.parametrize(("wrong", "expected"), [(0, 1.0), (1, 0.0)])
def test_a_sequence_is_exact_as_a_whole_or_not(wrong: int, expected: float) -> None:
    """Two trials of two steps, from pattern 0 and from 1; one unit of the last state is wrong, or none."""
    bipolar = 2.0 * PATTERNS - 1.0
    states = np.stack([bipolar[[0, 1, 2]], bipolar[[1, 2, 0]]])
    states[1, 2, :wrong] *= -1.0
    recording = Recording(DT, 2, 2, {}, {("features", "x"): Trace(np.arange(3), states)})
    given = replace(trials(2), index=np.arange(2), cued=np.array([0, 1]))
    found = sequence_exact(recording, circuit(GRADED, "bipolar"), given, port="memory")
    assert found.dims == ()
    assert float(found) == expected
