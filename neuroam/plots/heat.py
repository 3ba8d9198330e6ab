"""Graded cells of one trial: a heat map of a population, lines for cells that stand for patterns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.image import AxesImage

from neuroam.circuit import Array, Circuit, Trials
from neuroam.plots.cells import codes_units, counts_patterns, groups, n_places, signal_of
from neuroam.plots.epochs import draw_epochs
from neuroam.plots.margin import name_parts, name_population
from neuroam.plots.style import BLUE, INK, SMALL, VERMILLION, scaled, tidy, tint
from neuroam.recording import Recording
from neuroam.units import ONE

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
    variable, factor, label = signal(recording, circuit, name)
    population = circuit.populations[name]
    parts = groups(circuit, trials, population, trial)
    edges, values = samples(recording, name, variable, trial)
    drawn = values[:, np.concatenate([part.cells for part in parts])].T * factor
    signed = bool(drawn.min(initial=0.0) < 0)
    most = float(np.quantile(np.abs(drawn), 0.999)) or 1.0
    image = axes.imshow(
        drawn,
        aspect="auto",
        extent=(edges[0], edges[-1], population.size, 0),
        cmap="RdBu_r" if signed else "Greys",
        vmin=-most if signed else 0.0,
        vmax=most,
    )
    draw_epochs(axes, circuit, trials, over=True)
    axes.set_ylim(population.size, 0)
    tidy(axes, y=False)
    axes.set_yticks([])
    name_population(axes, population.size / 2, name, f"{population.size} cells", BLUE)
    name_parts(axes, parts, 0, population.size, BLUE)
    _scale(axes, image, label)
    return axes


def _scale(axes: Axes, image: AxesImage, label: str) -> None:
    inset = axes.inset_axes((1.012, 0.0, 0.012, 1.0))
    bar = axes.figure.colorbar(image, cax=inset)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(labelsize=SMALL, length=2, labelcolor=INK)
    bar.ax.set_title(label, fontsize=SMALL, loc="left", pad=5)


def draw_lines(axes: Axes, recording: Recording, circuit: Circuit, trials: Trials, trial: int, name: str) -> Axes:
    """One line per place of a population that stands for patterns: the cued one strong, the others pale."""
    variable, factor, label = signal(recording, circuit, name)
    population = circuit.populations[name]
    edges, values = samples(recording, name, variable, trial)
    time = 0.5 * (edges[:-1] + edges[1:]) if circuit.update == "continuous" else edges[:-1]
    place = population.labels["place"]
    total = np.array([np.bincount(place, weights=row, minlength=n_places(population)) for row in values])
    mean = total / np.bincount(place, minlength=n_places(population)) * factor
    cued = int(trials.cued[trial])
    draw_epochs(axes, circuit, trials)
    others = [np.column_stack([time, mean[:, k]]) for k in range(mean.shape[1]) if k != cued]
    axes.add_collection(LineCollection(others, colors=tint(VERMILLION, 0.55), linewidths=0.8, rasterized=True))
    axes.plot(time, mean[:, cued], color=VERMILLION, linewidth=2.0, label=f"memory {cued}, cued")
    _limits(axes, mean)
    tidy(axes)
    axes.set_ylabel(label)
    name_population(axes, sum(axes.get_ylim()) / 2, name, f"{population.size} cells", VERMILLION)
    return axes


def _limits(axes: Axes, values: Array, around: Sequence[float] = (0.0,)) -> None:
    low, high = min(*around, values.min(initial=np.inf)), max(*around, values.max(initial=-np.inf))
    margin = 0.06 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)
