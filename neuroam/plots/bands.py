"""Spikes of one trial: a band per population, one above the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Population, Trials
from neuroam.plots.cells import Group, codes_units, counts_patterns, groups, trial_slice, winner
from neuroam.plots.epochs import draw_epochs
from neuroam.plots.margin import PALER, name_parts, name_population, points_high
from neuroam.plots.style import PALE, colour_of, tidy, tint
from neuroam.plots.wiring import cells_text
from neuroam.recording import Recording

DENSE = 10_000  # spikes from which markers are thinner
GAP = 0.018  # between bands, as a share of the height


@dataclass(frozen=True)
class Band:
    """Where a population is drawn: from ``top`` down, in shares of the height.

    ``rank`` is a cell's place in it, from 0, among the ``rows`` of those that were kept.
    """

    population: Population
    colour: str
    top: float
    height: float
    parts: tuple[Group, ...]
    rank: NDArray[np.int64]
    rows: int


def spiking(recording: Recording, circuit: Circuit, trials: Trials) -> list[Population]:
    """Populations whose spikes were recorded: the cued one, those that stand for patterns, the others."""
    found = [p for name, p in circuit.populations.items() if name in recording.spikes and p.size]
    return sorted(found, key=lambda p: (not codes_units(circuit, trials, p), not counts_patterns(circuit, trials, p)))


def bands(recording: Recording, circuit: Circuit, trials: Trials, trial: int) -> list[Band]:
    """Every spiking population with its place; small ones get more room per cell than large ones."""
    found: list[Band] = []
    populations = spiking(recording, circuit, trials)
    share = np.sqrt([population.size for population in populations])
    share = np.maximum(share, 0.25 * share.max(initial=0.0))
    share = share * (1.0 - GAP * max(len(populations) - 1, 0)) / max(share.sum(), 1.0)
    top = 0.0
    for number, (population, height) in enumerate(zip(populations, share, strict=True)):
        wins = None
        if counts_patterns(circuit, trials, population):
            wins = winner(recording, circuit, trials, population.name, trial)
        parts = _of_kept(recording, population, groups(circuit, trials, population, trial, wins))
        cells = np.concatenate([np.empty(0, np.int64), *(part.cells for part in parts)])
        rank = np.zeros(population.size, dtype=np.int64)
        rank[cells] = np.arange(cells.size)
        found.append(Band(population, colour_of(number), top, float(height), parts, rank, cells.size))
        top += float(height) + GAP
    return found


def _of_kept(recording: Recording, population: Population, parts: list[Group]) -> tuple[Group, ...]:
    """Without the cells that were not kept, which would look silent."""
    selected = recording.selected.get(population.name)
    if selected is None or selected.cells is None:
        return tuple(parts)
    left = [replace(part, cells=part.cells[np.isin(part.cells, selected.cells)]) for part in parts]
    return tuple(part for part in left if part.cells.size)


def draw_bands(axes: Axes, recording: Recording, circuit: Circuit, trials: Trials, trial: int) -> Axes:
    """Draw the spikes of one trial into given axes; names go to their left."""
    draw_epochs(axes, circuit, trials, trial=trial)
    axes.set_ylim(1.0, 0.0)
    for band in bands(recording, circuit, trials, trial):
        low = band.top + band.height
        _draw_spikes(axes, recording, band, trial)
        if low < 1.0 - GAP / 2:
            axes.axhline(low + GAP / 2, color=PALE, linewidth=0.8, zorder=0.6)
        note = _cells_kept(recording, band.population)
        name_population(axes, band.top + 0.5 * band.height, band.population.name, note, band.colour)
        name_parts(axes, band.parts, band.top, low, band.colour)
    tidy(axes, y=False)
    axes.set_yticks([])
    return axes


def _cells_kept(recording: Recording, population: Population) -> str:
    """How many cells there are, and how many of them were kept."""
    selected, text = recording.selected.get(population.name), cells_text(population.size)
    return text if selected is None or selected.cells is None else f"{selected.cells.size} of {text}"


def _draw_spikes(axes: Axes, recording: Recording, band: Band, trial: int) -> None:
    """Markers as high as a cell's row, as far as that can be seen; kept as an image in vector files."""
    spikes = recording.spikes[band.population.name]
    part = trial_slice(spikes, trial)
    time = spikes.step[part] * recording.dt * 1e3
    cell = spikes.cell[part]
    height = band.top + (band.rank[cell] + 0.5) / max(band.rows, 1) * band.height
    dense = time.size >= DENSE
    row = band.height * points_high(axes) / max(band.rows, 1)
    strong = np.zeros(band.population.size, dtype=bool)
    for group in band.parts:
        strong[group.cells] = group.strong
    for chosen, colour in ((~strong, tint(band.colour, PALER)), (strong, band.colour)):
        inside = chosen[cell]
        axes.plot(
            time[inside],
            height[inside],
            linestyle="none",
            marker="|",
            markersize=float(np.clip(1.25 * row, 1.2 if dense else 1.8, 7.0)),
            markeredgewidth=0.55 if dense else 0.9,
            color=colour,
            rasterized=True,
            label="_spikes",
        )
