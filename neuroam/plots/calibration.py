"""Are bits wrong as often as the network says?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from scipy.special import stdtrit

from neuroam.circuit import Array
from neuroam.plots.run import RunData, chosen, lacking, of_all
from neuroam.plots.style import BLUE, INK, QUIET, SMALL, heading, style, tidy

NAME = "calibration"
FEW = 10  # bits, of which a share says little


class Pooled(NamedTuple):
    """Of every bin: its middle, expected and actual share of wrong bits, half of its 95 % interval, number of bits."""

    middle: Array
    expected: Array
    actual: Array
    half: Array
    bits: Array


def pooled(measure: xr.DataArray) -> Pooled:
    """All networks together; the interval from leaving out one network at a time.

    Parameters
    ----------
    measure : DataArray
        (network, bin), from the readout of the same name.

    Returns
    -------
    Pooled
        Each (bin,); NaN where there are no bits, and no interval of fewer than two networks with bits.
    """
    count, expected = (
        np.nan_to_num(np.broadcast_to(measure.coords[key].to_numpy(), measure.shape)) for key in ("count", "expected")
    )
    wrong, says = count * np.nan_to_num(measure.to_numpy()), count * expected
    total = count.sum(axis=0)
    some = np.where(total > 0, total, np.nan)
    networks = (count > 0).sum(axis=0)
    rest = total - count
    without = (wrong.sum(axis=0) - wrong) / np.where(rest > 0, rest, np.nan)
    there = np.isfinite(without) & (count > 0)
    centre = np.where(there, without, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    squares = np.where(there, (without - centre) ** 2, 0.0).sum(axis=0)
    n = np.maximum(networks, 2)
    half = stdtrit(n - 1, 0.975) * np.sqrt(squares * (n - 1) / n)
    half = np.where(networks > 1, half, np.nan)
    return Pooled(measure.coords["bin"].to_numpy(), says.sum(axis=0) / some, wrong.sum(axis=0) / some, half, total)


def reliability(bins: Pooled, axes: Axes) -> Axes:
    """Actual against expected share of wrong bits, with the line on which they are equal.

    Parameters
    ----------
    bins : Pooled
        From `pooled`.
    axes : Axes
        Filled with a point per bin.
    """
    axes.plot((0, 0.5), (0, 0.5), color=QUIET, linewidth=1.0, zorder=1, label="as often as expected")
    there = np.isfinite(bins.actual)
    low = np.minimum(bins.half, bins.actual)  # a share stays between 0 and 1
    whiskers = np.nan_to_num(np.stack([low, np.minimum(bins.half, 1.0 - bins.actual)]))
    for few, face in ((False, BLUE), (True, "white")):
        those = there & ((bins.bits < FEW) == few)
        if not those.any():
            continue
        axes.errorbar(
            bins.expected[those], bins.actual[those], whiskers[:, those], color=BLUE, marker="o", markersize=7,
            markerfacecolor=face, linestyle="none", elinewidth=1.0, capsize=2.0,
            label=f"fewer than {FEW} bits" if few else "measured",
        )  # fmt: skip
    top = max(0.52, 1.06 * float(np.nanmax(bins.actual + whiskers[1], initial=0.5)))
    axes.set(xlim=(-0.01, 0.51), ylim=(-0.02 * top, top), ylabel="share of wrong bits")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    return tidy(axes)


def numbers(bins: Pooled, axes: Axes) -> Axes:
    """How many bits are in every bin, on a logarithmic axis, with the numbers.

    Parameters
    ----------
    bins : Pooled
        From `pooled`.
    axes : Axes
        Filled with bars.
    """
    width = 0.5 / max(bins.bits.size, 1)
    some = bins.bits > 0
    axes.bar(bins.middle[some], bins.bits[some], 0.92 * width, color=QUIET, alpha=0.6, linewidth=0)
    axes.set_yscale("log")
    axes.set_ylim(0.7, 8.0 * max(float(bins.bits.max(initial=1.0)), 1.0))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.minorticks_off()
    for place, count in zip(bins.middle, bins.bits, strict=True) if bins.bits.size <= 20 else ():
        axes.annotate(f"{count:,.0f}", (place, max(count, 0.7)), (0, 2), textcoords="offset points", ha="center",
                      fontsize=SMALL, color=INK)  # fmt: skip
    axes.set(xlabel="expected share of wrong bits", ylabel="bits")
    return tidy(axes)


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Actual against expected share of wrong bits, over all networks, and how many bits expect so."""
    if trial is not None:
        chosen(run.trials, trial)  # a figure of all trials, but not of those that are not there
    found = of_all(run, NAME, ("bin",))
    if not found:
        raise lacking(NAME, NAME, "{port: memory}")
    measure = next(iter(found.values()))
    bins = pooled(measure)
    with style():
        upper = figure.add_axes((0.08, 0.36, 0.89, 0.5))
        reliability(bins, upper)
        upper.tick_params(labelbottom=False)
        numbers(bins, figure.add_axes((0.08, 0.09, 0.89, 0.2), sharex=upper))
        networks = measure.sizes["network"]
        off = np.nansum(bins.bits * np.abs(bins.expected - bins.actual)) / max(bins.bits.sum(), 1)
        note = (
            f"{run.circuit.name}, {networks} network{'s' if networks > 1 else ''}; {100 * off:.1f} % apart on average"
        )
        heading(figure, "Does the network know when it is wrong?", note)
