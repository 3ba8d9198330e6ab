"""Graded cells of one trial: a heat map of a population, lines for cells that stand for patterns."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Trials
from neuroam.plots.cells import codes_units, counts_patterns, groups, n_places, noun, shown_text, signal_of
from neuroam.plots.epochs import draw_epochs
from neuroam.plots.margin import name_parts, name_population, points_high
from neuroam.plots.style import BLUE, INK, SIGNED, SMALL, VERMILLION, scaled, spread, tidy, tint
from neuroam.plots.wiring import cells_text
from neuroam.recording import Recording
from neuroam.units import ONE

SIGNIFICANT = 0.1  # values below zero that are drawn as such, in shares of the largest
LETTERS = 11  # of the name of a scale, for which there is room at its right
COLUMNS = 2000  # no more samples than can be seen


def graded(recording: Recording, circuit: Circuit, trials: Trials) -> list[str]:
    """Populations of graded cells that were recorded: the cued one, those that stand for patterns, the others."""
    found = [
        p
        for name, p in circuit.populations.items()
        if name not in recording.spikes and p.size and signal_of(recording, circuit, name) is not None
    ]
    found.sort(key=lambda p: (not codes_units(circuit, trials, p), not counts_patterns(circuit, trials, p)))
    return [population.name for population in found]


def samples(recording: Recording, name: str, variable: str, trial: int) -> tuple[Array, Array]:
    """Limits of the columns in ms, and the values in them (columns, cells): means where there are too many samples."""
    trace = recording.traces[name, variable]
    values = np.asarray(trace.values[trial], dtype=float)
    start = trace.step.astype(float)
    end = start[-1] + (start[-1] - start[-2] if len(start) > 1 else 1.0)
    if len(start) > COLUMNS:
        first = np.linspace(0, len(start), COLUMNS, endpoint=False).astype(int)
        values = np.add.reduceat(values, first, axis=0) / np.diff(np.append(first, len(start)))[:, None]
        start = start[first]
    return np.append(start, end) * recording.dt * 1e3, values


def signal(recording: Recording, circuit: Circuit, name: str) -> tuple[str, float, str]:
    """The recorded variable of a population, the factor to the unit it is drawn in, and how an axis names it."""
    variable = signal_of(recording, circuit, name)
    assert variable is not None
    factor, unit = scaled(circuit.populations[name].cell.dimensions.get(variable, ONE))
    return variable, factor, f"{variable} ({unit})" if unit else f"{variable} (no unit)"


def draw_heat(axes: Axes, recording: Recording, circuit: Circuit, trials: Trials, trial: int, name: str) -> Axes:
    """A heat map of one population, its cells sorted by the cued memory, with a scale at its right."""
    population = circuit.populations[name]
    parts = groups(circuit, trials, population, trial)
    heat_map(axes, recording, circuit, trial, name, np.concatenate([part.cells for part in parts]))
    draw_epochs(axes, circuit, trials, trial=trial, over=True)
    name_population(axes, population.size / 2, name, cells_text(population.size), BLUE)
    name_parts(axes, parts, 0, population.size, BLUE)
    return axes


def heat_map(
    axes: Axes, recording: Recording, circuit: Circuit, trial: int, name: str, cells: NDArray[np.int64]
) -> Axes:
    """The cells of one population in a given order, the first on top, with a scale at their right."""
    variable, factor, label = signal(recording, circuit, name)
    edges, values = samples(recording, name, variable, trial)
    drawn = values[:, cells].T * factor
    # a little noise below zero does not need half of the colours
    signed = bool(drawn.min(initial=0.0) < -SIGNIFICANT * drawn.max(initial=0.0))
    most = float(np.quantile(np.abs(drawn), 0.999)) or 1.0
    image = axes.imshow(
        drawn,
        aspect="auto",
        extent=(edges[0], edges[-1], cells.size, 0),
        cmap=SIGNED if signed else "Greys",
        interpolation="nearest",
        vmin=-most if signed else 0.0,
        vmax=most,
    )
    axes.set_ylim(cells.size, 0)
    tidy(axes, y=False)
    axes.set_yticks([])
    _scale(axes, image, label)
    return axes


def _scale(axes: Axes, image: AxesImage, label: str) -> None:
    ends = sorted({image.norm.vmin or 0.0, 0.0, image.norm.vmax or 0.0})
    bar = axes.figure.colorbar(image, cax=axes.inset_axes((1.012, 0.0, 0.012, 1.0)), ticks=ends)
    bar.set_ticklabels([f"{end:.3g}".replace("-", "\N{MINUS SIGN}") for end in ends])
    first, *_, last = bar.ax.get_yticklabels()  # they stay clear of the next scale
    first.set_verticalalignment("bottom")
    last.set_verticalalignment("top")
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, length=2, labelcolor=INK)
    # what is longer than the room at its right goes to its left
    bar.ax.set_title(label, fontsize=SMALL, loc="left" if len(label) <= LETTERS else "right", pad=5)


def draw_lines(axes: Axes, recording: Recording, circuit: Circuit, trials: Trials, trial: int, name: str) -> Axes:
    """One line per place of a population that stands for patterns: the cued one strong, the others pale."""
    variable, factor, label = signal(recording, circuit, name)
    population = circuit.populations[name]
    edges, values = samples(recording, name, variable, trial)
    places = n_places(population)
    total = np.array([np.bincount(population.labels["place"], weights=row, minlength=places) for row in values])
    mean = total / np.bincount(population.labels["place"], minlength=places) * factor
    # a value holds from one sample to the next
    time, mean = np.repeat(edges, 2)[1:-1], np.repeat(mean, 2, axis=0)
    cued, word = int(trials.cued[trial]), noun(circuit, trials.cue_port)
    draw_epochs(axes, circuit, trials, trial=trial)
    others = [np.column_stack([time, mean[:, k]]) for k in range(places) if k != cued]
    axes.add_collection(LineCollection(others, colors=tint(VERMILLION, 0.55), linewidths=0.8, rasterized=True))
    axes.plot(time, mean[:, cued], color=VERMILLION, linewidth=2.2)
    best = int(mean[-1].argmax())
    if best != cued:
        axes.plot(time, mean[:, best], color=INK, linewidth=1.2)
    _limits(axes, mean)
    tidy(axes)
    axes.set_ylabel(label)
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    name_population(axes, sum(axes.get_ylim()) / 2, name, cells_text(population.size), VERMILLION)
    _name_ends(axes, mean[-1], cued, word, shown_text(circuit, trials, trial, ","))
    return axes


def draw_trace(axes: Axes, recording: Recording, circuit: Circuit, trials: Trials, trial: int, name: str) -> Axes:
    """The signal of a population of one cell, as a line."""
    _, factor, label = signal(recording, circuit, name)
    variable = signal_of(recording, circuit, name)
    assert variable is not None
    edges, values = samples(recording, name, variable, trial)
    time, line = np.repeat(edges, 2)[1:-1], np.repeat(values[:, 0] * factor, 2)
    draw_epochs(axes, circuit, trials, trial=trial)
    axes.plot(time, line, color=BLUE, linewidth=1.4)
    _limits(axes, line)
    tidy(axes)
    axes.set_ylabel(label)
    axes.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    name_population(axes, sum(axes.get_ylim()) / 2, name, cells_text(1), BLUE)
    return axes


def _limits(axes: Axes, values: Array) -> None:
    low, high = min(0.0, values.min(initial=0.0)), max(0.0, values.max(initial=0.0))
    high = high if high > low else 1.0  # nothing happens: a scale upwards
    margin = 0.06 * (high - low)
    axes.set_ylim(low - margin, high + margin)


def _name_ends(axes: Axes, last: Array, cued: int, word: str, shown: str) -> None:
    """Which line is the cued memory's, and which is the strongest at the end if that is another."""
    low, high = axes.get_ylim()
    line = 1.3 * SMALL / points_high(axes) * (high - low)
    named = [(cued, shown)]
    best = int(last.argmax())
    if best != cued and np.ptp(last) > 0:
        named.append((best, f"{word} {best}, wins"))
    # beside the lines, on the side where there is room
    wanted = [float(last[k]) + (line if last[k] < 0.5 * (low + high) else -line) for k, _ in named]
    for at, (k, text) in zip(spread(wanted, line, low + line / 2, high - line / 2), named, strict=True):
        weight, colour = ("bold", VERMILLION) if k == cued else ("normal", INK)
        axes.annotate(
            text, (1.0, float(at)), (-6, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            ha="right", va="center", fontsize=SMALL, color=colour, fontweight=weight,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8},
        )  # fmt: skip
