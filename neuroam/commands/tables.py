"""The table that ``neuroam run`` prints."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuroam import summary
from neuroam.api import Result

MAX_ROWS = 40


def run_table(result: Result) -> str:
    """One row per trial for measures of one number per trial, then the means of all measures."""
    lines = []
    run = result.run
    if len(run.networks) == 1:
        lines += _trials(result)
    lines += ["", *_means(result)]
    return "\n".join(lines).strip("\n")


def _trials(result: Result) -> list[str]:
    trials = result.run.networks[0].trials
    columns: dict[str, list[str]] = {"trial": [str(i) for i in trials.index]}
    if trials.cue_port:
        columns["cued"] = [_pattern(result, int(p)) for p in trials.cued]
    for name, array in result.measures.items():
        if array.dims == ("trial",):
            values = array.to_numpy()
            columns[name] = [
                _pattern(result, int(v)) if "holds" in array.attrs and np.isfinite(v) else _number(v) for v in values
            ]
        elif array.dims in (("trial", "population"), ("trial", "cells")):
            for label in array.coords[array.dims[1]].to_numpy():
                column = array.sel({array.dims[1]: label}).to_numpy()
                hidden = label == "others" and "runner_up" in array.coords["cells"] and _finite(array, "runner_up")
                if np.isfinite(column).any() and not hidden:
                    columns[f"{label}" if name == label else f"{name} {label}"] = [_number(v) for v in column]
    return _layout(columns, trials.count)


def _finite(array: Any, label: str) -> bool:
    return bool(np.isfinite(array.sel(cells=label).to_numpy()).any())


def _pattern(result: Result, number: int) -> str:
    """A pattern by its number, with its label where it has one (the digit)."""
    network = result.run.networks[0]
    patterns = network.circuit.patterns[network.trials.cue_port]
    label = patterns.attributes.get("label")
    return f"{number} ('{label[number]:.0f}')" if label is not None else str(number)


def _number(value: Any) -> str:
    number = float(value)
    return "-" if not np.isfinite(number) else f"{number:.3g}" if abs(number) < 1e-3 and number else f"{number:.3f}"


def _layout(columns: dict[str, list[str]], count: int) -> list[str]:
    widths = {name: max(len(name), *(len(cell) for cell in cells)) for name, cells in columns.items()}
    lines = ["  ".join(name.rjust(widths[name]) for name in columns)]
    shown = range(min(count, MAX_ROWS))
    lines += ["  ".join(cells[i].rjust(widths[name]) for name, cells in columns.items()) for i in shown]
    if count > MAX_ROWS:
        lines.append(f"... and {count - MAX_ROWS} more trials")
    return lines


def _means(result: Result) -> list[str]:
    rows = list(summary.lines(result.measures))
    width = max((len(row.name) for row in rows), default=0)
    return [f"{row.name:{width}}  {_words(row)}" for row in rows]


def _words(row: summary.Line) -> str:
    if not row.mean:
        return row.note
    known = row.mean if row.mean == summary.UNDEFINED else f"mean {row.mean}"
    return known + f"   (95 %: {row.interval})" * bool(row.interval) + f", {row.note}" * bool(row.note)
