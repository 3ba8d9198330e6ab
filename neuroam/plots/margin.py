"""Names to the left of the axes: populations, and the parts that their cells are sorted into."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from neuroam.plots.cells import Group
from neuroam.plots.style import INK, QUIET, SMALL, TEXT, figure_of, shorten, spread, tint

NAME_AT, LABEL_AT = -0.155, -0.014  # in widths of the axes
PALER = 0.5  # how much lighter cells outside of the cued memory are


def points_high(axes: Axes) -> float:
    """Height of axes in points."""
    return float(axes.get_window_extent().height / figure_of(axes).dpi * 72)


def name_population(axes: Axes, middle: float, name: str, note: str, colour: str) -> None:
    """A name in its colour and a quiet line under it, at height ``middle`` in data."""
    for text, offset, va, size, weight, ink in (
        (shorten(name, 14), 1, "bottom", TEXT + 0.5, "bold", colour),
        (note, -1, "top", SMALL, "normal", QUIET),
    ):
        axes.annotate(
            text,
            (NAME_AT, middle),
            (0, offset),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            annotation_clip=False,
            ha="right",
            va=va,
            color=ink,
            fontsize=size,
            fontweight=weight,
        )


def name_parts(axes: Axes, parts: Sequence[Group], top: float, bottom: float, colour: str) -> None:
    """A bar beside every named part and its name; names that would touch are moved apart."""
    total = sum(part.cells.size for part in parts)
    edges = top + (bottom - top) * np.cumsum([0, *(part.cells.size for part in parts)]) / max(total, 1)
    named = [(a, b, part) for a, b, part in zip(edges[:-1], edges[1:], parts, strict=True) if part.label]
    low, high = sorted(axes.get_ylim())
    line = 1.2 * SMALL / points_high(axes) * (high - low)
    places = spread([0.5 * (a + b) for a, b, _ in named], line, top + line / 3, bottom - line / 3)
    for at, (a, b, part) in zip(places, named, strict=True):
        gap = min(line / 10, (b - a) / 4)
        axes.plot(
            [LABEL_AT / 2] * 2,
            [a + gap, b - gap],
            transform=axes.get_yaxis_transform(),
            color=colour if part.strong else tint(colour, PALER),
            linewidth=2.0,
            clip_on=False,
            label="_part",
        )
        axes.text(
            LABEL_AT,
            float(at),
            part.label,
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=SMALL,
            color=INK if part.strong else QUIET,
        )
