"""Figures of sequences: cells sorted by pattern, the staircase of onsets, dwell times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from neuroam.circuit import PatternSet, Port
from neuroam.errors import FunctionError
from neuroam.plots import RunData, draw, dwell, sequence, staircase
from neuroam.plots.cells import in_sequence
from neuroam.plots.images import pictures
from neuroam.readouts.states import Visit
from neuroam.recording import Recording, Spikes, Trace

# unit 3 is active in no pattern, unit 1 in two
VALUES = np.array([[1.0, 0, 0, 0, 0, 1], [0, 1, 1, 0, 0, 0], [0, 1, 0, 0, 1, 0]])
DWELL = np.array([0.1, 0.15, 0.15])
STAYS = (slice(0, 120), slice(120, 240), slice(240, 400))  # of patterns 0, 1 and 2, in steps of 1 ms


@pytest.fixture
def replay(make):
    """``replay(graded=False, update="continuous")``: two trials in which the patterns follow one another."""

    def run(graded=False, update="continuous", shape=(2, 3)):
        found = make(n_trials=2, graded=graded, code="bipolar" if graded else "bits", update=update)
        stored = PatternSet("memory", VALUES, True, shape=shape, attributes={"dwell": DWELL})
        ports = found.circuit.ports | {"hidden": Port("hidden", "hidden", "one_hot", {})}
        circuit = replace(found.circuit, patterns={"memory": stored}, ports=ports)
        trials = replace(found.trials, cued=np.zeros(2, dtype=int), cues={"memory": VALUES[[0, 0]]})
        activity = {"features": np.zeros((400, 6)), "hidden": np.zeros((400, 6))}
        for row, stay in enumerate(STAYS):
            activity["features"][stay] = VALUES[row]
            activity["hidden"][stay, 2 * row : 2 * row + 2] = 1.0
        error = xr.DataArray([[np.nan, 20.0, -10.0], [np.nan, 30.0, np.nan]], dims=("trial", "pattern"))
        return RunData(recording_of(activity, graded), circuit, trials, {"dwell_error": error})

    return run


def recording_of(activity, graded):
    if graded:
        traces = {}
        for name, values in activity.items():
            signed = 2 * values - 1 if name == "features" else values
            signed = np.concatenate([signed, signed[-1:]])
            traces[name, "g"] = Trace(np.arange(401), np.stack([signed, signed]))
        return Recording(1e-3, 400, 2, {}, traces)
    spikes = {}
    for name, values in activity.items():
        step, cell = np.nonzero(values * (np.arange(400) % 4 == 0)[:, None])
        trial = np.repeat([0, 1], step.size)
        spikes[name] = Spikes(trial, np.tile(step, 2), np.tile(cell, 2))
    return Recording(1e-3, 400, 2, spikes, {})


def lines_of(axes, label):
    (found,) = [c for c in axes.collections if isinstance(c, LineCollection) and c.get_label() == label]
    return [segment.tolist() for segment in found.get_segments()]


@pytest.mark.parametrize(
    ("graded", "update"), [(False, "continuous"), (True, "continuous"), (True, "synchronous")], ids=str
)
def test_the_page_shows_cells_overlaps_and_a_staircase(replay, drawn, graded, update):
    run = replay(graded, update)
    figure = draw("sequence", run, trial=1)
    cells, motifs, overlaps, stairs = figure.axes
    assert lines_of(stairs, "visited") == [[[0, 0], [120, 0]], [[120, 1], [240, 1]], [[240, 2], [400, 2]]]
    wanted = next(line for line in stairs.lines if line.get_label() == "onset as wanted")
    np.testing.assert_allclose(wanted.get_xdata(), [120.0, 270.0])
    assert wanted.get_ydata().tolist() == [1, 2]
    assert {axes.get_xlim() for axes in (cells, motifs, overlaps, stairs)} == {(0.0, 400.0)}
    assert stairs.get_xlabel() == ("time (ms)" if update == "continuous" else "step")
    assert "2 of 2 steps lead to the next pattern" in " ".join(text.get_text() for text in figure.texts)
    drawn(figure)
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text.get_window_extent().width:
            assert text.get_window_extent().x0 >= -1, text.get_text()
            assert text.get_window_extent().x1 <= figure.bbox.x1 + 1, text.get_text()


def test_cells_are_sorted_by_the_first_pattern_in_which_they_are_active(replay, axes):
    run = replay()
    features = run.circuit.populations["features"]
    first = sequence.first_patterns(run.circuit, features, "memory")
    assert first.tolist() == [0, 1, 1, -1, 2, 0]
    assert sequence.spikes_in_order(run.recording, "features", axes, numbers=first, count=3) is axes
    lines = [line for line in axes.lines if line.get_label() == "_spikes"]
    assert all(line.get_rasterized() for line in lines)
    heights = {line.get_color(): set(line.get_ydata()) for line in lines}
    assert list(heights.values()) == [{0.5, 1.5}, {2.5, 3.5}, {4.5}]  # cells 0 and 5, then 1 and 2, then 4
    assert sum(line.get_xdata().size for line in lines) == (run.recording.spikes["features"].trial == 0).sum()


def test_graded_cells_are_sorted_too(replay):
    cells = draw("sequence", replay(graded=True)).axes[0]
    shown = np.asarray(cells.images[0].get_array())
    assert shown[:, 0].tolist() == [1, 1, -1, -1, -1, -1]
    assert shown[:, 130].tolist() == [-1, -1, 1, 1, -1, -1]
    assert shown[:, 300].tolist() == [-1, -1, 1, -1, 1, -1]


def test_a_million_spikes_are_drawn(replay, drawn):
    run = replay()
    rng = np.random.default_rng(0)
    step = np.sort(rng.integers(0, 400, 1_000_000))
    many = Spikes(np.zeros(step.size, dtype=int), step, rng.integers(0, 6, step.size))
    drawn(
        draw(
            "sequence",
            replace(run, recording=replace(run.recording, spikes={**run.recording.spikes, "features": many})),
        )
    )


def test_target_onsets_follow_the_sequence_and_not_what_was_visited():
    wanted = np.array([0.1, 0.2, 0.3])
    skips = [Visit(0, 0.05, 0.2), Visit(2, 0.2, np.nan)]
    rows, onsets = staircase.targets(skips, wanted, 1.0)
    assert rows.tolist() == [0, 1, 2]
    np.testing.assert_allclose(onsets, [0.05, 0.15, 0.35])
    again = [Visit(2, 0.0, 0.3), Visit(0, 0.3, np.nan)]
    rows, onsets = staircase.targets(again, wanted, 0.75)
    assert rows.tolist() == [0, 1, 2]  # the first stay is that of the cue
    np.testing.assert_allclose(onsets, [0.3, 0.4, 0.6])
    for stays, times in (([], wanted), (skips, np.zeros(3)), (skips, np.full(3, np.nan))):
        assert staircase.targets(stays, times, 1.0)[0].size == 0


def test_overlaps_are_lines_and_the_largest_is_strong(axes):
    values = np.array([[[1.0, 0.2], [0.1, 0.9]]])
    course = xr.DataArray(values, dims=("trial", "time", "pattern"), coords={"time": [0.1, 0.2]})
    assert sequence.overlap_curves(course, axes) is axes
    thin, strong = axes.collections
    assert thin.get_segments()[0].tolist() == [[0, 1], [100, 1], [100, 0.1], [200, 0.1]]
    np.testing.assert_allclose(strong.get_segments()[0], [[0, 1], [100, 1]])
    np.testing.assert_allclose(strong.get_segments()[1], [[100, 0.9], [200, 0.9]])


def test_a_circuit_that_leads_nowhere_says_so(replay):
    run = replay()
    silent = Recording(1e-3, 400, 2, {name: Spikes(*np.empty((3, 0), dtype=int)) for name in run.recording.spikes}, {})
    figure = draw("sequence", replace(run, recording=silent))
    assert "no pattern leads at any time" in " ".join(text.get_text() for text in figure.texts)
    one = Recording(1e-3, 400, 2, {**silent.spikes, "hidden": Spikes(*np.array([[0], [5], [2]]))}, {})
    figure = draw("sequence", replace(run, recording=one))
    assert "it stays in pattern 1" in " ".join(text.get_text() for text in figure.texts)


def test_what_a_sequence_needs(replay, make):
    run = replay(graded=True)
    with pytest.raises(FunctionError, match="of stored patterns of which one is cued"):
        draw("sequence", make(shown=False))
    lacking = replace(run, circuit=replace(run.circuit, ports={"memory": run.circuit.ports["memory"]}))
    with pytest.raises(FunctionError, match="needs a port whose cells stand for the patterns of 'memory'"):
        draw("sequence", lacking)
    for name, fix in (("hidden", "hidden: [g]"), ("features", "memory: [g]")):
        traces = {key: trace for key, trace in run.recording.traces.items() if key[0] != name}
        with pytest.raises(FunctionError, match=f"'{name}.g' was not recorded") as error:
            draw("sequence", replace(run, recording=replace(run.recording, traces=traces)))
        assert fix in error.value.fix


def test_dots_lines_and_words_of_dwell_times(replay, drawn):
    run = replay()
    figure = draw("dwell", run, trial=0)
    axes, errors = figure.axes
    dots, own = axes.collections
    np.testing.assert_allclose(
        np.ma.getdata(dots.get_offsets())[:, 1], [np.nan, 170, 140, np.nan, 180, np.nan], equal_nan=True
    )
    np.testing.assert_allclose(np.ma.getdata(own.get_offsets())[1:], [[150, 170], [150, 140]])
    identity = next(line for line in axes.lines if line.get_label() == "_identity")
    np.testing.assert_array_equal(identity.get_xdata(), identity.get_ydata())
    # (20 - 10 + 30)/3 and the sample's sd; the wanted times of all dots are equal, so there is no r
    assert axes.get_title(loc="left") == "13.3 ms too long on average, sd 20.8 ms, 3 of 6 stays measured"
    assert axes.get_xlabel() == "wanted dwell time (ms)"
    assert [line[0][1] for line in lines_of(errors, "_means") if line] == [25.0, -10.0]
    drawn(figure)


def test_the_correlation_of_dwell_times_is_over_all_dots():
    wanted = np.array([[100.0, 200, 300], [100, 200, 300]])
    shorter = wanted - np.array([[10.0, 20, 10], [10, 20, np.nan]])
    assert dwell.said(shorter, wanted).startswith("r = 1.00, 14.0 ms too short on average, sd 5.5 ms, 5 of 6")
    assert dwell.said(np.full((1, 2), np.nan), np.ones((1, 2))) == "no stay begins and ends inside the epoch"


def test_dwell_times_that_were_not_measured(replay, drawn):
    run = replay()
    with pytest.raises(FunctionError, match="the figure 'dwell' needs the measure 'dwell_error'") as error:
        draw("dwell", replace(run, measures={}))
    assert "measure: {dwell_error: {port: motifs}}" in error.value.fix
    drawn(draw("dwell", replace(run, measures={"dwell_error": run.measures["dwell_error"] * np.nan})))


def test_the_end_of_a_sequence_is_compared_with_the_nearest_pattern(replay):
    run = replay()
    end = pictures(run.recording, run.circuit, run.trials, 0)[1]
    assert end.title == "decoded, last 200 ms"
    assert end.caption == "memory 2, overlap 1.00"
    assert end.target.tolist() == (2 * VALUES[2] - 1).tolist()
    held = replace(run.circuit, patterns={"memory": replace(run.circuit.patterns["memory"], attributes={})})
    assert not in_sequence(held, "memory")
    assert pictures(run.recording, held, run.trials, 0)[1].target.tolist() == (2 * VALUES[0] - 1).tolist()


def test_a_matrix_with_a_lag_makes_a_sequence(make):
    circuit = make().circuit
    assert not in_sequence(circuit, "memory")
    lagged = replace(
        circuit, matrices=circuit.matrices | {"next": replace(circuit.matrices["rows"], sequence="memory")}
    )
    assert in_sequence(lagged, "memory")
    assert not in_sequence(lagged, "hidden")
