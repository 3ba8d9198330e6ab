"""Energy over time, and the brackets that it is the sum of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.errors import FunctionError
from neuroam.plots.epochs import draw_epochs, name_epochs, name_time
from neuroam.plots.run import RunData, chosen, needed
from neuroam.plots.style import INK, PALE, SMALL, colour_of, heading, spread, style, tidy

DIMS = ("trial", "time", "part")
BAND = (5.0, 95.0)  # percentiles over trials


def energy(energies: xr.DataArray, axes: Axes, *, parts: Sequence[str] = ("total",), trial: int | None = None) -> Axes:
    """Parts of the energy over time, named at their right ends.

    Parameters
    ----------
    energies : DataArray
        (trial, time, part), ``time`` in seconds.
    axes : Axes
        Time in ms.
    parts : sequence of str
        Which of the parts.
    trial : int, optional
        By its place; unless given, the mean over trials with a band from the 5th to the 95th percentile.
    """
    time = energies.coords["time"].to_numpy() * 1e3
    names = [str(part) for part in energies.coords["part"].to_numpy()]
    values = energies.transpose(*DIMS).to_numpy()
    with style():
        ends = []
        for number, part in enumerate(parts):
            every = values[:, :, names.index(part)]
            colour, width = (INK, 2.2) if part == "total" else (colour_of(number), 1.5)
            line = every[trial] if trial is not None else every.mean(axis=0)
            if trial is None and len(every) > 1:
                low, high = np.percentile(every, BAND, axis=0)
                axes.fill_between(time, low, high, color=colour, alpha=0.16, linewidth=0)
            axes.plot(time, line, color=colour, linewidth=width)
            ends.append((float(line[-1]), part, colour))
        tidy(axes)
        axes.margins(x=0)
        axes.set_ylabel("energy (no unit)")
        low, high = axes.get_ylim()
        for at, (_, part, colour) in zip(
            spread([e[0] for e in ends], 0.09 * (high - low), low, high), ends, strict=True
        ):
            axes.text(
                1.01, float(at), part, transform=axes.get_yaxis_transform(), color=colour, fontsize=SMALL, va="center"
            )
    return axes


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The total energy in given axes."""
    energies, number = _shown(run, trial)
    with style():
        _draw(run, energies, axes, ["total"], number)
        return name_time(axes, run.circuit)


def _shown(run: RunData, trial: int | None) -> tuple[xr.DataArray, int | None]:
    """The energies, and which trial."""
    energies = needed(run, "energy", "energy", DIMS, "{}")
    if not np.isfinite(energies.to_numpy()).any():
        raise FunctionError(
            f"the cells of '{run.circuit.name}' declare no Lagrangian, so there is no energy to draw",
            "draw the energy of a model of rate cells, such as two_body_softmax",
        )
    return energies, None if trial is None else chosen(run.trials, trial)


def _draw(run: RunData, energies: xr.DataArray, axes: Axes, parts: Sequence[str], trial: int | None) -> None:
    draw_epochs(axes, run.circuit, run.trials, trial=trial)
    energy(energies, axes, parts=parts, trial=trial)
    axes.set_xlim(0.0, run.trials.n_steps * run.circuit.dt * 1e3)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Total energy over time, and its brackets: one per population, and the coupling."""
    energies, number = _shown(run, trial)
    parts = [str(part) for part in energies.coords["part"].to_numpy() if part != "total"]
    with style():
        upper, lower = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"left": 0.085, "right": 0.9, "top": 0.88, "bottom": 0.08, "hspace": 0.12}
        )
        for axes, shown in ((upper, ["total"]), (lower, parts)):
            _draw(run, energies, axes, shown, number)
        name_epochs(upper, run.circuit, run.trials)
        lower.axhline(0.0, color=PALE, linewidth=0.8, zorder=0.4)
        upper.set_ylabel("total energy (no unit)")
        upper.tick_params(labelbottom=False)
        lower.set_ylabel("brackets (no unit)")
        name_time(lower, run.circuit)
        many = f"mean of {run.trials.count} trials, band: 5th to 95th percentile"
        which = f"trial {number}" if number is not None else many if run.trials.count > 1 else "1 trial"
        heading(figure, "Energy and its brackets", f"{run.circuit.name}, {which}", left=0.085)
