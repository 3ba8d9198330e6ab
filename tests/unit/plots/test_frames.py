"""The figure of frames: what was due above what was recalled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from neuroam.errors import FunctionError
from neuroam.plots import draw, frames
from neuroam.plots.images import Picture
from neuroam.recording import Recording, Trace


@pytest.fixture
def movie(make):
    """``movie(steps, n_trials)``: every step leads to the next of three patterns; the last step has one wrong pixel."""

    def run(steps=4, n_trials=1, binary=True):
        found = make(graded=True, code="bipolar", update="synchronous", n_trials=n_trials, binary=binary)
        stored = found.circuit.patterns["memory"]
        matrices = found.circuit.matrices | {"next": replace(found.circuit.matrices["rows"], sequence="memory")}
        trials = replace(found.trials, n_steps=steps)
        due = (trials.cued[:, None] + np.arange(steps + 1)[None]) % stored.count
        states = stored.bipolar[due].copy()
        states[:, -1, 2] *= -1
        recording = Recording(1e-3, steps, n_trials, {}, {("features", "g"): Trace(np.arange(steps + 1), states)})
        return replace(found, recording=recording, circuit=replace(found.circuit, matrices=matrices), trials=trials)

    return run


def words_of(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_steps_of_one_trial(movie, drawn):
    figure = draw("frames", movie())
    assert words_of(figure)[:8] == ["step 1", "exact", "step 2", "exact", "step 3", "exact", "step 4", "1 wrong"]
    stored = movie().circuit.patterns["memory"].bipolar
    due = np.asarray(figure.axes[0].images[2].get_array())  # of step 2
    assert ((due.mean(axis=2) < 0.5).ravel() == (stored[2] > 0)).all()
    assert "missing" in words_of(figure) or "extra" in words_of(figure)
    drawn(figure)


def test_several_trials_at_their_last_step_or_one_that_is_named(movie, drawn):
    run = movie(steps=1, n_trials=3)
    figure = draw("frames", run)
    assert [word for word in words_of(figure) if word.startswith("trial")] == ["trial 0", "trial 1", "trial 2"]
    assert words_of(figure).count("1 wrong") == 3
    drawn(figure)
    assert [word for word in words_of(draw("frames", run, trial=2)) if "step" in word] == ["trial 2, step 1"]


def test_a_dozen_moments_evenly_spaced():
    assert frames.moments(100, 1, None) == [(k, 1) for k in (0, 9, 18, 27, 36, 45, 54, 63, 72, 81, 90, 99)]
    assert [step for _, step in frames.moments(1, 23, None)] == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]
    assert frames.moments(5, 3, 4) == [(4, 1), (4, 2), (4, 3)]


def test_a_frame_may_be_due_for_several_steps(movie):
    run = movie(steps=2)
    exact = xr.DataArray([0.0], dims="trial", attrs={"units": "1", "every": 3})
    figure = draw("frames", replace(run, measures={"frames_exact": exact}))
    stored = run.circuit.patterns["memory"].bipolar
    wrong = int((stored[0] != stored[1]).sum())
    assert words_of(figure)[:2] == ["step 1", f"{wrong} wrong"]  # pattern 0 is still due


def test_a_strip_is_drawn_into_given_axes(axes):
    picture = Picture("", np.ones(6), np.ones(6), "", True, (2, 3))
    assert frames.strip([frames.Frame("step 1", picture, picture)], axes, columns=2) is axes
    assert axes.images[0].get_extent() == [0, 3, 2, 0]
    assert axes.images[1].get_extent()[2:] == pytest.approx([4.2, 2.2])


def test_values_are_compared_by_their_angle(movie):
    assert words_of(draw("frames", movie(binary=False)))[:2] == ["step 1", "cosine 1.00"]


def test_what_frames_need(movie):
    run = movie()
    flat = replace(run.circuit.patterns["memory"], shape=None)
    with pytest.raises(FunctionError, match="is of images"):
        draw("frames", replace(run, circuit=replace(run.circuit, patterns={"memory": flat})))
    held = {"rows": run.circuit.matrices["rows"]}
    for circuit in (replace(run.circuit, update="continuous"), replace(run.circuit, matrices=held)):
        with pytest.raises(FunctionError, match="does not step from one pattern to the next"):
            draw("frames", replace(run, circuit=circuit))
    coarse = {("features", "g"): Trace(np.array([0, 4]), run.recording.traces["features", "g"].values[:, ::4])}
    for traces in ({}, coarse):
        with pytest.raises(FunctionError, match="'features' was not recorded in every step") as error:
            draw("frames", replace(run, recording=replace(run.recording, traces=traces)))
        assert "record: {memory: {variables: [g], every: 1 steps}}" in error.value.fix
