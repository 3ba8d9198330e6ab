"""The first steps of trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from neuroam.circuit import Signal, Trials


def shortened(trials: Trials, n_steps: int) -> Trials:
    """The same trials, ended after so many steps; what they are shown until then stays as it was."""

    def part(signals: Mapping[Any, Signal]) -> dict[Any, Signal]:
        return {name: replace(signal, row=signal.row[:n_steps]) for name, signal in signals.items()}

    return replace(
        trials,
        n_steps=n_steps,
        epochs=tuple(replace(e, stop=min(e.stop, n_steps)) for e in trials.epochs if e.start < n_steps),
        drives=part(trials.drives),
        holds=part(trials.holds),
        controls=part(trials.controls),
        lists={name: replace(drive, row=drive.row[:n_steps]) for name, drive in trials.lists.items()},
        silenced={name: on[:n_steps] for name, on in trials.silenced.items()},
        learning={name: on[:n_steps] for name, on in trials.learning.items()},
        learned={name: on[:n_steps] for name, on in trials.learned.items()},
        until=tuple(replace(until, stop=min(until.stop, n_steps)) for until in trials.until if until.start < n_steps),
    )
