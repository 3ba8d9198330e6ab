"""One trial of a run on one page: what was shown, what the cells did, what came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.circuit import Circuit, Trials
from neuroam.errors import FunctionError
from neuroam.plots.bands import draw_bands, spiking
from neuroam.plots.cells import counts_patterns, noun, shown_text, signal_of, stored
from neuroam.plots.clusters import errors_left
from neuroam.plots.epochs import draw_epochs, name_epochs, name_time
from neuroam.plots.heat import draw_heat, draw_lines, draw_trace, graded
from neuroam.plots.images import Picture, are_levels, draw_key, draw_picture, pictures
from neuroam.plots.margin import name_population
from neuroam.plots.overlap import DIMS, overlap_strip
from neuroam.plots.run import RunData, chosen, measured
from neuroam.plots.style import INK, figure_of, heading, new_figure, shorten, style
from neuroam.plots.wiring import cells_text
from neuroam.recording import Recording, Trace

LEFT, TOP, BOTTOM, GAP = 0.185, 0.905, 0.075, 0.03
STRIP = 0.12  # height of the overlap strip, in shares of the figure
WITH_IMAGES, WITHOUT = 0.80, 0.975  # where the panels end on the right
PANELS = 4  # at most so many of graded cells


@dataclass(frozen=True)
class Panel:
    """A row of the figure: spikes, the heat map or the lines of a population, and its share of the height."""

    kind: str
    population: str
    share: float


def raster(
    recording: Recording,
    circuit: Circuit,
    trials: Trials,
    *,
    trial: int = 0,
    course: xr.DataArray | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Spikes of one trial, sorted by the cued memory; a heat map of the cued port where no cell spikes.

    Parameters
    ----------
    recording, circuit, trials
        A run.
    trial : int
        By its place.
    course : DataArray, optional
        (trial, time, pattern), ``time`` in seconds: overlap with every stored memory.
    axes : Axes, optional
        Draw the cells only, into these axes.  Unless given, a whole figure is made: overlap, cells, images.

    Returns
    -------
    Axes
        Those of the cells; ``.figure`` is the figure.

    Raises
    ------
    FunctionError
        If there is no such trial, or neither spikes nor traces were recorded.
    """
    rows = panels(recording, circuit, trials)
    chosen(trials, trial)
    with style():
        if axes is not None:
            return _draw_panel(axes, rows[0], recording, circuit, trials, trial)
        return _page(new_figure(), rows, recording, circuit, trials, trial, course)


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The cells of the figure in given axes: all that spike, or the first graded population."""
    rows = panels(run.recording, run.circuit, run.trials)
    number = _lively(run.recording, run.trials, rows[:1]) if trial is None else trial
    return raster(run.recording, run.circuit, run.trials, trial=number, axes=axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Spikes of one trial sorted by the cued memory, with the overlap above and the patterns as images beside."""
    rows = panels(run.recording, run.circuit, run.trials)
    number = _lively(run.recording, run.trials, rows) if trial is None else chosen(run.trials, trial)
    course = measured(run, "overlap_course", DIMS)
    with style():
        _page(figure, rows, run.recording, run.circuit, run.trials, number, course)


def panels(recording: Recording, circuit: Circuit, trials: Trials) -> list[Panel]:
    """What there is to draw, from the top."""
    found = []
    if spiking(recording, circuit, trials):
        found.append(Panel("spikes", "", 3.0))
    for name in graded(recording, circuit, trials)[:PANELS]:
        population = circuit.populations[name]
        kind = "trace" if population.size == 1 else "lines" if counts_patterns(circuit, trials, population) else "heat"
        found.append(Panel(kind, name, 1.6 if kind == "heat" and not found else 0.8))
    if not found:
        raise FunctionError("neither spikes nor traces were recorded, so there is no raster to draw")
    return found


def _lively(recording: Recording, trials: Trials, rows: list[Panel]) -> int:
    """The first trial in which something happens in every panel; the first one if there is none."""
    happens = np.ones(trials.count, dtype=bool)
    for row in rows:
        if row.kind == "spikes":
            fired = [spikes.trial for spikes in recording.spikes.values()]
            happens &= np.bincount(np.concatenate(fired), minlength=trials.count)[: trials.count] > 0
        else:
            values = [trace.values for (name, _), trace in recording.traces.items() if name == row.population]
            happens &= np.any([(found != 0).any(axis=(1, 2)) for found in values], axis=0)
    return int(happens.argmax())


def _missing(recording: Recording, circuit: Circuit) -> str:
    """Populations of which nothing was recorded, in words."""
    seen = {*recording.spikes, *(name for name, _ in recording.traces)}
    names = [f"{name} ({cells_text(p.size)})" for name, p in circuit.populations.items() if p.size and name not in seen]
    return f"; not recorded: {', '.join(names)}" if names else ""


def _draw_panel(axes: Axes, panel: Panel, recording: Recording, circuit: Circuit, trials: Trials, trial: int) -> Axes:
    if panel.kind == "spikes":
        return name_time(draw_bands(axes, recording, circuit, trials, trial), circuit)
    draw_cells = {"lines": draw_lines, "trace": draw_trace, "heat": draw_heat}[panel.kind]
    return name_time(draw_cells(axes, recording, circuit, trials, trial, panel.population), circuit)


def _page(
    figure: Figure, rows: list[Panel], recording: Recording, circuit: Circuit, trials: Trials, trial: int,
    course: xr.DataArray | None,
) -> Axes:  # fmt: skip
    """The whole figure."""
    shown = pictures(recording, circuit, trials, trial)
    scale = any(row.kind == "heat" for row in rows)
    width = (WITH_IMAGES if shown else WITHOUT) - (0.045 if scale else 0.0) - LEFT
    cued = stored(circuit, trials) is not None
    top = TOP
    overlaps = course is not None and cued and course.sizes["pattern"] == circuit.patterns[trials.cue_port].count
    levels = _levels(recording, circuit, trials)
    if overlaps or levels is not None:
        top = TOP - STRIP - (0.6 if overlaps else 1.4) * GAP  # beside errors stands how many are left
        strip = figure.add_axes((LEFT, TOP - STRIP, width, STRIP))
        if course is not None and overlaps:
            _strip(strip, course, circuit, trials, trial)
        elif levels is not None:
            _errors(strip, levels, circuit, trials, trial)
    unit = (top - BOTTOM - GAP * (len(rows) - 1)) / sum(row.share for row in rows)
    made = []
    for row in rows:
        axes = figure.add_axes((LEFT, top - row.share * unit, width, row.share * unit))
        made.append(_draw_panel(axes, row, recording, circuit, trials, trial))
        top -= row.share * unit + GAP
    for axes in made[:-1]:
        axes.set_xlabel("")
        axes.tick_params(labelbottom=False)
    name_epochs(figure.axes[0], circuit, trials)
    _images(figure, shown)
    what = shown_text(circuit, trials, trial) if cued else "nothing cued"
    if any(epoch.pattern is not None for epoch in trials.epochs):
        what = "patterns in turn"
    if any(epoch.patterns is not None for epoch in trials.epochs):
        what = "a stream of patterns"
    note = f"{shorten(circuit.name, 32)}{_missing(recording, circuit)}"
    heading(figure, f"Trial {trial}, {what}", shorten(note, 110), left=0.012)
    return made[0]


def _strip(axes: Axes, course: xr.DataArray, circuit: Circuit, trials: Trials, trial: int) -> None:
    overlap_strip(course, axes, trial=trial, cued=int(trials.cued[trial]))
    draw_epochs(axes, circuit, trials, trial=trial)
    name_population(axes, sum(axes.get_ylim()) / 2, "overlap", "", INK)
    axes.legend(
        loc="upper right",
        bbox_to_anchor=(axes.get_position().x1, 0.985),
        bbox_transform=figure_of(axes).transFigure,
        ncols=2,
        borderpad=0.3,
        handlelength=1.6,
    )


def _levels(recording: Recording, circuit: Circuit, trials: Trials) -> Trace | None:
    """The trace of the cued population, if its cells stand for levels of whole numbers."""
    patterns = stored(circuit, trials)
    if patterns is None or patterns.binary or circuit.ports[trials.cue_port].code != "levels":
        return None
    name = circuit.ports[trials.cue_port].population
    found = recording.traces.get((name, signal_of(recording, circuit, name) or ""))
    fits = found is not None and found.values.shape[2] == patterns.size and are_levels(patterns.values)
    return found if fits and noun(circuit, trials.cue_port) == "memory" else None


def _errors(axes: Axes, trace: Trace, circuit: Circuit, trials: Trials, trial: int) -> None:
    target = circuit.patterns[trials.cue_port].values[trials.cued[trial]]
    errors_left(trace, target, trial, axes, circuit.dt)
    axes.set_ylabel("")
    draw_epochs(axes, circuit, trials, trial=trial)
    name_population(axes, sum(axes.get_ylim()) / 2, "errors", "wrong units", INK)


def _images(figure: Figure, shown: list[Picture]) -> None:
    if not shown:
        return
    left, width, top, pitch = WITH_IMAGES + 0.02, 0.175, 0.95, 0.215
    for number, picture in enumerate(shown):
        draw_picture(figure.add_axes((left, top - (number + 1) * pitch + 0.035, width, pitch - 0.065)), picture)
    draw_key(figure.add_axes((left, 0.012, width, 0.07)), shown)
