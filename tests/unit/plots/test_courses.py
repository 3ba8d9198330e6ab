"""Overlap, energy, rates and success: the right lines in the right units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from neuroam.plots import draw
from neuroam.plots.energy import energy
from neuroam.plots.overlap import overlap, overlap_lines
from neuroam.plots.rates import binned, rates, smoothed
from neuroam.plots.success import ideal, success
from neuroam.recording import Spikes


def test_overlap_map_has_a_row_per_memory_and_a_column_per_bin(make, axes):
    course = make().measures["overlap_course"]
    assert overlap(course, axes, trial=1, cued=2) is axes
    (mesh,) = axes.collections
    np.testing.assert_array_equal(np.asarray(mesh.get_array()), course.to_numpy()[1].T)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (ms)", "stored memory")
    assert mesh.get_clim() == (-1, 1)


def test_overlap_lines_name_the_cued_memory_and_the_best_others(make, axes, words):
    run = make(count=6)
    assert overlap_lines(run.measures["overlap_course"], axes, cued=1, best=2) is axes
    # overlaps rise with the number of the memory in this course
    assert words(axes) == ["memory 5", "memory 4", "memory 1, cued"]
    assert len(axes.patches) == 3


def test_overlap_lines_of_a_single_memory(make, axes, words):
    overlap_lines(make(count=1).measures["overlap_course"], axes, cued=0)
    assert words(axes) == ["memory 0, cued"]


def test_energy_is_the_mean_with_a_band_or_one_trial(make, figure):
    energies = make().measures["energy"]
    mean, one = figure.subplots(2, 1)
    assert energy(energies, mean, parts=["features", "coupling"]) is mean
    energy(energies, one, parts=["total"], trial=2)
    np.testing.assert_allclose(mean.lines[0].get_ydata(), energies.sel(part="features").mean("trial"))
    np.testing.assert_allclose(one.lines[0].get_ydata(), energies.sel(part="total")[2])
    np.testing.assert_allclose(one.lines[0].get_xdata(), energies.coords["time"] * 1e3)
    assert (len(mean.collections), len(one.collections)) == (2, 0)
    assert [text.get_text() for text in mean.texts] == ["features", "coupling"]


def test_rates_count_every_spike_once(make):
    run = make()
    spikes = run.recording.spikes["pool"]
    edges = np.array([0, 100, 250, 400])
    found = binned(spikes, np.ones((3, 4), dtype=bool), edges, 1e-3)
    # Hz per cell, times cells and seconds, is the number of spikes
    assert (found * 4 * np.diff(edges) * 1e-3).sum() == pytest.approx(spikes.trial.size)


def test_rates_of_members_and_others(make, axes):
    run = make()
    assert rates(run.recording, run.circuit, run.trials, "hidden", axes, trial=0, width=0.1) is axes
    others, members = (axes.lines[n].get_ydata() for n in (0, 1))
    assert others.sum() == 0
    # 5 spikes of each cell in 0.4 s; the kernel moves some of their weight to or from the ends
    assert members.mean() == pytest.approx(12.5, rel=0.2)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (ms)", "rate (Hz)")


def test_a_kernel_keeps_what_is_constant_and_evens_out_regular_cells():
    edges = np.append(np.arange(0, 400, 2), 401)
    assert smoothed(np.full((1, 200), 7.0), edges, 10.0) == pytest.approx(7.0)
    # cells that fire every 21 ms, each at its own phase: 20 ms bins see every one of them once or not at all
    cell = np.arange(4)
    step = np.sort((cell[:, None] + 21 * np.arange(20)[None, :]).ravel())
    spikes = Spikes(np.zeros(80, np.int32), step.astype(np.int32), (step % 21).astype(np.int32))
    found = smoothed(binned(spikes, np.ones((1, 4), dtype=bool), edges, 1e-3), edges, 10.0)
    inside = found[0, 30:170]
    assert inside == pytest.approx(1 / 0.021, rel=0.03)


def test_long_names_stay_inside_the_figure(make, drawn):
    run = make()
    named = replace(run.circuit, name="a_model_whose_name_is_longer_than_what_fits_above_a_figure_of_rates")
    figure = draw("rates", replace(run, circuit=named))
    drawn(figure)
    assert max(text.get_window_extent().x1 for text in figure.texts) <= figure.bbox.x1
    assert "kernel of sd 10 ms" in figure.texts[1].get_text()


def test_rates_of_a_population_without_members(make, axes):
    run = make()
    rates(run.recording, run.circuit, run.trials, "pool", axes, width=0.1)
    assert axes.get_legend_handles_labels()[1] == ["all cells"]


def test_success_has_a_bar_per_trial_and_the_numbers_in_the_title(make, axes):
    run = make()
    assert success(run.measures["overlap"], axes, nearest_stored=np.array([1.0, 1.0, 0.2])) is axes
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([1.0, 0.75, 0.5])
    wanted = "mean overlap 0.75, success 1 of 3 (33 %), the ideal decoder is right in 2 of 3"
    assert axes.get_title(loc="left") == wanted


def test_success_of_many_trials_is_dots(make, axes):
    overlaps = make(n_trials=500).measures["overlap"]
    success(overlaps, axes, reached=np.zeros(500, dtype=bool))
    assert not axes.patches
    assert axes.get_title(loc="left").endswith("success 0 of 500 (0 %)")
    assert len(axes.get_xticks()) <= 26


def test_the_ideal_decoder(make):
    run = make()
    found = ideal(run.circuit, run.trials)
    assert found.shape == (3,)
    assert (np.abs(found) <= 1 + 1e-12).all()
    assert np.isnan(ideal(run.circuit, make(shown=False).trials)).all()


def test_the_ideal_decoder_has_to_guess_where_nothing_is_shown(make):
    run = make()
    stored = run.circuit.patterns["memory"]
    cue = stored.values[run.trials.cued].copy()
    cue[0] = np.nan
    found = ideal(run.circuit, replace(run.trials, cues={"memory": cue}))
    np.testing.assert_allclose(found, [(stored.bipolar @ stored.bipolar[0]).mean() / stored.size, 1.0, 1.0])


def test_trials_of_a_condition_stand_side_by_side(make, drawn):
    run = make(n_trials=4)
    numbers = np.array([1, 0, 1, 0])
    trials = replace(run.trials, conditions=("clear", "none"), condition=numbers)
    measures = run.measures | {"overlap": run.measures["overlap"].copy(data=[0.1, 0.2, 0.3, 0.4])}
    measures["success"] = measures["overlap"].copy(data=[0.0, 1.0, 0.0, 1.0])
    axes = draw("success", replace(run, trials=trials, measures=measures), trial=2).axes[0]
    bars, shade = axes.containers[0], axes.patches[-1]
    assert [bar.get_height() for bar in bars] == [0.2, 0.4, 0.1, 0.3]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "3", "0", "2"]
    assert [text.get_text() for text in axes.texts] == ["clear\n2 of 2", "none\n0 of 2"]
    assert (shade.get_x(), shade.get_width()) == (2.5, 1.0)
