"""Readouts of the four further families on recordings whose answer is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from neuroam.circuit import Cell, Circuit, Epoch, Event, PatternSet, Population, Port, Trials
from neuroam.errors import FunctionError
from neuroam.readouts.activity import Window
from neuroam.readouts.bit_error import bit_error
from neuroam.readouts.capture import capture
from neuroam.readouts.cue_error import cue_error
from neuroam.readouts.discrimination import discrimination
from neuroam.readouts.dwell_correlation import dwell_correlation, dwell_times
from neuroam.readouts.dwell_feedback import dwell_feedback
from neuroam.readouts.order import order
from neuroam.readouts.pattern_error_rate import pattern_error_rate
from neuroam.readouts.states import visits
from neuroam.readouts.steps import steps
from neuroam.readouts.symbol_error_rate import symbol_error_rate
from neuroam.readouts.valence_change import valence_change
from neuroam.recording import Recording, Spikes, Trace
from neuroam.units import ONE

DT = 1e-3
SPIKING = Cell("spiking", event=Event("spike", "v > 1", ()))
GRADED = Cell("graded", updates=(("x", "x"),), states=("x",))
OUTPUT = Cell("output", outputs=(("g", "x"),), states=("x",), dimensions={"g": ONE})


def population(name: str, cell: Cell, size: int, copies: int = 1) -> Population:
    index = np.arange(size * copies)
    return Population(name, size * copies, cell, {}, {"place": index // copies, "copy": index % copies})


def circuit(cell: Cell, size: int, patterns: PatternSet, code: str = "bits", copies: int = 1) -> Circuit:
    return Circuit(
        "made", {"cells": population("cells", cell, size, copies)}, {}, {}, {"port": Port("port", "cells", code, {})},
        {patterns.name: patterns}, (), DT, "euler", "continuous",
    )  # fmt: skip


def trials(n_steps: int, cued: list[int], epochs: tuple[Epoch, ...] = (), cues: dict[str, Any] | None = None) -> Trials:
    index = np.arange(len(cued))
    return Trials(n_steps, epochs, index, np.array(cued), "port", {}, {}, {}, {}, cues or {}, 0)


def spikes(fired: NDArray[np.bool_]) -> Spikes:
    """From (trials, steps, cells)."""
    trial, step, cell = np.nonzero(fired)
    return Spikes(trial.astype(np.int32), step.astype(np.int32), cell.astype(np.int32))


def recording(n_steps: int, n_trials: int, **found: Any) -> Recording:
    return Recording(DT, n_steps, n_trials, found.get("spikes", {}), found.get("traces", {}))


def levels(values: list[list[float]]) -> Recording:
    """The state x of every trial at the start and at the end."""
    last = np.array(values)
    trace = Trace(np.array([0, 10]), np.stack([np.zeros_like(last), last], axis=1))
    return recording(10, len(values), traces={("cells", "x"): trace})


STORED = PatternSet("port", np.array([[0.0, 3, 1, 6], [2, 2, 2, 2]]), False)


def test_errors_are_counted_in_levels_after_the_last_step() -> None:
    found = levels([[0.2, 3.4, 0.9, 5.6], [2.0, 3.0, 2.0, 1.0], [0.0, 3.0, 1.0, 6.0]])
    world = trials(10, [0, 1, 0])
    made = circuit(GRADED, 4, STORED, "levels")
    share = symbol_error_rate(found, made, world, port="port", interval="wilson")
    assert list(share.to_numpy()) == [0.0, 0.5, 0.0]
    assert share.attrs == {"units": "1", "interval": "wilson"}
    assert list(pattern_error_rate(found, made, world, port="port").to_numpy()) == [0.0, 1.0, 0.0]


def test_levels_need_a_recorded_state_per_unit() -> None:
    world = trials(10, [0])
    with pytest.raises(FunctionError, match=r"'cells.x' was not recorded"):
        symbol_error_rate(recording(10, 1), circuit(GRADED, 4, STORED), world, port="port")
    with pytest.raises(FunctionError, match="have no state"):
        symbol_error_rate(recording(10, 1), circuit(SPIKING, 4, STORED), world, port="port")
    with pytest.raises(FunctionError, match="2 cells for 4 units"):
        symbol_error_rate(levels([[1.0, 2.0]]), circuit(GRADED, 2, STORED), world, port="port")


def test_steps_are_what_the_population_counted() -> None:
    found = steps(
        levels([[5.0, 7.0], [3.0, 3.0]]),
        circuit(GRADED, 2, STORED),
        trials(10, [0, 0]),
        population="cells",
        counter="x",
    )
    assert list(found.to_numpy()) == [7.0, 3.0]
    with pytest.raises(FunctionError, match="no state 'work'"):
        steps(levels([[5.0]]), circuit(GRADED, 1, STORED), trials(10, [0]), population="cells")


BITS = PatternSet("port", np.array([[1.0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]]), True, 0.5)


def test_bits_of_spiking_cells_are_cut_at_half_of_the_largest_rate() -> None:
    fired = np.zeros((2, 100, 4), dtype=bool)
    fired[0, 50:100:2, :2] = True  # pattern 0 exactly
    fired[0, 60, 2] = True  # and one stray spike
    fired[1, 50:100:2, 2:] = True  # pattern 1 where pattern 0 was cued
    found = recording(100, 2, spikes={"cells": spikes(fired)})
    made, world = circuit(SPIKING, 4, BITS), trials(100, [0, 0])
    assert list(bit_error(found, made, world, port="port").to_numpy()) == [0.0, 1.0]
    assert list(capture(found, made, world, port="port").to_numpy()) == [0.0, 1.0]
    assert list(capture(found, made, world, port="port", by="newest").to_numpy()) == [0.0, 0.0]  # pattern 1 of 0 to 2
    last = trials(100, [2, 2])
    assert list(capture(found, circuit(SPIKING, 4, BITS), last, port="port").to_numpy()) == [1.0, 1.0]
    newest = replace(BITS, values=BITS.values[:2])
    made = circuit(SPIKING, 4, newest)
    assert list(capture(found, made, world, port="port", by="newest").to_numpy()) == [0.0, 1.0]


def test_a_silent_trial_recalls_only_inactive_bits() -> None:
    found = recording(100, 1, spikes={"cells": spikes(np.zeros((1, 100, 4), dtype=bool))})
    assert bit_error(found, circuit(SPIKING, 4, BITS), trials(100, [0]), port="port").to_numpy()[0] == 0.5


def test_bits_of_graded_cells_are_cut_at_one_half_of_the_time_average() -> None:
    values = np.array([[[1.0, 1, 0, 0], [1, 0, 0, 1], [1, 1, 0, 0]]])
    found = recording(3, 1, traces={("cells", "x"): Trace(np.arange(3), values)})
    made, world = circuit(GRADED, 4, BITS), trials(3, [0])
    assert bit_error(found, made, world, port="port").to_numpy()[0] == 0.0
    late = Window.model_validate({"last": "2 steps"})
    assert bit_error(found, made, world, port="port", window=late).to_numpy()[0] == 0.25


def test_the_error_of_a_cue_is_that_of_what_was_shown() -> None:
    cue = np.array([[1.0, 0, 0, 0], [np.nan, np.nan, 0, 1], [np.nan] * 4])
    world = trials(10, [0, 0, 0], cues={"port": cue})
    found = cue_error(circuit(SPIKING, 4, BITS), world, port="port").to_numpy()
    assert np.array_equal(found, [0.25, 0.5, np.nan], equal_nan=True)
    assert np.isnan(cue_error(circuit(SPIKING, 4, BITS), trials(10, [0]), port="port").to_numpy()[0])


def sequence(stays: list[tuple[int, int]], patterns: int, before: int = 0, rate: int = 2) -> Recording:
    """One trial that stays ``ms`` in each ``(row, ms)``; two cells per pattern, each with a spike every ``rate`` ms."""
    n_steps = before + sum(ms for _, ms in stays)
    fired = np.zeros((1, n_steps, 2 * patterns), dtype=bool)
    at = before
    for row, ms in stays:
        fired[0, at : at + ms : rate, 2 * row : 2 * row + 2] = True
        at += ms
    return recording(n_steps, 1, spikes={"cells": spikes(fired)})


def made_sequence(wanted: list[float]) -> Circuit:
    patterns = PatternSet("memory", np.eye(len(wanted)), True, attributes={"dwell": np.array(wanted)})
    return circuit(SPIKING, len(wanted), patterns, "one_hot", copies=2)


def test_visits_begin_and_end_where_the_leader_changes() -> None:
    found = sequence([(0, 100), (1, 150), (2, 200), (3, 100)], 4)
    world = trials(550, [0], (Epoch("cue", 0, 50), Epoch("replay", 50, 550)))
    stays = visits(found, made_sequence([0.1] * 4), world, "port", "replay", None, 0.5)[0]
    assert [stay.row for stay in stays] == [0, 1, 2, 3]
    assert np.isnan(stays[0].onset)
    assert stays[1].onset == pytest.approx(0.1)
    assert stays[1].end == pytest.approx(0.25)
    assert np.isnan(stays[3].end)


def test_a_bin_that_nobody_leads_belongs_to_the_stay_before() -> None:
    fired = np.zeros((1, 400, 6), dtype=bool)
    fired[0, 0:300:2, 0:2] = True
    fired[0, 100:200:2, 2:6] = True  # two other patterns join in: each of the three has a third of the activity
    fired[0, 300:400:2, 2:4] = True
    found, world = recording(400, 1, spikes={"cells": spikes(fired)}), trials(400, [0])
    stays = visits(found, made_sequence([0.1] * 3), world, "port", None, None, 0.5)[0]
    assert [(stay.row, stay.onset) for stay in stays] == [(0, 0.0), (1, pytest.approx(0.3))]
    tied = visits(found, made_sequence([0.1] * 3), world, "port", None, None, 0.3)[0]
    assert [stay.row for stay in tied] == [0, 1]  # a tie goes to the first


def test_order_is_the_share_of_steps_to_the_successor() -> None:
    world = trials(500, [0], (Epoch("replay", 0, 500),))
    for rows, periodic, expected in (
        ([0, 1, 2, 3, 4], False, 1.0),
        ([0, 1, 3, 4, 0], False, 0.5),
        ([3, 4, 0, 1, 2], True, 1.0),
        ([0, 0, 0, 0, 0], False, 0.0),
    ):
        found = sequence([(row, 100) for row in rows], 5)
        share = order(found, made_sequence([0.1] * 5), world, port="port", epoch="replay", periodic=periodic)
        assert share.to_numpy()[0] == expected, rows


def test_dwell_times_count_whole_stays_only() -> None:
    found = sequence([(0, 100), (1, 150), (2, 200), (3, 120), (4, 90)], 5)
    world = trials(660, [0], (Epoch("cue", 0, 50), Epoch("replay", 50, 660)))
    made = made_sequence([0.1, 0.15, 0.2, 0.12, 0.1])
    times = dwell_times(found, made, world, "port", "replay", None, 0.5)[0]
    assert np.allclose(times, [np.nan, 0.15, 0.2, 0.12, np.nan], equal_nan=True)
    assert dwell_correlation(found, made, world, port="port", epoch="replay").to_numpy()[0] == pytest.approx(1.0)


def test_too_long_a_stay_raises_the_gain_of_the_step_that_ends_it() -> None:
    found = sequence([(0, 100), (1, 150), (2, 200), (3, 120), (4, 90)], 5)
    world = trials(660, [0], (Epoch("cue", 0, 50), Epoch("replay", 50, 660)))
    # measured 150, 200, 120 ms; wanted 125, 400, 60: relative errors +0.2, -0.5, +1 (cut at 0.5)
    made = made_sequence([0.1, 0.125, 0.4, 0.06, 0.1])
    factor = dwell_feedback(found, made, world, port="port", epoch="replay", rate=0.25)
    assert factor.dims == ("row",)
    assert np.allclose(factor.to_numpy(), [1.0, 1.05, 0.875, 1.125, 1.0])


def test_wanted_times_are_an_attribute() -> None:
    found, world = sequence([(0, 100)], 2), trials(100, [0])
    with pytest.raises(FunctionError, match="no pattern sets have 'delay'"):
        dwell_correlation(found, made_sequence([0.1, 0.1]), world, port="port", wanted="delay")
    named = dwell_correlation(found, made_sequence([0.1, 0.1]), world, port="port", wanted="memory.dwell")
    assert np.isnan(named.to_numpy()[0])  # fewer than three whole stays


def test_valence_changes_presentation_by_presentation() -> None:
    fired = np.zeros((1, 400, 2), dtype=bool)
    fired[0, 10:18, :] = True  # first odour before: 8 spikes per cell
    fired[0, 110:114, 0] = True  # second odour before: 4 spikes in one of two cells
    fired[0, 310:322, :] = True  # second odour after: 12 per cell
    epochs = tuple(
        Epoch(name, at, at + 100) for name, at in (("before", 0), ("before", 100), ("after", 200), ("after", 300))
    )
    found = recording(400, 1, spikes={"cells": spikes(fired)})
    made, world = circuit(SPIKING, 2, BITS), trials(400, [0], epochs)
    change = valence_change(found, made, world, port="port", epochs=["before", "after"])
    assert change.dims == ("trial", "presentation")
    assert np.array_equal(change.to_numpy(), [[-8.0, 10.0]])
    with pytest.raises(FunctionError, match="'before' occurs 2 times but 'never' 0 times"):
        valence_change(found, made, world, port="port", epochs=["before", "never"])


def test_of_graded_cells_it_is_the_end_of_a_presentation_and_discrimination_may_be_relative() -> None:
    epochs = tuple(
        Epoch(name, at, at + 100) for name, at in (("before", 0), ("before", 100), ("after", 200), ("after", 300))
    )
    level = np.repeat([8.0, 2.0, 4.0, 1.8], 100)[None, :, None] * np.ones((1, 1, 2))
    found = recording(400, 1, traces={("cells", "g"): Trace(np.arange(400), level)})
    made, world = circuit(OUTPUT, 2, BITS), trials(400, [0], epochs)
    change = valence_change(found, made, world, port="port", epochs=["before", "after"])
    assert np.allclose(change.to_numpy(), [[-4.0, -0.2]])
    told = discrimination(found, made, world, port="port", epoch="after")
    assert told.to_numpy()[0, 1] == 0.0  # the punished one still has the stronger answer
    told = discrimination(found, made, world, port="port", epoch="after", relative_to="before")
    assert told.to_numpy()[0, 1] == 1.0  # but a half of it is left, and nine tenths of the other
    with pytest.raises(FunctionError, match="'never' occurs 0 times but 'after' 2 times"):
        discrimination(found, made, world, port="port", epoch="after", relative_to="never")
