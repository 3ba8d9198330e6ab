"""Did the trials end in the cued memory, and could they have?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuroam.circuit import Array, Circuit, Trials
from neuroam.plots.cells import stored
from neuroam.plots.images import nearest
from neuroam.plots.run import RunData, chosen, measured, needed
from neuroam.plots.style import BLUE, INK, ORANGE, PALE, QUIET, SMALL, heading, style, tidy, tint

ABOVE = 0.9
FEW = 6  # trials that fill the axes; the bars of fewer would be doors
BARS = 120  # trials that still get a bar each


def ideal(circuit: Circuit, trials: Trials) -> Array:
    """Overlap with the cued memory of the stored pattern that is nearest to the cue, (trials).

    Of several that are equally near, the mean: a guess among them.  NaN where nothing was cued.
    """
    patterns = stored(circuit, trials)
    found = np.full(trials.count, np.nan)
    if patterns is None or trials.cue_port not in trials.cues or not patterns.size:
        return found
    for trial, cue in enumerate(trials.cues[trials.cue_port]):
        best = patterns.bipolar[nearest(cue, patterns)]
        target = patterns.bipolar[trials.cued[trial]]
        lengths = np.linalg.norm(best, axis=1) * np.linalg.norm(target)
        found[trial] = float((best @ target / lengths).mean()) if lengths.all() else np.nan
    return found


@dataclass(frozen=True)
class Conditions:
    """Names of the conditions of trials, and the number of its one for every trial."""

    names: tuple[str, ...] = ()
    number: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def order(self, count: int) -> NDArray[np.int64]:
        """In which order trials are drawn: those of a condition side by side."""
        return np.argsort(self.number, kind="stable") if self.number.size == count else np.arange(count)


def success(
    overlaps: xr.DataArray,
    axes: Axes,
    *,
    nearest_stored: Array | None = None,
    reached: NDArray[np.bool_] | None = None,
    conditions: Conditions = Conditions(),
) -> Axes:
    """Final overlap of every trial, with what an ideal decoder of the same cue would have reached.

    Parameters
    ----------
    overlaps : DataArray
        (trial): final overlap with the cued memory.
    axes : Axes
        One bar per trial; dots if there are many.
    nearest_stored : ndarray, optional
        (trial): overlap of the ideal decoder's answer with the cued memory, 1 where it is right.
    reached : ndarray, optional
        (trial): whether the trial counts as a success; an overlap above 0.9 unless given.
    conditions : Conditions
        Trials of one condition stand side by side, under its name.
    """
    values = overlaps.to_numpy()
    good = values > ABOVE if reached is None else reached
    order, number = conditions.order(len(values)), np.arange(len(values))
    colours = np.where(good, BLUE, ORANGE)[order]
    with style():
        axes.axhline(0.0, color=QUIET, linewidth=0.8, zorder=0.4)
        if len(values) <= BARS:
            axes.bar(number, values[order], width=0.72, color=colours)
        else:
            axes.scatter(number, values[order], s=8, c=colours, linewidths=0, rasterized=True)
        if nearest_stored is not None:
            axes.plot(
                number, nearest_stored[order], linestyle="none", marker="D", markersize=5 if len(values) <= BARS else 3,
                markerfacecolor="white", markeredgecolor=INK, markeredgewidth=1.0, clip_on=False, zorder=3,
            )  # fmt: skip
        every = values if nearest_stored is None else np.append(values, nearest_stored)
        axes.set_ylim(max(-1.05, 1.1 * float(np.nanmin([0.0, *every]))), 1.2 if conditions.number.size else 1.06)
        axes.set_xlim(-0.7, max(len(values), FEW) - 0.3)
        axes.set_yticks([tick for tick in axes.get_yticks() if axes.get_ylim()[0] <= tick < 1.01])
        ticks = np.arange(0, len(values), _step(len(values)))
        axes.set_xticks(ticks, [str(order[at]) for at in ticks])
        axes.spines["bottom"].set_visible(False)
        tidy(axes)
        axes.set_xlabel("trial")
        axes.set_ylabel("final overlap with the cued memory")
        axes.set_title(title(values, good, nearest_stored), loc="left", pad=12)
        _name_conditions(axes, conditions, good)
    return axes


def _name_conditions(axes: Axes, conditions: Conditions, good: NDArray[np.bool_]) -> None:
    """The name of every condition above its trials, with how many succeed, and limits between them."""
    start = 0
    for place, name in enumerate(conditions.names if conditions.number.size else ()):
        inside = good[conditions.number == place]
        if start and inside.size:
            axes.axvline(start - 0.5, color=PALE, linewidth=0.8, zorder=0.4)
        words = f"{name}\n{inside.sum()} of {inside.size}"
        if inside.size:
            axes.text(start + 0.5 * (inside.size - 1), 1.18, words, ha="center", va="top", fontsize=SMALL, color=INK)
        start += inside.size


def _step(count: int) -> int:
    """Trials from one tick to the next: all as long as they fit, else a round number."""
    step = 1
    while count > 25 * step:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2  # 1, 2, 5, 10, 20 ...
    return step


def title(values: Array, good: NDArray[np.bool_], nearest_stored: Array | None) -> str:
    """The numbers of the figure in words."""
    count = len(values)
    text = f"mean overlap {np.nanmean(values) if count else np.nan:.2f}, "
    text += f"success {good.sum()} of {count} ({100 * good.mean() if count else 0:.0f} %)"
    if nearest_stored is not None and np.isfinite(nearest_stored).any():
        right = int((nearest_stored > 1 - 1e-9).sum())
        text += f", the ideal decoder is right in {right} of {count}"
    return text.replace("-", "\N{MINUS SIGN}")


def into(run: RunData, axes: Axes, *, trial: int | None = None) -> Axes:
    """The figure in given axes."""
    port = run.trials.cue_port or "memory"
    overlaps = needed(run, "success", "overlap", ("trial",), f"{{port: {port}, window: {{last: 200 ms}}}}")
    reached = measured(run, "success", ("trial",))
    good = None if reached is None else reached.to_numpy() > 0.5
    best = measured(run, "nearest_stored", ("trial",))
    answers = ideal(run.circuit, run.trials) if best is None else best.to_numpy()
    with style():
        conditions = Conditions(run.trials.conditions, run.trials.condition)
        success(overlaps, axes, nearest_stored=answers, reached=good, conditions=conditions)
        if trial is not None:
            at = int(np.flatnonzero(conditions.order(run.trials.count) == chosen(run.trials, trial))[0])
            axes.axvspan(at - 0.5, at + 0.5, facecolor=tint(PALE, 0.4), zorder=0)
        _key(axes)
    return axes


def draw(run: RunData, figure: Figure, *, trial: int | None = None) -> None:
    """Final overlap of every trial, beside what an ideal nearest-neighbour decoder makes of the same cues."""
    with style():
        into(run, figure.add_axes((0.075, 0.09, 0.9, 0.77)), trial=trial)
        heading(figure, "Recall in every trial", run.circuit.name, left=0.075)


def _key(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(color=BLUE, label="recalled"),
        Patch(color=ORANGE, label="not recalled"),
        Line2D(
            [], [], linestyle="none", marker="D", markerfacecolor="white", markeredgecolor=INK, label="ideal decoder"
        ),
    ]
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.005), ncols=3, handlelength=1.2)
