"""Labels that keep apart, and numbers with units."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from neuroam.plots.style import COLOURS, colour_of, heading, new_figure, scaled, shorten, spread, tidy, tint
from neuroam.units import ONE, SECOND, VOLT, WATT


def test_labels_with_room_stay_where_they_are():
    np.testing.assert_allclose(spread([0.1, 0.9, 0.5], 0.2, 0, 1), [0.1, 0.9, 0.5])


def test_labels_that_touch_are_moved_apart_around_their_middle():
    np.testing.assert_allclose(spread([0.5, 0.5], 0.2, 0, 1), [0.4, 0.6])
    np.testing.assert_allclose(spread([0.5, 0.4], 0.2, 0, 1), [0.55, 0.35])


@pytest.mark.parametrize("places", [[], [0.5], [0.0] * 4, [1.0] * 4, list(np.linspace(0, 1, 50))])
def test_labels_stay_inside_in_order(places):
    found = spread(places, 0.1, 0.0, 1.0)
    assert len(found) == len(places)
    assert ((found >= -1e-9) & (found <= 1 + 1e-9)).all()
    order = np.argsort(places, kind="stable")
    assert (np.diff(found[order]) >= min(0.1, 1 / max(len(places) - 1, 1)) - 1e-9).all()


def test_units_on_axes():
    assert scaled(ONE) == (1.0, "")
    assert scaled(VOLT) == (1e3, "mV")
    assert scaled(SECOND) == (1e3, "ms")
    assert scaled(WATT) == (1.0, "W")


def test_colours_and_words():
    assert tint("#000000", 1.0) == "#ffffff"
    assert tint("#0072B2", 0.0) == "#0072b2"
    assert colour_of(len(COLOURS)) == COLOURS[0]
    assert shorten("features", 8) == "features"
    assert shorten("features", 5) == "feat…"


def test_a_long_heading_gets_smaller_until_it_fits():
    figure = new_figure()
    heading(figure, "A title", "and a note")
    heading(figure, "A long title " * 7, "with a note " * 7)
    short, _, long, note = figure.texts
    assert long.get_fontsize() < short.get_fontsize()
    assert note.get_window_extent().x0 >= long.get_window_extent().x1
    assert note.get_window_extent().x1 <= figure.bbox.width


@pytest.mark.parametrize("dots", [72, 100, 150, 300])
def test_a_note_stays_clear_of_its_title_whatever_the_resolution(dots):
    figure = new_figure()
    heading(figure, "Overlap with the stored memories", "tiny, trial 0, memory 0 cued")
    figure.set_dpi(dots)
    FigureCanvasAgg(figure).draw()
    title, note = (text.get_window_extent() for text in figure.texts)
    assert (note.x0 - title.x1) / dots * 72 > 7  # points: more than a wide letter


def test_axes_keep_only_what_carries_a_scale(axes):
    tidy(axes, x=False)
    shown = {name for name, spine in axes.spines.items() if spine.get_visible()}
    assert shown == {"left"}
