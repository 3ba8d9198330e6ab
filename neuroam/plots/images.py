"""Patterns as small images: what was shown, what came back, what is stored, what an ideal decoder says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, PatternSet, Trials
from neuroam.codes import decode
from neuroam.plots.cells import END, end_activity, end_steps, in_sequence, stored
from neuroam.plots.style import BLUE, INK, QUIET, SKY, SMALL, VERMILLION, tint
from neuroam.recording import Recording

RIGHT_ON, RIGHT_OFF = "#2E2E2E", "#E9E9E9"
WRONG_ON, WRONG_OFF = VERMILLION, tint(VERMILLION, 0.62)
UNKNOWN = tint(SKY, 0.5)
HIGH, LOW = VERMILLION, BLUE
COLOUR_NAMES = ((RIGHT_ON, "active"), (RIGHT_OFF, "inactive"), (WRONG_ON, "extra"), (WRONG_OFF, "missing"),
                (UNKNOWN, "unknown"))  # fmt: skip
LEVEL_NAMES = ((HIGH, "too high"), (LOW, "too low"))

LETTERS = 27  # of a line under an image that fit in full size


@dataclass(frozen=True)
class Picture:
    """One image.  ``units`` is bipolar, with 0 where nothing is known, for binary patterns; else the values.

    Where those that were wanted are whole numbers, they are levels, and others are wrong.
    """

    title: str
    units: Array
    target: Array
    caption: str
    binary: bool
    shape: tuple[int, int]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which units are not what was wanted."""
        if self.binary:
            return np.asarray(self.units * self.target < 0)
        return np.rint(self.units) != self.target if are_levels(self.target) else np.zeros(self.units.size, dtype=bool)


def are_levels(values: Array) -> bool:
    """Are these whole numbers?"""
    return bool(values.size) and bool((values == np.rint(values)).all())


def grid_of(patterns: PatternSet) -> tuple[int, int]:
    """Rows and columns of an image: the pattern's own shape, or nearly square."""
    shape = patterns.shape
    if shape is not None and len(shape) == 2 and shape[0] * shape[1] == patterns.size:
        return shape[0], shape[1]
    columns = max(1, int(np.ceil(np.sqrt(patterns.size))))
    return max(1, -(-patterns.size // columns)), columns


def nearest(cue: Array, patterns: PatternSet) -> NDArray[np.int64]:
    """The stored pattern that differs from the shown units of a cue in the fewest; several, in order, if they tie."""
    shown = ~np.isnan(cue)
    if patterns.binary:
        distance = (patterns.values[:, shown] != cue[shown]).sum(axis=1).astype(float)
    else:
        distance = np.square(patterns.values[:, shown] - cue[shown]).sum(axis=1)
    return np.flatnonzero(distance <= distance.min() + 1e-9)


def agreement(units: Array, target: Array, binary: bool) -> str:
    """How close an image comes to the cued memory, in words."""
    if not binary:
        length = float(np.linalg.norm(units) * np.linalg.norm(target))
        return f"cosine {float(units @ target) / length:.2f}" if length else "cosine 0.00"
    return f"overlap {float((units * target).mean()) if target.size else 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def pictures(recording: Recording, circuit: Circuit, trials: Trials, trial: int) -> list[Picture]:
    """The images of one trial: cue, decoded end, stored pattern, ideal decoder; none if nothing was cued."""
    patterns = stored(circuit, trials)
    if patterns is None or trials.cue_port not in trials.cues or not patterns.size:
        return []
    if circuit.ports[trials.cue_port].code == "rates" and patterns.shape is None:  # channels are no pixels
        return []
    cued = int(trials.cued[trial])
    target, binary = patterns.bipolar[cued], patterns.binary
    cue = trials.cues[trials.cue_port][trial]
    shown = np.nan_to_num(2.0 * cue - 1.0 if binary else cue)
    ties = nearest(cue, patterns)
    best = int(ties[0])
    answer = patterns.bipolar[best]
    title = "nearest to the cue" + (f", tie of {ties.size}" if ties.size > 1 else "")
    found = [
        ("cue as shown", shown, target, ""),
        *_ends(recording, circuit, trials, trial),
        ("stored, cued", target, target, f"memory {cued}{_label(patterns, cued)}"),
        (title, answer, target, f"memory {best}, {agreement(answer, target, binary)}"),
    ]
    shape = grid_of(patterns)
    return [
        Picture(title, units, wanted, caption or agreement(units, wanted, binary), binary, shape)
        for title, units, wanted, caption in found
    ]


def _ends(recording: Recording, circuit: Circuit, trials: Trials, trial: int) -> list[tuple[str, Array, Array, str]]:
    """The decoded end and what it is compared with: the cued pattern, or where a circuit moves on the nearest one."""
    patterns = circuit.patterns[trials.cue_port]
    if circuit.ports[trials.cue_port].population in recording.selected:  # units whose cells were not kept look silent
        return []
    end = decoded(recording, circuit, trials, trial)
    if end is None or end.size != patterns.size:
        return []
    title, target = f"decoded, {end_text(circuit, trials)}", patterns.bipolar[trials.cued[trial]]
    if not in_sequence(circuit, trials.cue_port):
        return [(title, end, target, "")]
    best = closest(end, patterns)
    target = patterns.bipolar[best]
    return [(title, end, target, f"memory {best}, {agreement(end, target, patterns.binary)}")]


def closest(units: Array, patterns: PatternSet) -> int:
    """The stored pattern that agrees best with an image, by the cosine."""
    lengths = np.linalg.norm(patterns.bipolar, axis=1)
    return int((patterns.bipolar @ units / np.where(lengths > 0, lengths, 1.0)).argmax())


def _label(patterns: PatternSet, row: int) -> str:
    if "label" not in patterns.attributes:
        return ""
    return f", label {patterns.attributes['label'][row]:g}"


def decoded(recording: Recording, circuit: Circuit, trials: Trials, trial: int) -> Array | None:
    """The state of the cued port at the end of one trial, as units of its patterns; None if it was not recorded."""
    port = circuit.ports[trials.cue_port]
    activity = end_activity(recording, circuit, trials, port.population, trial)
    if activity is None or activity.size == 0:
        return None
    return np.asarray(decode(activity, port.code)) if circuit.patterns[port.name].binary else activity


def end_text(circuit: Circuit, trials: Trials) -> str:
    """The span from which the end is decoded, in words."""
    steps = end_steps(circuit, trials)
    if circuit.update != "continuous":
        return "last step"
    return f"last {min(steps * circuit.dt, END) * 1e3:.4g} ms"


def draw_picture(axes: Axes, picture: Picture) -> Axes:
    """One image with its title and what it agrees with; wrong units stand out."""
    axes.imshow(colours(picture), interpolation="nearest")
    rows, columns = picture.shape
    axes.set_axis_off()
    if max(rows, columns) <= 32:
        axes.hlines(np.arange(1, rows) - 0.5, -0.5, columns - 0.5, color="white", linewidth=0.4)
        axes.vlines(np.arange(1, columns) - 0.5, -0.5, rows - 0.5, color="white", linewidth=0.4)
    axes.set_title(picture.title, fontsize=SMALL, color=INK, pad=4)
    words = caption(picture)
    size = SMALL * min(1.0, LETTERS / max(len(words), 1))
    axes.text(0.5, -0.04, words, transform=axes.transAxes, ha="center", va="top", fontsize=size, color=QUIET)
    return axes


def caption(picture: Picture) -> str:
    """The line under an image."""
    wrong = int(picture.wrong.sum())
    return f"{picture.caption}, {wrong} wrong" if wrong else picture.caption


def colours(picture: Picture) -> NDArray[np.float64]:
    """Red, green and blue of every pixel; a unit is right, wrong or undecided, or a shade of grey with its level."""
    rows, columns = picture.shape
    result = np.ones((rows * columns, 3))
    wrong = picture.wrong
    if picture.binary:
        for where, colour in (
            ((picture.units > 0) & ~wrong, RIGHT_ON),
            ((picture.units < 0) & ~wrong, RIGHT_OFF),
            ((picture.units > 0) & wrong, WRONG_ON),
            ((picture.units < 0) & wrong, WRONG_OFF),
            (picture.units == 0, UNKNOWN),
        ):
            result[: len(where)][where] = to_rgb(colour)
    else:
        low, high = float(picture.units.min()), float(picture.units.max())
        grey = (picture.units - low) / ((high - low) or 1.0)
        result[: len(grey)] = 0.92 - 0.74 * grey[:, None]
        higher = picture.units > picture.target
        result[: len(grey)][wrong & higher], result[: len(grey)][wrong & ~higher] = to_rgb(HIGH), to_rgb(LOW)
    return result.reshape(rows, columns, 3)


def draw_key(axes: Axes, shown: Sequence[Picture]) -> Axes:
    """What the colours of the images mean, as far as they occur."""
    axes.set_axis_off()
    used = {tuple(np.round(row, 6)) for picture in shown for row in colours(picture).reshape(-1, 3)}
    known = COLOUR_NAMES if any(picture.binary for picture in shown) else LEVEL_NAMES
    names = [(colour, name) for colour, name in known if tuple(np.round(to_rgb(colour), 6)) in used]
    for number, (colour, name) in enumerate(names):
        x, y = (0.0, 0.32, 0.69)[number % 3], -(number // 3)
        axes.plot([x + 0.03], [y], marker="s", markersize=6, color=colour, linestyle="none", label="_key")
        axes.text(x + 0.09, y, name, fontsize=SMALL - 0.5, color=QUIET, va="center")
    axes.set_xlim(0, 1)
    axes.set_ylim(-1.6, 0.6)
    return axes
