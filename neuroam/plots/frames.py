"""A sequence of images: those that are due above those that were recalled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuroam.circuit import PatternSet
from neuroam.codes import decode
from neuroam.errors import FunctionError
from neuroam.plots.cells import in_sequence, signal_of, stored
from neuroam.plots.images import Picture, agreement, colours, draw_key
from neuroam.plots.run import RunData, chosen, measured
from neuroam.plots.style import INK, QUIET, SMALL, heading, shorten, style
from neuroam.readouts.activity import output_of
from neuroam.recording import Trace

COLUMNS, STRIPS = 12, 2  # frames in all, and the strips that they are drawn in
SPACE = 0.1  # between images, in shares of one


@dataclass(frozen=True)
class Frame:
    """What is due and what was recalled at one moment, ``name`` says when."""

    name: str
    due: Picture
    recalled: Picture


def strip(frames: Sequence[Frame], axes: Axes, *, columns: int = COLUMNS // STRIPS) -> Axes:
    """Two rows of images, due and recalled; wrong pixels of the recalled ones stand out.

    Parameters
    ----------
    frames : sequence of Frame
        From the left.
    axes : Axes
        Is filled with the images.
    columns : int
        For how many there is room.
    """
    rows, wide = (frames[0].due if frames else _nothing()).shape
    step, down = wide * (1 + SPACE), rows * (1 + SPACE)
    for number, frame in enumerate(frames):
        for line, picture in enumerate((frame.due, frame.recalled)):
            left, top = number * step, line * down
            axes.imshow(colours(picture), interpolation="nearest", extent=(left, left + wide, top + rows, top))
        middle = number * step + wide / 2
        axes.text(middle, -0.05 * rows, frame.name, ha="center", va="bottom", fontsize=SMALL, color=INK)
        axes.text(
            middle, down + 1.05 * rows, said(frame.recalled), ha="center", va="top", fontsize=SMALL, color=QUIET
        )  # fmt: skip
    for line, name in enumerate(("due", "recalled")):
        axes.text(-0.08 * wide, line * down + rows / 2, name, ha="right", va="center", fontsize=SMALL, color=INK)
    axes.set(xlim=(0, columns * step - SPACE * wide), ylim=(down + rows, 0), aspect="equal")
    axes.set_axis_off()
    return axes


def _nothing() -> Picture:
    return Picture("", np.zeros(1), np.zeros(1), "", True, (1, 1))


def said(picture: Picture) -> str:
    """How close a recalled image is to the one that was due."""
    if not picture.binary:
        return agreement(picture.units, picture.target, binary=False)
    wrong = int((picture.units * picture.target <= 0).sum())
    return f"{wrong} wrong" if wrong else "exact"


def moments(n_trials: int, n_steps: int, trial: int | None) -> list[tuple[int, int]]:
    """A dozen (trial, step), evenly spaced: after steps of one trial if it is named or there is only one.

    Of several trials, the last step of each.
    """
    if trial is None and n_trials > 1:
        return [(int(k), n_steps) for k in np.unique(np.linspace(0, n_trials - 1, COLUMNS).round().astype(int))]
    return [(trial or 0, int(k)) for k in np.unique(np.linspace(1, n_steps, COLUMNS).round().astype(int))]


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """A dozen frames of a sequence of images, those that are due above those that were recalled."""
    if trial is not None:
        chosen(run.trials, trial)
    patterns, trace = _needed(run)
    shown = [_frame(run, patterns, trace, *moment) for moment in moments(run.trials.count, run.trials.n_steps, trial)]
    if trial is not None or run.trials.count == 1:
        what = f"trial {trial or 0}, from memory {run.trials.cued[trial or 0]}"
    else:
        shown = [replace(frame, name=frame.name.split(",")[0]) for frame in shown]
        what = f"{run.trials.count} trials, each after {run.trials.n_steps} step" + "s" * (run.trials.n_steps > 1)
    with style():
        size = -(-len(shown) // STRIPS) if len(shown) == COLUMNS else COLUMNS // STRIPS
        for number in range(-(-len(shown) // size)):
            axes = figure.add_axes((0.085, 0.52 - 0.475 * number, 0.74, 0.375))
            axes.set_anchor("W")
            strip(shown[number * size : (number + 1) * size], axes, columns=size)
        draw_key(figure.add_axes((0.825, 0.035, 0.17, 0.06)), [frame.recalled for frame in shown])
        heading(figure, "Frames of a sequence", f"{shorten(run.circuit.name, 32)}, {what}", left=0.012)


def _needed(run: RunData) -> tuple[PatternSet, Trace]:
    """The patterns and the recorded states.

    Raises
    ------
    FunctionError
        If the patterns are no images in a sequence, or time is continuous, or not every step was recorded.
    """
    patterns = stored(run.circuit, run.trials)
    if patterns is None or patterns.shape is None or len(patterns.shape) != 2:
        raise FunctionError(
            "the figure 'frames' is of images that are cued", "use patterns with two dimensions, as moving_digits"
        )
    name = run.circuit.ports[run.trials.cue_port].population
    if not in_sequence(run.circuit, run.trials.cue_port) or run.circuit.update == "continuous":
        raise FunctionError(
            f"'{run.circuit.name}' does not step from one pattern to the next", "use the model sequence_dense"
        )
    variable = signal_of(run.recording, run.circuit, name)
    trace = None if variable is None else run.recording.traces[name, variable]
    if trace is None or not np.array_equal(trace.step, np.arange(run.trials.n_steps + 1)):
        what = f"{{{run.trials.cue_port}: {{variables: [{output_of(run.circuit, name)}], every: 1 steps}}}}"
        raise FunctionError(
            f"'{name}' was not recorded in every step", f"add it to the protocol and run again: record: {what}"
        )
    if trace.values.shape[-1] != patterns.size:
        raise FunctionError(f"'{name}' has {trace.values.shape[-1]} cells for {patterns.size} pixels")
    return patterns, trace


def _frame(run: RunData, patterns: PatternSet, trace: Trace, trial: int, step: int) -> Frame:
    exact = measured(run, "frames_exact", ("trial",))
    every = 1 if exact is None else int(exact.attrs.get("every", 1))
    row = (int(run.trials.cued[trial]) + step // every) % patterns.count
    due = patterns.bipolar[row]
    state = trace.values[trial, step]
    units = np.asarray(decode(state, run.circuit.ports[run.trials.cue_port].code)) if patterns.binary else state
    assert patterns.shape is not None
    shape = (patterns.shape[0], patterns.shape[1])
    one, other = (Picture("", each, due, "", patterns.binary, shape) for each in (due, units))
    return Frame(f"trial {trial}, step {step}" if run.trials.count > 1 else f"step {step}", one, other)
