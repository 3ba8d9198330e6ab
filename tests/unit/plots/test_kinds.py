"""Every figure of a run can be made, says what it lacks, and has nothing that runs over its edge."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.text import Text

from neuroam.errors import FunctionError
from neuroam.plots import INTO, KINDS, RunData, draw, draw_into, new_figure, summary

OF_CODES = ("correlations", "precision", "generalisation", "spearman", "win_share", "top_words")
SPIKING_KINDS = ("raster", "overlap", "energy", "rates", "success", "similarity", "graph", *OF_CODES)
OF_CLUSTERS = "clusters"  # needs patterns of its own: test_clusters
OF_SEQUENCES = ("sequence", "dwell", "frames")  # need runs that move on: test_sequence, test_frames
OF_SYNAPSES = ("weight_correlation", "popularity")  # need weights between the units: test_correlated
OF_NETWORKS = ("calibration", "error_by_age")  # need measures of their own: test_networks
GRADED_KINDS = ("raster", "overlap", "energy", "success", "similarity", "graph", *OF_CODES)


def test_kinds_are_known_and_described():
    assert set(KINDS) == {*SPIKING_KINDS, OF_CLUSTERS, *OF_SEQUENCES, *OF_SYNAPSES, *OF_NETWORKS}
    for kind in KINDS:
        assert summary(kind).endswith(".")
        assert "\n" not in summary(kind)


@pytest.mark.parametrize(
    ("kind", "graded", "trial"),
    [*((kind, False, trial) for kind in SPIKING_KINDS for trial in (None, 2)), *((k, True, 1) for k in GRADED_KINDS)],
)
def test_every_kind_fills_a_figure(make, drawn, kind, trial, graded):
    pixels = drawn(draw(kind, make(graded=graded), trial=trial))
    assert pixels.shape[1:] == (660, 4)
    assert pixels.shape[0] == 420 or kind == "correlations"  # which is as high as its matrices
    assert (pixels[..., :3] < 200).any(axis=2).mean() > 0.001


@pytest.mark.parametrize("kind", SPIKING_KINDS)
@pytest.mark.parametrize(
    "run", [{"per_cell": 0}, {"n_trials": 1}, {"count": 1}], ids=["no spikes", "one trial", "one pattern"]
)
def test_no_spikes_one_trial_one_pattern(make, drawn, kind, run):
    drawn(draw(kind, make(**run)))


@pytest.mark.parametrize("trial", [None, 1])
@pytest.mark.parametrize("kind", INTO)
def test_a_figure_goes_into_axes_of_the_caller(make, drawn, kind, trial):
    figure = new_figure()
    mine, other = figure.subplots(1, 2)
    assert draw_into(kind, make(graded=kind == "energy"), mine, trial=trial) is mine
    assert mine.has_data() or mine.patches or mine.texts
    assert figure.axes == [mine, other]
    assert not other.has_data()
    assert not figure.texts
    drawn(figure)


def test_figures_of_several_panels_do_not_go_into_one_axes(make, axes):
    for kind in sorted(set(KINDS) - set(INTO)):
        with pytest.raises(FunctionError, match=f"the figure '{kind}' has several panels") as error:
            draw_into(kind, make(), axes)
        assert "or one of: raster, overlap" in error.value.fix
    with pytest.raises(FunctionError, match="no figure named 'rastr'"):
        draw_into("rastr", make(), axes)


@pytest.mark.parametrize("kind", SPIKING_KINDS)
def test_nothing_cued(make, drawn, kind):
    drawn(draw(kind, make(shown=False)))


@pytest.mark.parametrize(
    "run",
    [
        {"code": "bits"},
        {"code": "bits", "binary": False},
        {"graded": True, "code": "levels", "binary": False},
        {"graded": True, "update": "synchronous"},
        {"shape": None},
        {"shape": (4, 4)},
    ],
    ids=str,
)
def test_other_codes_and_shapes(make, drawn, run):
    drawn(draw("raster", make(**run)))


@pytest.mark.parametrize("graded", [False, True], ids=["spiking", "graded"])
@pytest.mark.parametrize("kind", GRADED_KINDS)
def test_no_text_runs_over_the_edge(make, drawn, kind, graded):
    figure = draw(kind, make(graded=graded))
    drawn(figure)
    box = figure.bbox
    for text in figure.findobj(Text):
        if not text.get_visible() or not text.get_text().strip() or not text.get_window_extent().width:
            continue
        extent = text.get_window_extent()
        if extent.x1 < 0 or extent.x0 > box.x1:  # ticks outside of the limits are not drawn
            continue
        assert extent.x0 >= -1, text.get_text()
        assert extent.x1 <= box.x1 + 1, text.get_text()


@pytest.mark.parametrize(
    ("kind", "measure"),
    [
        ("overlap", "overlap_course"),
        ("energy", "energy"),
        ("success", "overlap"),
        ("correlations", "correlations"),
        ("precision", "precision"),
        ("spearman", "spearman"),
        ("win_share", "win_share"),
        ("top_words", "top_words"),
    ],
)
def test_a_missing_measure_says_what_to_add(make, kind, measure):
    run = make()
    lacking = RunData(run.recording, run.circuit, run.trials, {})
    with pytest.raises(FunctionError, match=f"the figure '{kind}' needs the measure '{measure}'") as error:
        draw(kind, lacking)
    example = {
        "energy": "energy: {}",
        "correlations": "correlations: {port: kc",
        "precision": "precision: {port: kc, k",
        "generalisation": "generalisation: {port: valence",
        **{name: f"{name}: {{port: kc}}" for name in ("spearman", "win_share", "top_words")},
        "overlap_course": "overlap_course: {port: memory}",
    }.get(measure, "overlap: {port: memory")
    assert f"measure: {{{example}" in error.value.fix


def test_an_energy_that_is_not_defined_says_so(make):
    run = make()
    empty = {"energy": run.measures["energy"] * np.nan}
    with pytest.raises(FunctionError, match="the cells of 'tiny' declare no Lagrangian"):
        draw("energy", RunData(run.recording, run.circuit, run.trials, empty))


def test_rates_of_graded_cells_say_so(make):
    with pytest.raises(FunctionError, match="no population of 'tiny' spikes"):
        draw("rates", make(graded=True))


def test_an_unknown_kind_and_trial(make):
    with pytest.raises(FunctionError, match="no figure named 'rastr'") as error:
        draw("rastr", make())
    assert "raster" in error.value.fix
    for kind in KINDS:
        with pytest.raises(FunctionError, match="there is no trial 3") as error:
            draw(kind, make(), trial=3)
        assert error.value.fix == "use 0 to 2"
        with pytest.raises(FunctionError, match="there is no trial -1"):
            draw(kind, make(), trial=-1)


def test_a_network_is_chosen_and_a_measure_of_another_name_is_found(make):
    run = make()
    course = run.measures["overlap_course"]
    both = {"overlap_course_fine": course.expand_dims(network=[0, 1]).transpose("trial", "network", "time", "pattern")}
    figure = new_figure()
    KINDS["overlap"](RunData(run.recording, run.circuit, run.trials, both, network=1), figure)
    lines, heat = figure.axes[:2]
    assert heat.get_ylabel() == "stored memory"
    assert lines.get_ylabel() == "overlap"
