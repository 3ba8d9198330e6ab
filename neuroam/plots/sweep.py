"""Measures along the axes of a sweep: curves or bars with their intervals, or a map of two axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import cycle, product
from typing import Any, Literal

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, MaxNLocator

from neuroam import summary
from neuroam.errors import FunctionError
from neuroam.plots.bars import bars, levels, slots
from neuroam.plots.style import INK, QUIET, SMALL, colour_of, heading, style, tidy

MOST = 6  # curves in one panel
DENSE = 60  # points of a curve that still have marks and bars of their own
TICKS = 10  # values of a logarithmic axis that still get their number
WRITTEN = 150  # fields of a map that still get their number
STYLES: tuple[Literal["-", "--", ":", "-."], ...] = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D")
Dash = tuple[int, tuple[float, ...]]
DASHES: tuple[Dash, ...] = ((0, (1, 1.5)), (0, (5, 2)), (0, (5, 2, 1, 2)))  # of theory
ENDS = ("low", "high")  # coordinates of a search: no axes
Kind = Literal["curves", "map"]


def points(array: xr.DataArray, dims: Sequence[str]) -> xr.Dataset:
    """Mean and 95 % interval of every point: everything but ``dims`` is averaged.

    Parameters
    ----------
    array : DataArray
        One measure of a sweep.
    dims : sequence of str
        The axes of the sweep.

    Returns
    -------
    Dataset
        ``mean``, ``low`` and ``high`` along ``dims``; NaN where there is nothing, and no interval for one draw.
    """
    shape = tuple(array.sizes[dim] for dim in dims)
    found = {key: np.full(shape, np.nan) for key in ("mean", "low", "high")}
    for place in np.ndindex(*shape):
        point = array.isel(dict(zip(dims, place, strict=True)))
        mean, interval = summary.mean(point), summary.ci95(point)
        if mean is not None:
            found["mean"][place] = mean
            found["low"][place], found["high"][place] = interval or (np.nan, np.nan)
    coords = {dim: array.coords[dim] for dim in dims}
    return xr.Dataset({key: (tuple(dims), values) for key, values in found.items()}, coords=coords)


def curve(
    data: xr.Dataset, axes: Axes, *, colour: str, linestyle: str = "-", marker: str = "o", band: bool = True
) -> Axes:
    """One measure against one axis, with its interval as bars, and as a band where curves are few or points many.

    Parameters
    ----------
    data : Dataset
        (x): ``mean``, ``low``, ``high``, as `points` gives it.
    axes : Axes
        Filled.
    """
    (dim,) = data["mean"].dims
    x, mean, low, high = _places(data.coords[dim]), *(data[key].to_numpy() for key in ("mean", "low", "high"))
    there = np.isfinite(mean)
    dense = there.sum() > DENSE
    if band or dense:
        axes.fill_between(x, low, high, where=there, color=colour, alpha=0.15, linewidth=0)
    whiskers = np.nan_to_num(np.abs(np.stack([mean - low, high - mean])))
    axes.plot(
        x[~there], np.full((~there).sum(), 0.015), linestyle="none", marker="x", color=colour, markersize=5,
        transform=axes.get_xaxis_transform(), clip_on=False,
    )  # fmt: skip
    if dense:
        axes.plot(x[there], mean[there], color=colour, linestyle=linestyle, linewidth=1.0)
        return axes
    axes.errorbar(
        x[there], mean[there], whiskers[:, there], color=colour, linestyle=linestyle, marker=marker, markersize=4.5,
        linewidth=1.6, elinewidth=1.0, capsize=2.0,
    )  # fmt: skip
    return axes


def surface(data: xr.DataArray, axes: Axes, label: str) -> Axes:
    """The means of one measure over two axes, with the numbers in the fields; the first axis points up.

    Parameters
    ----------
    data : DataArray
        (y, x).
    axes : Axes
        Filled.
    label : str
        Of the colour bar.

    Returns
    -------
    Axes
        The same, with one image in them.
    """
    down, across = data.dims
    values = data.to_numpy()
    image = axes.imshow(values, origin="lower", aspect="auto", cmap="viridis")
    shades = np.asarray(image.norm(values), dtype=float)
    for y, x in np.ndindex(*values.shape):
        if np.isfinite(values[y, x]) and values.size <= WRITTEN:
            dark = shades[y, x] < 0.6
            text = f"{values[y, x]:,.0f}" if abs(values[y, x]) >= 100 else f"{values[y, x]:.2g}"
            axes.text(x, y, text, ha="center", va="center", fontsize=SMALL, color="white" if dark else INK)
    axes.set_xticks(range(values.shape[1]), [_text(value) for value in data.coords[across].to_numpy()])
    axes.set_yticks(range(values.shape[0]), [_text(value) for value in data.coords[down].to_numpy()])
    axes.set_xlabel(_words(across))
    axes.set_ylabel(_words(down))
    axes.set_title(label, loc="left")
    return axes


def draw(
    title: str, dims: Sequence[str], measures: Mapping[str, xr.DataArray], lines: Mapping[str, xr.DataArray],
    figure: Figure, kind: Kind = "curves",
) -> None:  # fmt: skip
    """Measures of a sweep against its axes.

    Parameters
    ----------
    title : str
        What was swept.
    dims : sequence of str
        The axes of the sweep; curves are drawn along the first, unless theory names another.  Along an axis of words,
        which have no order, there are bars.
    measures, lines
        As of `neuroam.sweeps.Swept`.
    figure : Figure
        Filled: a panel for each measure; one that is the ``baseline_of`` another (an attribute) is drawn with that.
    kind : {"curves", "map"}
        What to draw; a map needs two axes.

    Raises
    ------
    FunctionError
        If nothing was measured, there are more curves than can be told apart, or not two axes for a map.
    """
    if not measures:
        raise FunctionError("nothing was measured in this sweep", "add a measure to the protocol")
    if not dims:
        raise FunctionError("a search without axes is one number", "add an axis to the sweep")
    if kind == "map":
        _maps(dims, measures, figure)
    else:
        _curves(dims, measures, lines, figure)
    with style():
        heading(figure, title, "mean and 95 % interval" if kind == "curves" else "means")


def _maps(dims: Sequence[str], measures: Mapping[str, xr.DataArray], figure: Figure) -> None:
    if len(dims) != 2:
        raise FunctionError(f"a map has two axes, and this sweep has {len(dims)}", "draw curves, or sweep over two")
    with style():
        panels = _panels(figure, len(measures))
        for axes, (name, array) in zip(panels, measures.items(), strict=True):
            means = points(array, dims)["mean"]
            surface(means, axes, _label(name, array))
            if means.size > WRITTEN:
                figure.colorbar(axes.images[0], ax=axes, fraction=0.05, pad=0.03)


def _curves(
    dims: Sequence[str], measures: Mapping[str, xr.DataArray], lines: Mapping[str, xr.DataArray], figure: Figure
) -> None:
    along = next((array.attrs["axis"] for array in lines.values() if "axis" in array.attrs), dims[0])
    others = [dim for dim in dims if dim != along]
    some = next(iter(measures.values()))
    cases = list(product(*(range(some.sizes[dim]) for dim in others)))
    if len(cases) > MOST:
        fix = "draw a map, or sweep over fewer values" if len(dims) == 2 else "sweep over fewer values"
        raise FunctionError(f"{len(cases)} curves cannot be told apart", fix)
    panels = [name for name, array in measures.items() if array.attrs.get("baseline_of") not in measures]
    barred = not _in_order(some.coords[along])
    fill = _fill_bars if barred else partial(_fill_lines, grouped=bool(others))
    with style():
        for number, (axes, panel) in enumerate(zip(_panels(figure, len(panels)), panels, strict=True)):
            own = {name: array for name, array in measures.items() if panel in (name, array.attrs.get("baseline_of"))}
            data = {
                name: [points(array, dims).isel(dict(zip(others, place, strict=True))) for place in cases]
                for name, array in own.items()
            }
            theory = {name: array for name, array in lines.items() if array.attrs.get("measure", panel) in own}
            fill(axes, data, [_said_of(array, others, cases) for array in theory.values()])
            _finish(axes, some, along, panel, own)
            bound = any("measure" in array.attrs for array in theory.values())
            if number == 0 or len(own) > 1 or bound:
                _legend(axes, own, others, cases if number == 0 or len(own) > 1 else [], some, theory, barred)


Said = list[tuple[int | None, xr.DataArray]]  # by one prediction, with the case that it is of; None if of all


def _said_of(array: xr.DataArray, others: Sequence[str], cases: Sequence[tuple[int, ...]]) -> Said:
    """What a prediction says in every case; once, if it says the same wherever it says something."""
    each = [array.isel(dict(zip(others, place, strict=True))) for place in cases]
    said = [(case, one) for case, one in enumerate(each) if one.notnull().any()]
    same = len(said) > 1 and all(np.allclose(one, said[0][1], rtol=1e-9, atol=0, equal_nan=True) for _, one in said)
    return [(None, one) for _, one in said[:1]] if same or not others else list(said)


def _fill_lines(axes: Axes, data: Mapping[str, list[xr.Dataset]], theory: Sequence[Said], *, grouped: bool) -> None:
    """A curve for every measure and case, and a line for every prediction."""
    for place, cases in enumerate(data.values()):
        once = len(cases) > 1 and all(np.array_equal(one["mean"], cases[0]["mean"]) for one in cases)  # as of a cue
        for case, one in enumerate(cases[:1] if once else cases):
            colour = QUIET if once else colour_of(case if grouped else place)
            band = len(cases) * len(data) == 1
            curve(one, axes, colour=colour, linestyle=STYLES[place % 4], marker=MARKERS[place % 4], band=band)
    for said, dash in zip(theory, cycle(DASHES), strict=False):
        for of, line in said:
            colour = QUIET if of is None else colour_of(of)
            if "axis" in line.attrs:
                axes.axvline(float(line), color=colour, linestyle=dash, linewidth=1.4)
            else:
                axes.plot(_places(line.coords[line.dims[0]]), line, color=colour, linestyle=dash, linewidth=1.4)


def _fill_bars(axes: Axes, data: Mapping[str, list[xr.Dataset]], theory: Sequence[Said]) -> None:
    """A group of bars for every word, one of every case; baselines and predictions are lines across them."""
    (main, *rest), count = list(data.values()), len(next(iter(data.values())))
    for case, one in enumerate(main):
        places, width = slots(one["mean"].size, case, count)
        bars(one, axes, places, width, colour=colour_of(case))
        for number, baseline in enumerate(rest, start=1):
            levels(baseline[case]["mean"].to_numpy(), axes, places, width, linestyle=STYLES[number % 4])
        for said, dash in zip(theory, cycle(DASHES), strict=False):
            for line in (line for of, line in said if of in (None, case)):
                levels(line.to_numpy(), axes, places, width, linestyle=dash)


def _finish(axes: Axes, some: xr.DataArray, along: str, panel: str, own: Mapping[str, xr.DataArray]) -> None:
    x = some.coords[along]
    tidy(axes)
    axes.set_xlabel(_words(along))
    if not _in_order(x):
        words = [str(value).replace("_", "\n") for value in x.to_numpy()]
        if _is_number(x):
            words = [_value(some, along, number).replace(", ", "\n") for number in range(x.size)]
        axes.set_xticks(range(x.size), words)
        if max(word.count("\n") for word in words) > 1:
            axes.set_xlabel("")  # no room below, and words say what they are
    elif _is_log(x.to_numpy().astype(float)):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(LogFormatter())  # 100 in place of 10^2
        if x.size <= TICKS:
            axes.set_xticks(x.to_numpy(), [_text(value) for value in x.to_numpy()])
            axes.minorticks_off()
    elif x.dtype.kind in "iu" or (x == x.round()).all():
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    axes.set_ylabel(_label(panel, own[panel]))
    means = [array.mean([dim for dim in array.dims if dim in ("trial", "network")]) for array in own.values()]
    low, high = min(float(mean.min()) for mean in means), max(float(mean.max()) for mean in means)
    if _in_order(x) and low > 0 and (high > 30 * low or own[panel].attrs.get("scale") == "log"):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(LogFormatter())
        axes.yaxis.set_minor_formatter(LogFormatter(labelOnlyBase=False, minor_thresholds=(2, 0.5)))
    elif low >= 0:
        axes.set_ylim(bottom=-0.02 * axes.get_ylim()[1])
    if high >= 10_000 and axes.get_yscale() == "linear":
        axes.yaxis.set_major_formatter("{x:,.0f}")


def _legend(
    axes: Axes, own: Mapping[str, Any], others: Sequence[str], cases: Sequence[tuple[int, ...]], some: xr.DataArray,
    lines: Mapping[str, Any], barred: bool,
) -> None:  # fmt: skip
    handles = []
    for case, place in enumerate(cases if others else []):
        text = ", ".join(_value(some, dim, n) for dim, n in zip(others, place, strict=True))
        handles.append(Line2D([], [], color=colour_of(case), label=text, linewidth=6 if barred else 1.5))
    for number, name in enumerate(own if len(own) > 1 else []):
        if barred and number == 0:
            continue
        colour = INK if barred else QUIET if others else colour_of(number)
        line, marker = STYLES[number % 4], "" if barred else MARKERS[number % 4]
        handles.append(Line2D([], [], color=colour, label=_words(name), linestyle=line, marker=marker, markersize=4.5))
    for number, name in enumerate(lines):
        dash = DASHES[number % len(DASHES)]
        handles.append(Line2D([], [], color=QUIET, linestyle=dash, linewidth=1.4, label=f"theory: {_words(name)}"))
    if handles:
        columns = 2 if len(handles) > 3 else 1
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, handlelength=2.6)


def _panels(figure: Figure, count: int) -> list[Axes]:
    columns = count if count < 4 else -(-count // 2)
    rows = -(-count // columns)
    grid = figure.add_gridspec(rows, columns, left=0.085, right=0.965, top=0.83, bottom=0.1, wspace=0.32, hspace=0.45)
    return [figure.add_subplot(grid[number // columns, number % columns]) for number in range(count)]


def _places(coordinate: xr.DataArray) -> np.ndarray:
    values = coordinate.to_numpy()
    return values.astype(float) if _in_order(coordinate) else np.arange(values.size, dtype=float)


def _in_order(coordinate: xr.DataArray) -> bool:
    """Numbers have an order, unless one stands there twice; words have none."""
    return _is_number(coordinate) and len(np.unique(coordinate)) == coordinate.size


def _is_number(coordinate: xr.DataArray) -> bool:
    return coordinate.dtype.kind in "fiu"


def _is_log(x: np.ndarray) -> bool:
    """Whether values are evenly spread on a logarithmic axis and not on a linear one."""
    if x.size < 3 or (x <= 0).any() or x.max() < 8 * x.min():
        return False
    uneven = [np.std(np.diff(values)) / abs(np.mean(np.diff(values))) for values in (x, np.log(x))]
    return bool(uneven[1] < uneven[0])


def _label(name: str, array: xr.DataArray) -> str:
    unit = str(array.attrs.get("units", "1"))
    return _words(name) if unit == "1" else f"{_words(name)} ({unit})"


def _words(name: object) -> str:
    return str(name).rpartition(".")[2].replace("_", " ")


def _value(array: xr.DataArray, dim: str, number: int) -> str:
    """One value of an axis, and of those that go together with it; words need no name."""
    beside = [part for name, part in array.coords.items() if part.dims == (dim,) and name not in (dim, *ENDS)]
    named = [(part, part.to_numpy()[number]) for part in (array.coords[dim], *beside)]
    return ", ".join(
        f"{_words(part.name)} {_text(value)}" if _is_number(part) else _words(value) for part, value in named
    )


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | int | np.number) else str(value)
