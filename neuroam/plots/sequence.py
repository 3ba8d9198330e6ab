"""A sequence that is replayed: cells sorted by pattern, overlaps with all patterns, and the staircase of onsets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Population
from neuroam.codes import coded_patterns
from neuroam.plots.cells import DWELL, active, n_places
from neuroam.plots.epochs import draw_epochs, name_epochs, name_time
from neuroam.plots.heat import heat_map
from neuroam.plots.margin import name_population, points_high
from neuroam.plots.overlap import DIMS, limits
from neuroam.plots.run import RunData, chosen
from neuroam.plots.staircase import alone, motif_port, need_recorded, staircase, stays_of, steps_in_order
from neuroam.plots.style import INK, ORDERED, PALE, QUIET, SMALL, figure_of, heading, shorten, style, tidy
from neuroam.plots.wiring import cells_text
from neuroam.readouts.overlap_course import overlap_course
from neuroam.readouts.states import Visit, bin_width
from neuroam.recording import Recording
from neuroam.units import SECOND, Quantity

LEFT, WIDTH, TOP, BOTTOM, GAP = 0.165, 0.755, 0.89, 0.08, 0.038
SHARES = (3.0, 1.7, 1.4, 2.0)  # heights: cells, cells that stand for patterns, overlaps, staircase
SHADES = 32  # colours of cells and lines, so that a million spikes are drawn in few calls
LINES = 300  # overlaps that can be told apart
WINDOW = Quantity(0.05, SECOND, "50 ms")  # from which the state of spiking cells is read
DENSE = 10_000  # spikes from which marks are thinner


def first_patterns(circuit: Circuit, population: Population, port: str) -> NDArray[np.int64]:
    """The first pattern in which every cell of a port with patterns is active, (cells,); -1 for none."""
    patterns = circuit.patterns[port]
    code = circuit.ports[port].code
    first = np.full(n_places(population), -1)
    for row, values in reversed(list(enumerate(coded_patterns(patterns, code)))):
        first[active(values, code, patterns.binary)] = row
    return np.asarray(first[population.labels["place"]])


def shades(numbers: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], list[str]]:
    """Which of a few colours every number from 0 to ``count`` has, and these; -1 stays -1, which is grey."""
    from matplotlib.colors import to_hex

    share = numbers / max(count - 1, 1)
    shade = np.where(numbers < 0, -1, np.minimum(share * SHADES, SHADES - 1)).astype(int)
    return shade, [to_hex(ORDERED(k / (SHADES - 1))) for k in range(SHADES)]


def spikes_in_order(
    recording: Recording, name: str, axes: Axes, *, numbers: NDArray[np.int64], count: int, trial: int = 0
) -> Axes:
    """Spikes of one population, its cells sorted and coloured by a number.

    Parameters
    ----------
    recording : Recording
        With the spikes.
    name : str
        Of the population.
    axes : Axes
        Time in ms; number 0 is on top, -1 at the bottom and grey.
    numbers : ndarray
        (cells,), from -1 to ``count - 1``.
    count : int
        Number of patterns.
    trial : int
        By its place.
    """
    spikes = recording.spikes[name]
    own = spikes.trial == trial
    time, cell = spikes.step[own] * recording.dt * 1e3, spikes.cell[own]
    rank = np.empty(numbers.size, dtype=np.int64)
    rank[_order(numbers)] = np.arange(numbers.size)
    shade, colours = shades(numbers, count)
    row = points_high(axes) / max(numbers.size, 1)
    dense = time.size >= DENSE
    for which in np.unique(shade[cell]):
        inside = shade[cell] == which
        axes.plot(
            time[inside], rank[cell[inside]] + 0.5, linestyle="none", marker="|",
            markersize=float(np.clip(1.25 * row, 1.2 if dense else 1.8, 7.0)), markeredgewidth=0.55 if dense else 0.9,
            color=QUIET if which < 0 else colours[which], rasterized=True, label="_spikes",
        )  # fmt: skip
    axes.set_ylim(numbers.size, 0)
    axes.set_yticks([])
    return tidy(axes, y=False)


def _order(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cells by their number, those with none last."""
    return np.argsort(np.where(numbers < 0, numbers.max(initial=0) + 1, numbers), kind="stable")


def overlap_curves(course: xr.DataArray, axes: Axes, *, trial: int = 0) -> Axes:
    """The overlap with every pattern over time, coloured by its number, the largest one strong; `LINES` at most.

    Parameters
    ----------
    course : DataArray
        (trial, time, pattern), ``time`` in seconds: the ends of the bins.
    axes : Axes
        Time in ms.
    trial : int
        By its place.
    """
    values = course.transpose(*DIMS).to_numpy()[trial]
    edges = np.append(0.0, 1e3 * course.coords["time"].to_numpy())
    shown = np.sort(np.argsort(-values.max(axis=0, initial=-np.inf), kind="stable")[:LINES])
    leads = np.arange(values.shape[1]) == values.argmax(axis=1)[:, None]  # of equal patterns the first, as in the cells
    axes.axhline(0.0, color=PALE, linewidth=0.8, zorder=0.4)
    for drawn, wide, alpha in ((values, 0.6, 0.4), (np.where(leads, values, np.nan), 1.8, 1.0)):
        # a value holds for its bin
        lines = [np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(drawn[:, k], 2)]) for k in shown]
        axes.add_collection(
            LineCollection(
                lines, array=shown.astype(float), cmap=ORDERED, clim=(0, max(values.shape[1] - 1, 1)), linewidths=wide,
                alpha=alpha, rasterized=True,
            )
        )  # fmt: skip
    limits(axes, values[:, shown])
    tidy(axes)
    return axes


def cells_in_order(
    recording: Recording, circuit: Circuit, name: str, axes: Axes, *, numbers: NDArray[np.int64], count: int
) -> Axes:
    """Spikes or activity of a population in the first trial, sorted by a number, with its colours at the left.

    Parameters
    ----------
    recording, circuit
        A run.
    name, axes, numbers, count
        As of `spikes_in_order`.
    """
    if name in recording.spikes:
        spikes_in_order(recording, name, axes, numbers=numbers, count=count)
    else:
        heat_map(axes, recording, circuit, 0, name, _order(numbers))
    shade, colours = shades(np.sort(numbers[numbers >= 0]), count)
    strip = axes.inset_axes((-0.012, 1.0 - shade.size / max(numbers.size, 1), 0.007, shade.size / max(numbers.size, 1)))
    strip.set_axis_off()
    for k in np.unique(shade):
        where = np.flatnonzero(shade == k)
        strip.axhspan(where[0], where[-1] + 1, color=colours[k], linewidth=0)
    strip.set_ylim(shade.size, 0)
    name_population(axes, numbers.size / 2, name, cells_text(numbers.size), INK, at=-22.0)
    return axes


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """A sequence in one trial: cells sorted by pattern, overlaps, and when each pattern began and should have."""
    number = chosen(run.trials, trial or 0)
    port, features = motif_port(run, "sequence"), run.circuit.ports[run.trials.cue_port]
    name = features.population
    need_recorded(run, features)
    recording, trials = alone(run, number)
    patterns = run.circuit.patterns[features.name]
    stays = stays_of(recording, run.circuit, trials, port)
    bins = Quantity(bin_width(run.circuit, None), SECOND)
    course = overlap_course(recording, run.circuit, trials, port=features.name, width=bins, window=_window(run, name))
    motifs = run.circuit.populations[run.circuit.ports[port].population]
    with style():
        rows = _rows(figure)
        first = first_patterns(run.circuit, run.circuit.populations[name], features.name)
        cells_in_order(recording, run.circuit, name, rows[0], numbers=first, count=patterns.count)
        place = motifs.labels["place"]
        cells_in_order(recording, run.circuit, motifs.name, rows[1], numbers=place, count=patterns.count)
        overlap_curves(course, rows[2])
        name_population(rows[2], sum(rows[2].get_ylim()) / 2, "overlap", "", INK, at=-40.0)
        stop = trials.n_steps * run.circuit.dt
        staircase(stays, rows[3], count=patterns.count, stop=stop, wanted=patterns.attributes.get(DWELL))
        _frame(run, number, rows, [name in recording.spikes, motifs.name in recording.spikes, True, True])
        note = f"{shorten(run.circuit.name, 32)}, trial {number}: {_said(stays, patterns.count)}"
        heading(figure, "Replay of a sequence", note, left=0.012)


def _said(stays: Sequence[Visit], count: int) -> str:
    """What a staircase shows, in words."""
    right, steps = steps_in_order(stays, count)
    if steps:
        return f"{right} of {steps} steps lead to the next pattern"
    return f"it stays in pattern {stays[0].row}" if stays else "no pattern leads at any time"


def _window(run: RunData, name: str) -> Quantity | None:
    return WINDOW if name in run.recording.spikes else None


def _rows(figure: Figure) -> list[Axes]:
    unit = (TOP - BOTTOM - GAP * (len(SHARES) - 1)) / sum(SHARES)
    top, rows = TOP, []
    for share in SHARES:
        rows.append(figure.add_axes((LEFT, top - share * unit, WIDTH, share * unit)))
        top -= share * unit + GAP
    return rows


def _frame(run: RunData, trial: int, rows: Sequence[Axes], plain: Sequence[bool]) -> None:
    """Epochs, the shared axis of time, and what the marks mean."""
    for axes, empty in zip(rows, plain, strict=True):
        draw_epochs(axes, run.circuit, run.trials, trial=trial, over=not empty)
    name_epochs(rows[0], run.circuit, run.trials)
    for axes in rows:
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.tick_params(labelbottom=axes is rows[-1])
    last = rows[-1]
    name_time(last, run.circuit)
    handles = [Line2D([], [], color=ORDERED(0.4), linewidth=3.0, label="visited")]
    handles += [line for line in last.lines if not str(line.get_label()).startswith("_")]
    last.legend(
        handles=handles, loc="upper right", bbox_to_anchor=(LEFT + WIDTH, 0.985),
        bbox_transform=figure_of(last).transFigure, ncols=2, fontsize=SMALL, handlelength=1.6, borderpad=0.3,
    )  # fmt: skip
