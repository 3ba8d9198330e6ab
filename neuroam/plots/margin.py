"""Names to the left of the axes: populations, and the parts that their cells are sorted into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from neuroam.plots.cells import Group
from neuroam.plots.style import INK, QUIET, SMALL, TEXT, figure_of, shorten, spread, tint

NAME_AT, LABEL_AT, BAR_AT = -86.0, -8.0, -3.5  # points from the left end of the axes
PALER = 0.5  # how much lighter cells outside of the cued memory are
SHORT, LONG = 9, 13  # letters of a name in full size, and at most
WIDE, SMALLEST = 0.6, 5.0  # of a letter, in sizes of its font; the smallest font


def points_high(axes: Axes) -> float:
    """Height of axes in points."""
    return float(axes.get_window_extent().height / figure_of(axes).dpi * 72)


def beside(axes: Axes, x: float, y: float, text: str, *, up: float = 0.0, va: str = "center", **look: Any) -> None:
    """Text that ends ``x`` points from the axes, at height ``y`` in data and ``up`` points above it."""
    axes.annotate(
        text,
        (0.0, y),
        (x, up),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        annotation_clip=False,
        ha="right",
        va=va,
        **look,
    )


def name_population(axes: Axes, middle: float, name: str, note: str, colour: str, *, at: float = NAME_AT) -> None:
    """A name in its colour and a quiet line under it, at height ``middle`` in data, ``at`` points from the axes."""
    size = TEXT + 0.5 if len(name) <= SHORT else SMALL - 0.5
    beside(axes, at, middle, shorten(name, LONG), up=1, va="bottom", color=colour, fontsize=size, fontweight="bold")
    if note:
        # as far as there is room at the left edge of the figure
        room = axes.get_window_extent().x0 / figure_of(axes).dpi * 72 + at
        size = min(SMALL, max(room / (WIDE * len(note)), SMALLEST))
        beside(axes, at, middle, note, up=-1, va="top", color=QUIET, fontsize=size)


def name_parts(axes: Axes, parts: Sequence[Group], top: float, bottom: float, colour: str) -> None:
    """A bar beside every named part and its name; names that would touch are moved apart."""
    total = sum(part.cells.size for part in parts)
    edges = top + (bottom - top) * np.cumsum([0, *(part.cells.size for part in parts)]) / max(total, 1)
    named = [(a, b, part) for a, b, part in zip(edges[:-1], edges[1:], parts, strict=True) if part.label]
    low, high = sorted(axes.get_ylim())
    line = 1.2 * SMALL / points_high(axes) * (high - low)
    places = spread([0.5 * (a + b) for a, b, _ in named], line, top + line / 3, bottom - line / 3)
    left = axes.get_yaxis_transform() + ScaledTranslation(BAR_AT / 72, 0, figure_of(axes).dpi_scale_trans)
    for at, (a, b, part) in zip(places, named, strict=True):
        gap = min(line / 10, (b - a) / 4)
        bar = colour if part.strong else tint(colour, PALER)
        axes.plot(
            [0.0, 0.0], [a + gap, b - gap], transform=left, color=bar, linewidth=2.0, clip_on=False, label="_part"
        )
        beside(axes, LABEL_AT, float(at), part.label, fontsize=SMALL, color=INK if part.strong else QUIET)
