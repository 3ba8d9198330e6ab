"""Which spikes are drawn where, and with which names."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba

from neuroam.circuit import Signal
from neuroam.errors import FunctionError
from neuroam.plots import RunData, draw
from neuroam.plots.bands import bands
from neuroam.plots.cells import end_steps, groups, noun, plural, shown_text, winner
from neuroam.plots.epochs import cue_epochs, cue_spans
from neuroam.plots.heat import heat_map
from neuroam.plots.images import HIGH, LOW, pictures
from neuroam.plots.raster import raster
from neuroam.plots.style import CUE
from neuroam.recording import Recording, Selected, Spikes


def spikes_in(axes):
    return [line for line in axes.lines if line.get_label() == "_spikes"]


def test_all_spikes_of_the_trial_are_drawn_in_ms(make, axes):
    run = make()
    assert raster(run.recording, run.circuit, run.trials, trial=1, axes=axes) is axes
    times = np.concatenate([line.get_xdata() for line in spikes_in(axes)])
    wanted = np.concatenate([s.step[s.trial == 1] for s in run.recording.spikes.values()])
    np.testing.assert_allclose(np.sort(times), np.sort(wanted) * run.recording.dt * 1e3)
    assert axes.get_xlim() == (0.0, 400.0)
    assert axes.get_xlabel() == "time (ms)"
    assert all(line.get_rasterized() for line in spikes_in(axes))


def test_names_of_populations_and_of_their_parts(make, axes, words):
    run = make()
    raster(run.recording, run.circuit, run.trials, trial=1, axes=axes)
    text = words(axes)
    for name in ("features", "hidden", "pool", "12 cells", "6 cells", "4 cells", "memory 1, cued"):
        assert name in text
    assert [t for t in text if t.startswith(("on,", "off,"))] == [
        "on, in memory",
        "on, other",
        "off, in memory",
        "off, other",
    ]


def test_cells_that_were_not_kept_are_no_part_of_the_picture(make, axes, words):
    run = make()
    part = replace(run.recording, selected={"features": Selected(np.array([0, 7], dtype=np.int32))})
    raster(part, run.circuit, run.trials, trial=1, axes=axes)
    assert "2 of 12 cells" in words(axes)
    band = bands(part, run.circuit, run.trials, 1)[0]
    assert (band.rows, sorted(band.rank[[0, 7]])) == (2, [0, 1])  # rows of others would look silent
    assert sorted(np.concatenate([one.cells for one in band.parts])) == [0, 7]
    titles = [picture.title for picture in pictures(part, run.circuit, run.trials, 1)]
    assert "cue as shown" in titles
    assert not any(title.startswith("decoded") for title in titles)
    assert any(p.title.startswith("decoded") for p in pictures(run.recording, run.circuit, run.trials, 1))


def test_cells_are_no_members_of_graded_patterns(make, axes, words):
    run = make(code="levels", graded=True, binary=False)
    (everything,) = groups(run.circuit, run.trials, run.circuit.populations["features"], 0)
    assert (everything.label, everything.cells.size) == ("", 6)
    raster(run.recording, run.circuit, run.trials, axes=axes)
    assert not [text for text in words(axes) if "in memory" in text or text == "other"]


def test_what_an_input_layer_shows_goes_by_the_name_of_its_port(make):
    run = make()
    feed = replace(run.circuit, projections={"up": run.circuit.projections["up"]})
    assert shown_text(run.circuit, run.trials, 1) == "memory 1 cued"
    assert shown_text(feed, run.trials, 1) == "pattern 1 shown"
    port = {"odour": feed.ports["memory"]}
    assert shown_text(replace(feed, ports=port), replace(run.trials, cue_port="odour"), 1, ",") == "odour 1, shown"
    assert plural(noun(replace(feed, ports=port), "odour")) == "odours"
    assert plural("memory") == "memories"


def test_unless_told_a_trial_is_drawn_in_which_something_happens(make):
    run = make(graded=True)
    for trace in run.recording.traces.values():
        trace.values[:] = 1.0
    assert draw("raster", run).texts[0].get_text().startswith("Trial 0, ")
    run.recording.traces["pool", "g"].values[:2] = 0.0
    assert draw("raster", run).texts[0].get_text().startswith("Trial 2, ")
    assert draw("raster", run, trial=1).texts[0].get_text().startswith("Trial 1, ")
    run.recording.traces["pool", "g"].values[:] = 0.0
    nothing = draw("raster", run)
    assert nothing.texts[0].get_text().startswith("Trial 0, ")
    assert min(axes.get_ylim()[0] for axes in nothing.axes[1:3]) > -0.1


def test_what_was_not_recorded_is_told(make):
    run = make(graded=True)
    part = {key: trace for key, trace in run.recording.traces.items() if key[0] != "hidden"}
    figure = draw("raster", replace(run, recording=replace(run.recording, traces=part)))
    assert figure.texts[1].get_text() == "tiny; not recorded: hidden (6 cells)"
    assert draw("raster", run).texts[1].get_text() == "tiny"


def test_wrong_levels_are_counted_and_coloured(make, words):
    run = make(graded=True, code="levels", binary=False)
    levels = np.arange(18.0).reshape(3, 6)
    stored = replace(run.circuit.patterns["memory"], values=levels)
    trace = run.recording.traces["features", "g"]
    values = np.tile(levels[:, None, :], (1, trace.step.size, 1)) + 0.2
    values[0, :50, :2] += [1.0, -1.0]
    cue = levels.copy()
    cue[0, :2] += [1.0, -1.0]
    figure = draw(
        "raster",
        replace(
            run,
            measures={},
            circuit=replace(run.circuit, patterns={"memory": stored}),
            trials=replace(run.trials, cues={"memory": cue}),
            recording=replace(run.recording, traces={("features", "g"): replace(trace, values=values)}),
        ),
    )
    assert list(figure.axes[0].lines[0].get_ydata()[[0, 49, 50]]) == [2, 2, 0]
    assert "wrong units" in words(figure.axes[0])
    shown, end = (
        next(axes for axes in figure.axes if axes.get_title() == name)
        for name in ("cue as shown", "decoded, last 200 ms")
    )
    pixels = np.asarray(shown.images[0].get_array()).reshape(-1, 3)
    np.testing.assert_allclose(pixels[:2], [to_rgb(HIGH), to_rgb(LOW)])
    assert words(shown)[0].endswith("2 wrong")
    assert "wrong" not in words(end)[0]
    assert words(figure.axes[-1]) == ["too high", "too low"]


def test_how_many_cells_were_kept_fits_beside_the_axes(make, drawn):
    run = make()
    many = replace(run.circuit.populations["features"], size=2000)
    circuit = replace(run.circuit, populations=run.circuit.populations | {"features": many}, ports={}, patterns={})
    some = replace(run.recording, selected={"features": Selected(np.arange(1000, dtype=np.int32))})
    figure = draw("raster", RunData(some, circuit, replace(run.trials, cue_port="", cues={})))
    drawn(figure)
    (note,) = [text for axes in figure.axes for text in axes.texts if text.get_text() == "1000 of 2000 cells"]
    assert note.get_window_extent().x0 > 0


def test_the_cued_population_is_on_top_and_its_members_lead(make):
    run = make()
    found = bands(run.recording, run.circuit, run.trials, 0)
    assert [band.population.name for band in found] == ["features", "hidden", "pool"]
    features = found[0]
    order = np.argsort(features.rank)
    active = (
        np.concatenate([run.circuit.patterns["memory"].values[0], 1 - run.circuit.patterns["memory"].values[0]]) > 0.5
    )
    on, off = order[:6], order[6:]
    assert set(on) == set(range(6))
    for half in (on, off):
        assert (np.diff(active[half].astype(int)) <= 0).all()
    assert found[-1].top + found[-1].height == pytest.approx(1.0)


def test_bands_do_not_overlap_and_small_populations_keep_room(make):
    run = make()
    found = bands(run.recording, run.circuit, run.trials, 0)
    for above, below in pairwise(found):
        assert above.top + above.height < below.top
    assert min(band.height for band in found) > 0.15


@pytest.mark.parametrize("code", ["on_off", "bits", "bipolar"])
def test_every_cell_is_in_exactly_one_group(make, code):
    run = make(code=code)
    for population in run.circuit.populations.values():
        cells = np.concatenate([group.cells for group in groups(run.circuit, run.trials, population, 0)])
        assert sorted(cells) == list(range(population.size))


def test_a_wrong_winner_is_named(make, axes, words):
    run = make()
    cells = np.arange(4, 6).repeat(10)  # the copies of memory 2
    fired = Spikes(np.zeros(20, dtype=np.int32), np.arange(380, 400, dtype=np.int32), cells.astype(np.int32))
    recording = replace(run.recording, spikes={**run.recording.spikes, "hidden": fired})
    assert winner(recording, run.circuit, run.trials, "hidden", 0) == 2
    raster(recording, run.circuit, run.trials, axes=axes)
    assert {"memory 0, cued", "memory 2, wins"} <= set(words(axes))


def test_no_winner_without_spikes(make):
    run = make(per_cell=0)
    assert winner(run.recording, run.circuit, run.trials, "hidden", 0) is None


def test_the_cue_epoch_is_shaded_and_found_by_what_enters(make):
    run = make()
    assert [epoch.name for epoch in cue_epochs(run.circuit, run.trials)] == ["cue"]
    # only a starting state: the first epoch
    assert [e.name for e in cue_epochs(run.circuit, replace(run.trials, drives={}))] == ["cue"]
    signal = run.trials.drives["features", "drive"]
    late = replace(run.trials, drives={("features", "drive"): replace(signal, row=signal.row[::-1].copy())})
    assert [e.name for e in cue_epochs(run.circuit, late)] == ["alone"]
    # the same for every cell: a constant drive, which is no cue
    flat = replace(signal, row=signal.row[::-1].copy(), table=np.ones_like(signal.table))
    found = cue_epochs(run.circuit, replace(run.trials, drives={("features", "drive"): flat}))
    assert [e.name for e in found] == ["cue"]
    assert cue_epochs(run.circuit, make(shown=False).trials) == []


def test_shades_begin_where_the_cue_of_the_trial_does(make, axes):
    run = make()
    size = run.circuit.populations["features"].size
    # cues of 100 ms that begin 10, 0 and 33 ms after their epoch and end with it; nothing is left of the last one
    onset = np.array([10, 0, 33])
    table = np.zeros((3, 3, size))
    for place, start in enumerate((0, 10, 33)):
        table[place, onset <= start] = np.arange(size)
    table[:, 2] = 0.0
    row = np.full(400, -1, dtype=np.int32)
    row[:100] = np.searchsorted([0, 10, 33], np.arange(100), side="right") - 1
    late = replace(run.trials, drives={("features", "drive"): Signal(row, table)}, onset=onset * 1e-3)
    assert [cue_spans(run.circuit, late, trial) for trial in range(3)] == [[(10, 100)], [(0, 100)], [(33, 100)]]
    assert cue_spans(run.circuit, late) == [(0, 100)]
    raster(run.recording, run.circuit, late, trial=0, axes=axes)
    (shade,) = [patch for patch in axes.patches if patch.get_facecolor() == to_rgba(CUE)]
    assert (shade.get_x(), shade.get_width()) == (10.0, 90.0)


def test_the_cue_is_a_bar_on_top_of_images(make, axes):
    run = make(graded=True)
    raster(run.recording, run.circuit, run.trials, axes=axes)
    (bar,) = [line for line in axes.lines if line.get_label() == "_cue"]
    assert list(bar.get_xdata()) == [0.0, 100.0]
    started = draw("raster", replace(run, trials=replace(run.trials, drives={})))
    assert not [line for shown in started.axes for line in shown.lines if line.get_label() == "_cue"]


def test_the_whole_page_has_strip_cells_and_images(make):
    run = make()
    axes = raster(run.recording, run.circuit, run.trials, course=run.measures["overlap_course"])
    strip, cells, *rest = axes.figure.axes
    assert cells is axes
    assert [line.get_text() for line in strip.get_legend().get_texts()] == ["memory 0, cued", "closest other memory"]
    assert [a.get_title() for a in rest] == [
        "cue as shown",
        "decoded, last 200 ms",
        "stored, cued",
        "nearest to the cue",
        "",
    ]
    without = raster(run.recording, run.circuit, run.trials)
    assert len(without.figure.axes) == len(axes.figure.axes) - 1
    uncued = make(shown=False)
    assert len(raster(uncued.recording, uncued.circuit, uncued.trials).figure.axes) == 1


def test_graded_cells_are_a_heat_map_and_lines(make):
    run = make(graded=True)
    axes = raster(run.recording, run.circuit, run.trials, trial=1)
    (image,) = axes.images
    shown = np.asarray(image.get_array())
    member = run.circuit.patterns["memory"].values[1] > 0.5
    # cells of the cued memory first
    np.testing.assert_array_equal(shown[:, 0], np.sort(np.where(member, 1.0, -1.0))[::-1])
    lines = axes.figure.axes[1]
    assert lines.get_ylabel() == "g (no unit)"
    assert "memory 1, cued" in [text.get_text() for text in lines.texts]
    assert len(lines.collections) >= 1


def test_volts_are_drawn_in_millivolts(make):
    run = make(graded=True)
    traces = {(name, "x"): trace for (name, _), trace in run.recording.traces.items()}
    axes = raster(replace(run.recording, traces=traces), run.circuit, run.trials)
    assert axes.figure.axes[1].get_ylabel() == "x (mV)"
    assert np.abs(np.asarray(axes.images[0].get_array())).max() == pytest.approx(1000.0)


def test_nothing_recorded_says_so(make):
    run = make()
    with pytest.raises(FunctionError, match="neither spikes nor traces were recorded"):
        raster(Recording(1e-3, 400, 3, {}, {}), run.circuit, run.trials)


def test_the_answer_is_read_from_the_last_epoch(make):
    run = make()
    assert end_steps(run.circuit, run.trials) == 200
    short = replace(run.trials, epochs=(*run.trials.epochs[:1], replace(run.trials.epochs[1], start=350)))
    assert end_steps(run.circuit, short) == 50
    assert end_steps(replace(run.circuit, update="synchronous"), run.trials) == 1


def test_a_million_spikes_are_drawn(make, drawn):
    run = make()
    rng = np.random.default_rng(0)
    fired = Spikes(
        np.zeros(1_000_000, dtype=np.int32),
        np.sort(rng.integers(0, 400, 1_000_000)).astype(np.int32),
        rng.integers(0, 12, 1_000_000).astype(np.int32),
    )
    recording = replace(run.recording, spikes={**run.recording.spikes, "features": fired})
    drawn(raster(recording, run.circuit, run.trials).figure)


@pytest.mark.parametrize(("low", "limits"), [(-0.05, (0.0, 1.0)), (-0.5, (-1.0, 1.0))], ids=["noise", "signed"])
def test_a_little_noise_below_zero_does_not_take_half_of_the_colours(make, axes, low, limits):
    run = make(graded=True)
    trace = run.recording.traces["features", "g"]
    values = np.where(np.arange(trace.values.shape[2]) % 2, 1.0, low) + np.zeros_like(trace.values)
    changed = replace(run.recording, traces={("features", "g"): replace(trace, values=values)})
    heat_map(axes, changed, run.circuit, 0, "features", np.arange(values.shape[2]))
    assert axes.images[0].get_clim() == limits


@pytest.mark.parametrize(("update", "label"), [("synchronous", "step"), ("continuous", "time (ms)")])
def test_discrete_time_counts_steps(make, update, label):
    run = make(graded=True, update=update)
    page = raster(run.recording, run.circuit, run.trials).figure
    assert [axes.get_xlabel() for axes in page.axes if axes.get_xlabel()] == [label]
