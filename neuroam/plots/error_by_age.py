"""How well are memories recalled that were stored long ago?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from neuroam.circuit import Array
from neuroam.errors import FunctionError
from neuroam.plots.run import RunData, chosen, lacking, of_all
from neuroam.plots.style import BLUE, QUIET, VERMILLION, heading, style, tidy
from neuroam.plots.sweep import curve, points

NAME = "error_by_age"
FAR = 40  # times the youngest age above 0: from there on, ages are spread by their logarithm


def by_age(measure: xr.DataArray, ages: Array) -> xr.Dataset:
    """Mean and 95 % interval of every age.

    Parameters
    ----------
    measure : DataArray
        (network, trial).
    ages : ndarray
        (trial,).

    Returns
    -------
    Dataset
        ``mean``, ``low``, ``high`` along ``age``, in order.
    """
    different = np.unique(ages)
    parts = [points(measure.isel(trial=np.flatnonzero(ages == age)), []) for age in different]
    return xr.concat(parts, xr.DataArray(different, dims="age", name="age"))


def errors(error: xr.Dataset, cue: xr.Dataset | None, axes: Axes) -> Axes:
    """Share of wrong bits against age, beside what was wrong in the cue.

    Parameters
    ----------
    error, cue : Dataset
        From `by_age`.
    axes : Axes
        Filled.
    """
    if cue is not None:
        axes.plot(cue.coords["age"], cue["mean"], color=QUIET, linestyle="--", linewidth=1.4)
    curve(error, axes, colour=BLUE)
    handles = [Line2D([], [], color=BLUE, marker="o", markersize=4.5, label="recalled")]
    handles += [Line2D([], [], color=QUIET, linestyle="--", label="in the cue")] if cue is not None else []
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    axes.set_ylim(bottom=-0.02 * axes.get_ylim()[1])
    axes.set_ylabel("share of wrong bits")
    return tidy(axes)


def captures(shares: Mapping[str, xr.Dataset], axes: Axes) -> Axes:
    """Share of the trials that ended nearer to another pattern, against age; a curve per name.

    Parameters
    ----------
    shares : mapping
        From `by_age`, by name of the measure.
    axes : Axes
        Filled.
    """
    handles = []
    for (name, share), colour, marker in zip(shares.items(), (VERMILLION, QUIET, BLUE), "s^D", strict=False):
        curve(share, axes, colour=colour, marker=marker, band=False)
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=4.5, label=name.replace("_", " ")))
    if len(handles) > 1:
        axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    axes.set_ylim(-0.05, 1.05)
    axes.set_ylabel("share of trials captured")
    return tidy(axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Errors of recall against the age of the memory, over all networks; below, how often another memory won."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    found = of_all(run, "bit_error", ("trial",))
    if not found:
        raise lacking(NAME, "bit_error", "{port: memory}")
    ages = _ages(run)
    error = next(iter(found.values()))
    cue, captured = of_all(run, "cue_error", ("trial",)), of_all(run, "capture", ("trial",))
    with style():
        upper = figure.add_axes((0.08, 0.4 if captured else 0.1, 0.89, 0.44 if captured else 0.74))
        errors(by_age(error, ages), by_age(next(iter(cue.values())), ages) if cue else None, upper)
        _age_axis(upper, ages, named=not captured)
        if captured:
            lower = figure.add_axes((0.08, 0.09, 0.89, 0.22), sharex=upper)
            captures({name: by_age(one, ages) for name, one in captured.items()}, lower)
            _age_axis(lower, ages)
        networks = error.sizes["network"]
        note = f"{run.circuit.name}, {networks} network{'s' if networks > 1 else ''}; mean and 95 % interval"
        heading(figure, "Recall of old memories", note)


def _ages(run: RunData) -> Array:
    """Of the cued pattern of every trial."""
    port = run.trials.cue_port
    attributes = run.circuit.patterns[port].attributes if port in run.circuit.patterns else {}
    if "age" not in attributes:
        what = "the figure 'error_by_age' needs the age of every cued pattern, which this run does not have"
        raise FunctionError(
            what, f"add it to the protocol and run again: patterns.{port or 'memory'}.age: {{age: {{}}}}"
        )
    return np.asarray(attributes["age"], dtype=float)[run.trials.cued]


def _age_axis(axes: Axes, ages: Array, *, named: bool = True) -> None:
    different = np.unique(ages)
    positive = different[different > 0]
    if positive.size and positive.max() > FAR * positive.min():
        axes.set_xscale("symlog", linthresh=positive.min(), linscale=0.4)
        axes.minorticks_off()
    if different.size <= 12:
        axes.set_xticks(different, [f"{age:g}" for age in different])
    if named:
        axes.set_xlabel("age: patterns stored since")
    else:
        axes.tick_params(labelbottom=False)
