"""Epochs on a time axis: the cue shaded, limits as thin lines, names on top."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neuroam.circuit import Circuit, Epoch, Trials
from neuroam.plots.style import CUE, CUE_BAR, INK, PALE, QUIET, SMALL, figure_of


def cue_epochs(circuit: Circuit, trials: Trials) -> list[Epoch]:
    """Epochs in which a cue enters the population of the cued port; the first one if it is only a starting state."""
    if trials.cue_port not in trials.cues or not trials.epochs:
        return []
    inside = _enters(circuit, trials, None)
    found = [epoch for epoch in trials.epochs if inside[epoch.start : epoch.stop].any()]
    return found or [trials.epochs[0]]


def cue_spans(circuit: Circuit, trials: Trials, trial: int | None = None) -> list[tuple[int, int]]:
    """First and last step of the cue in each of its epochs, the last one excluded.

    Parameters
    ----------
    circuit, trials
        Of a run.
    trial : int, optional
        By its place: cues may begin later in one trial than in another.  Unless given, what holds for any of them.
    """
    epochs = cue_epochs(circuit, trials)
    inside = _enters(circuit, trials, trial) if epochs else np.zeros(trials.n_steps, dtype=bool)
    # a cue of which nothing is left has its time, too
    later = round(float(trials.onset[trial]) / circuit.dt) if trial is not None and trials.onset.size else 0
    found = []
    for epoch in epochs:
        steps = epoch.start + np.flatnonzero(inside[epoch.start : epoch.stop])
        found.append((int(steps[0]), int(steps[-1]) + 1) if steps.size else (epoch.start + later, epoch.stop))
    return found


def _enters(circuit: Circuit, trials: Trials, trial: int | None) -> NDArray[np.bool_]:
    """Steps in which a cue enters, in one trial or in any."""
    population = circuit.ports[trials.cue_port].population
    chosen = slice(None) if trial is None else slice(trial, trial + 1)
    inside = np.zeros(trials.n_steps, dtype=bool)
    for (name, _), signal in [*trials.drives.items(), *trials.holds.items()]:
        if name == population:
            # a constant drive is the same for every cell: no cue
            varied = np.array([(np.ptp(np.nan_to_num(row[chosen]), axis=-1) > 0).any() for row in signal.table])
            inside |= (signal.row >= 0) & varied[signal.row]
    return inside


def draw_epochs(axes: Axes, circuit: Circuit, trials: Trials, *, trial: int | None = None, over: bool = False) -> Axes:
    """Shade the cue, draw the limits between epochs, and set the time axis to the run, in ms.

    Parameters
    ----------
    axes : Axes
        With time on x.
    circuit, trials
        Of the run.
    trial : int, optional
        Whose cue it is, by its place; unless given, that of any.
    over : bool
        The axes are filled with an image: the cue is a bar on top, and limits can be seen on it.
    """
    scale = circuit.dt * 1e3
    for start, stop in cue_spans(circuit, trials, trial):
        if not over:
            axes.axvspan(start * scale, stop * scale, facecolor=CUE, edgecolor="none", zorder=0)
        elif _enters(circuit, trials, None).any():  # a starting state is over when the image begins
            axes.plot(
                [start * scale, stop * scale], [1.0, 1.0], color=CUE_BAR, linewidth=7.0, zorder=2, label="_cue",
                transform=axes.get_xaxis_transform(),
            )  # fmt: skip
    for epoch in trials.epochs[1:]:
        if over:  # dark on light and light on dark
            axes.axvline(epoch.start * scale, color="white", linewidth=1.8, zorder=3)
            axes.axvline(epoch.start * scale, color=INK, linestyle=(0, (4, 3)), linewidth=0.8, zorder=3)
        else:
            axes.axvline(epoch.start * scale, color=PALE, linewidth=0.8, zorder=0.5)
    axes.set_xlim(0.0, max(trials.n_steps, 1) * scale)
    return axes


def name_time(axes: Axes, circuit: Circuit) -> Axes:
    """Label a time axis that is in ms: in discrete time it counts steps."""
    if circuit.update == "continuous":
        axes.set_xlabel("time (ms)")
        return axes
    scale = 1e3 * circuit.dt
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(lambda x, _: f"{x / scale:g}")
    axes.set_xlabel("step")
    return axes


def name_epochs(axes: Axes, circuit: Circuit, trials: Trials) -> Axes:
    """Write the names of the epochs above axes that show the whole run, where they fit."""
    scale = circuit.dt * 1e3
    per_step = axes.get_window_extent().width / figure_of(axes).dpi * 72 / max(trials.n_steps, 1)
    for epoch in trials.epochs:
        name = epoch.name if epoch.pattern is None else f"{epoch.name} {epoch.pattern}"
        if (epoch.stop - epoch.start) * per_step < 0.6 * SMALL * len(name):
            continue
        axes.annotate(
            name,
            (0.5 * (epoch.start + epoch.stop) * scale, 1.0),
            xycoords=axes.get_xaxis_transform(),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=QUIET,
            annotation_clip=False,
        )
    return axes
