"""What every figure shares: colours, type sizes, the clean axes.  Nothing here changes matplotlib's global settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.figure import Figure

from neuroam.circuit import Array
from neuroam.units import AMPERE, ONE, SECOND, SIEMENS, VOLT, Dimension

SIZE = (11.0, 7.0)
DPI = 150

# Okabe & Ito (2008) Color Universal Design: told apart with every kind of colour vision
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
INK, QUIET, PALE = "#1F1F1F", "#666666", "#D4D4D4"
CUE, CUE_BAR = "#FBF1DA", "#E3C57A"  # behind lines, and on top of images
# values with a sign: shades of the palette's blue and vermillion
SIGNED = LinearSegmentedColormap.from_list("signed", ["#00507D", "#5AA3CC", "white", "#EE9D68", "#B84A00"])
# numbers in order, without the end of the map that is too pale for white paper; of even steps with every colour vision
ORDERED = LinearSegmentedColormap.from_list("ordered", mpl.colormaps["viridis"](np.linspace(0.0, 0.9, 256)))
TITLE, TEXT, SMALL = 12.0, 9.0, 8.0

_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": TEXT,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.labelsize": TEXT,
    "axes.linewidth": 0.8,
    "axes.titlesize": TEXT,
    "axes.facecolor": "white",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "lines.solid_capstyle": "butt",
}


@contextmanager
def style() -> Iterator[None]:
    """The settings of this room while the block runs."""
    with mpl.rc_context(_STYLE):
        yield


class Page(Figure):
    """A figure that a notebook shows as a picture, whatever it does with those of pyplot."""

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png", dpi=DPI * 2 / 3)
        return picture.getvalue()


def new_figure(size: tuple[float, float] = SIZE) -> Page:
    """An empty figure that belongs to no window and no list of open figures."""
    return Page(figsize=size, dpi=DPI, facecolor="white")


def figure_of(axes: Axes) -> Figure:
    """The whole figure that axes lie in."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def tidy(axes: Axes, *, x: bool = True, y: bool = True) -> Axes:
    """Leave only the spines that carry a scale; ``x`` and ``y`` say whether their ticks are shown."""
    axes.spines[["top", "right"]].set_visible(False)
    # ticks are made when they are first drawn, outside of `style`: say everything here
    axes.tick_params(labelsize=SMALL, labelcolor=INK, color=QUIET, length=3, width=0.8)
    if not x:
        axes.tick_params(axis="x", bottom=False, labelbottom=False)
        axes.spines["bottom"].set_visible(False)
    if not y:
        axes.tick_params(axis="y", left=False, labelleft=False)
        axes.spines["left"].set_visible(False)
    return axes


def heading(figure: Figure, title: str, note: str = "", *, left: float = 0.08, top: float = 0.975) -> None:
    """A title at the upper left, and a quieter note after it; smaller where they would not fit."""
    text = figure.text(left, top, title, fontsize=TITLE, fontweight="bold", va="top", color=INK)
    quiet = figure.text(left, top - 0.003, note, fontsize=TEXT, va="top", color=QUIET)
    for share in (1.0, 0.9, 0.8, 0.7):
        text.set_fontsize(TITLE * share)
        quiet.set_fontsize(TEXT * share)
        # letters are a little wider or narrower with another number of dots per inch
        quiet.set_x(left + text.get_window_extent().width / figure.bbox.width + 0.021)
        if max(words.get_window_extent().x1 for words in (text, quiet)) < 0.99 * figure.bbox.width:
            break


def tint(colour: str, amount: float) -> str:
    """A colour mixed with white: 0 leaves it, 1 is white."""
    red, green, blue = (part * (1.0 - amount) + amount for part in to_rgb(colour))
    return to_hex((red, green, blue))


def colour_of(number: int) -> str:
    """The colour of the n-th thing; they repeat after `COLOURS`."""
    return COLOURS[number % len(COLOURS)]


def spread(places: Sequence[float], gap: float, low: float, high: float) -> Array:
    """Places of labels, each as close to where it belongs as ``gap`` allows, inside ``low`` to ``high``."""
    order = np.argsort(np.asarray(places, dtype=float), kind="stable")
    wanted = np.asarray(places, dtype=float)[order]
    count = len(wanted)
    gap = min(gap, (high - low) / max(count - 1, 1))
    offsets = gap * np.arange(count)
    # with the gaps taken out, keeping labels apart is the nearest non-decreasing sequence
    level = _isotonic(wanted - offsets) if count else wanted
    placed = np.clip(level, low, high - gap * max(count - 1, 0)) + offsets
    result = np.empty(count)
    result[order] = placed
    return result


def _isotonic(values: Array) -> Array:
    """The non-decreasing sequence nearest to ``values``: pool adjacent violators."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, n = blocks.pop()
            mean, count = (before * n + mean * count) / (n + count), n + count
        blocks.append((mean, count))
    return np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])


def scaled(dimension: Dimension) -> tuple[float, str]:
    """Factor and name of the unit in which a quantity is drawn; no name for plain numbers."""
    usual = {ONE: (1.0, ""), VOLT: (1e3, "mV"), SECOND: (1e3, "ms"), AMPERE: (1e12, "pA"), SIEMENS: (1e9, "nS")}
    return usual.get(dimension, (1.0, str(dimension)))


def shorten(text: str, length: int) -> str:
    """A name that has to fit."""
    return text if len(text) <= length else text[: length - 1] + "…"
