"""What the small images show and say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from neuroam.circuit import PatternSet
from neuroam.plots.images import (
    RIGHT_OFF,
    RIGHT_ON,
    UNKNOWN,
    WRONG_OFF,
    WRONG_ON,
    Picture,
    caption,
    colours,
    draw_key,
    draw_picture,
    grid_of,
    nearest,
    pictures,
)


def stored(values, shape=None):
    return PatternSet("memory", np.asarray(values, dtype=float), True, shape=shape)


@pytest.mark.parametrize(
    ("size", "shape", "grid"),
    [
        (64, (8, 8), (8, 8)),
        (6, (2, 3), (2, 3)),
        (6, (4, 4), (2, 3)),
        (50, None, (7, 8)),
        (1, None, (1, 1)),
        (7, (7,), (3, 3)),
    ],
)
def test_grid(size, shape, grid):
    assert grid_of(stored(np.zeros((1, size)), shape)) == grid


def test_nearest_counts_wrong_units_and_only_those_that_were_shown():
    patterns = stored([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]])
    assert nearest(np.array([1.0, 1.0, 0.0, 1.0]), patterns) == [0]
    assert nearest(np.array([np.nan, np.nan, 1.0, 1.0]), patterns) == [1]
    assert nearest(np.array([1.0, np.nan, np.nan, 0.0]), patterns).tolist() == [0, 2]


def test_colours_tell_right_from_wrong():
    units, target = np.array([1.0, -1.0, 1.0, -1.0, 0.0]), np.array([1.0, -1.0, -1.0, 1.0, 1.0])
    picture = Picture("", units, target, "overlap 0.00", True, (2, 3))
    wanted = [to_rgb(c) for c in (RIGHT_ON, RIGHT_OFF, WRONG_ON, WRONG_OFF, UNKNOWN, "white")]
    np.testing.assert_allclose(colours(picture).reshape(-1, 3), wanted)
    assert caption(picture) == "overlap 0.00, 2 wrong"


def test_the_four_images_of_a_trial(make):
    run = make()
    cue, decoded, target, ideal = pictures(run.recording, run.circuit, run.trials, 1)
    np.testing.assert_array_equal(target.units, run.circuit.patterns["memory"].bipolar[1])
    assert target.caption == "memory 1, label 8"
    # one of six units is wrong: m = (5 - 1)/6
    assert caption(cue) == "overlap 0.67, 1 wrong"
    # its cells fired, so that the end decodes to the memory
    np.testing.assert_array_equal(np.where(decoded.units == 0, decoded.target, decoded.units), target.units)
    assert ideal.caption.startswith("memory 1, overlap")


def test_units_that_were_not_shown_are_unknown(make):
    run = make()
    trials = replace(run.trials, cues={"memory": np.full_like(run.trials.cues["memory"], np.nan)})
    cue = pictures(run.recording, run.circuit, trials, 0)[0]
    assert (cue.units == 0).all()
    assert caption(cue) == "overlap 0.00"


def test_a_negative_overlap_has_a_minus_sign(make):
    run = make()
    trials = replace(run.trials, cues={"memory": 1.0 - run.circuit.patterns["memory"].values})
    assert pictures(run.recording, run.circuit, trials, 0)[0].caption == "overlap \N{MINUS SIGN}1.00"


def test_values_are_compared_by_their_angle(make):
    run = make(code="bits", binary=False)
    cue = pictures(run.recording, run.circuit, run.trials, 0)[0]
    assert cue.caption == "cosine 1.00"
    assert (np.ptp(colours(cue), axis=2) == 0).all()  # grey


def test_without_a_cue_there_are_no_images(make):
    run = make(shown=False)
    assert pictures(run.recording, run.circuit, run.trials, 0) == []


def test_an_image_and_the_key(axes, figure, words):
    units = np.array([1.0, -1.0, 1.0, 1.0, 1.0, 1.0])
    picture = Picture("cue", units, np.ones(6), "overlap 0.67", True, (2, 3))
    assert draw_picture(axes, picture) is axes
    assert axes.get_title() == "cue"
    assert words(axes) == ["overlap 0.67, 1 wrong"]
    key = draw_key(figure.add_axes((0.8, 0.0, 0.2, 0.1)), [picture])
    assert words(key) == ["active", "missing"]
