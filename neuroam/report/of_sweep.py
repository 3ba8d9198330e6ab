"""The report of one sweep directory."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from neuroam import shipped, sweeps
from neuroam.errors import FunctionError
from neuroam.markup import Html, flow, tag
from neuroam.report.page import facts, figure, file, page, section, sizes, wide

KINDS: tuple[Literal["curves", "map"], ...] = ("curves", "map")


def of_sweep(folder: Path) -> str:
    """The page of a sweep.

    Raises
    ------
    StoreError
        If the folder is not a whole sweep.
    """
    found = sweeps.read(folder)
    known = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    heads, *rows = sweeps.rows(found)
    axes = {axis.path: flow(axis.values) for axis in found.axes}
    theory = [(name, _listed(array)) for name, array in found.lines.items()]
    texts = known.get("files", {})
    subtitle = f"{known['protocol']} on {known['model']}, {len(rows)} points"
    subtitle += f", written {known['written']}" if "written" in known else ""
    return page(
        found.title,
        subtitle,
        [
            section("Figures", *_figures(found)),
            section("Measures", tag("p", "Means, with 95 % intervals."), wide(heads, rows)),
            section("Theory", wide(("line", "values"), theory)),
            section("Points that failed", wide(("point", "why"), found.failed.items())),
            section("How to get this again", *_again(known)),
            section("Where this comes from", facts({**_origin(known), "axes": axes})),
            section("Files as written", *(file(f"{name}.yaml", text, opened=True) for name, text in texts.items())),
            section("What lies in the sweep directory", sizes(folder)),
        ],
    )


def _figures(found: sweeps.Swept) -> Iterator[Html]:
    for kind in KINDS:
        try:
            drawn = found.figure(kind)
        except FunctionError:
            continue
        yield figure(drawn, "measures along the axes" if kind == "curves" else "a map of two axes")


def _listed(array: Any) -> str:
    return ", ".join(f"{float(value):.4g}" for value in array.to_numpy().ravel())


def _again(known: Mapping[str, Any]) -> Iterator[Html]:
    """The command; with shipped files by their names, with others as they can be saved from this page."""
    texts = known.get("files", {})
    names = {kind: _name(kind, str(known[kind]), texts.get(kind, "")) for kind in ("protocol", "model")}
    words = ["neuroam", "sweep", names["protocol"]]
    words += [] if "model" in known["axes"] else ["--model", names["model"]]
    words += [word for setting in known.get("settings", ()) for word in ("--set", setting)]
    for path, values in known["axes"].items():
        words += ["--over", f"{path}={','.join(map(flow, values))}"]
    if any(name.endswith(".yaml") for name in names.values()):
        yield tag("p", "With the files below saved as they are named (and cells of your own beside them, in cells/):")
    yield tag("pre", shlex.join([*words, "-o", "again"]))


def _name(kind: str, name: str, text: str) -> str:
    """The name of a shipped file, if it is what was run; else that of the file on this page."""
    path = shipped.find("protocols" if kind == "protocol" else "models", name)
    same = path is not None and text in ("", path.read_text(encoding="utf-8"))
    return name if same else f"{kind}.yaml"


def _origin(known: Mapping[str, Any]) -> dict[str, Any]:
    elsewhere = ("title", "files", "axes", "reasons")
    return {name: value for name, value in known.items() if name not in elsewhere}
