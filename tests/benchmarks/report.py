"""Numbers -> tables for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.compare import OURS, Measured

CLASS = ("cpu", "cores", "memory", "system", "compiler")  # numbers of another class are not kept beside new ones


@dataclass(frozen=True)
class Effort:
    """How much work a question may be."""

    rounds: int
    quick: bool


@dataclass(frozen=True)
class Section:
    """The answer to one question."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    skipped: Sequence[str] = ()
    samples: Sequence[dict[str, Any]] = field(default=(), repr=False)


def comparison(title: str, measured: Sequence[Measured], notes: Sequence[str], skipped: Sequence[str]) -> Section:
    """The table of a question in which competitors did the same work."""
    columns = ("case", "who", "median", "from – to", f"{OURS} ÷ it", "from – to", "wanted", "", "remark")
    rows, last = [], ""
    for one in measured:
        case = "" if one.case == last else f"{one.case} ({one.unit})"
        last = one.case
        verdict = {None: "", True: "met", False: "MISSED"}[one.met]
        rows.append(
            (case, one.who, number(one.median), spread(one.samples), *_ratio(one.ratio), one.bound, verdict, one.remark)
        )
    return Section(title, columns, rows, notes, skipped, [asdict(one) for one in measured])


def _ratio(ratio: Sequence[float]) -> tuple[str, str]:
    return (number(float(np.median(ratio))), spread(ratio)) if ratio else ("", "")


def number(value: float) -> str:
    """Three digits."""
    return np.format_float_positional(value, precision=3, unique=False, fractional=False, trim="-")


def spread(values: Sequence[float]) -> str:
    """The smallest and the largest."""
    return f"{number(min(values))} – {number(max(values))}"


def table(section: Section) -> str:
    """A table that reads well in a terminal and in Markdown."""
    lines = [tuple(section.columns), *map(tuple, section.rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(section.columns))]

    def row(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

    body = [row(lines[0]), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(row, lines[1:])]
    notes = [f"* {note}" for note in section.notes] + [f"* left out: {reason}" for reason in section.skipped]
    return "\n".join([f"## {section.title}", "", *body, "", *notes])


def write(folder: Path, machine: dict[str, str], effort: Effort, sections: dict[str, Section]) -> None:
    """Replace the answers to these questions in ``results.json``, and write ``table.md`` from all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    kept = _earlier(path, machine)
    facts = {"date": datetime.now(UTC).isoformat(timespec="minutes"), "rounds": effort.rounds, "quick": effort.quick,
             "machine": machine}  # fmt: skip
    kept |= {name: {**facts, **asdict(section)} for name, section in sections.items()}
    path.write_text(json.dumps(kept, indent=1) + "\n")
    parts = [_markdown(name, kept[name]) for name in kept]
    machine_class = "\n".join(f"* {key}: {machine[key]}" for key in machine)
    (folder / "table.md").write_text(f"# Benchmarks\n\n{machine_class}\n\n" + "\n".join(parts))


def _earlier(path: Path, machine: dict[str, str]) -> dict[str, Any]:
    """Answers of earlier runs on the same class of machine."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text())
    return {name: old for name, old in found.items() if all(old["machine"][key] == machine[key] for key in CLASS)}


def _markdown(name: str, entry: dict[str, Any]) -> str:
    section = Section(**{key: entry[key] for key in ("title", "columns", "rows", "notes", "skipped")})
    how = f"{entry['rounds']} rounds{', quick' if entry['quick'] else ''}, commit {entry['machine']['commit']}"
    return f"{table(section)}\n\n`{name}`, {entry['date']}, {how}\n"
