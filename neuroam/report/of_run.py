"""The report of one run directory."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from neuroam import store, summary
from neuroam.api import Result, reopen
from neuroam.errors import FunctionError
from neuroam.markup import Html, joined, tag
from neuroam.plots import KINDS, graph
from neuroam.plots import summary as about
from neuroam.plots.wiring import wiring
from neuroam.report.page import facts, figure, file, page, section, sizes, wide

FILES = ("protocol.yaml", "model.yaml", "cells/*.yaml", "synapses/*.yaml", "stages/**/*.yaml")
OPEN = ("protocol.yaml", "model.yaml")


def of_run(folder: Path, say: Callable[[str], None]) -> str:
    """The page of a run.  ``say`` is as of `neuroam.api.reopen`.

    Raises
    ------
    StoreError, SpecError
        If the folder is not a whole run; if its files are wrong now.
    """
    result = reopen(folder, say)
    known = store.read(folder).provenance
    spec = result.spec
    subtitle = f"{known['protocol']} on {known['model']}, {known['trials']} trials, written {known['written']}"
    return page(
        spec.protocol.spec.title,
        subtitle,
        [
            section("Measures", wide(("measure", "mean", "95 % interval", "note"), _measures(result.measures))),
            section("Figures", *_figures(result)),
            section("The circuit", _circuit(result)),
            section("How to get this again", *_again(folder, known)),
            section("Where this comes from", facts(_origin(known))),
            section("Files as run", *(_texts(folder))),
            section("What lies in the run directory", sizes(folder)),
        ],
    )


def _measures(measures: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(line.name, line.mean, line.interval, line.note) for line in summary.lines(measures)]


def _figures(result: Result) -> Iterator[Html]:
    """Every kind of figure for which this run has what it shows."""
    ordered = any(matrix.sequence for matrix in result.run.networks[0].circuit.matrices.values())
    for kind in KINDS:
        if kind == "graph":  # it has a section of its own
            continue
        if kind == "sequence" and not ordered:  # it can be drawn of any recall
            continue
        try:
            drawn = result.figure(kind)
        except FunctionError:
            continue
        yield figure(drawn, f"{kind}: {about(kind)}")


def _circuit(result: Result) -> Html:
    nodes, edges = wiring(result.run.networks[0].circuit)
    model = result.spec.model.spec
    sources = tag("ul", *(tag("li", reference) for reference in model.references))
    return joined([figure(graph.figure(nodes, edges, title=model.title), "populations and projections"), sources])


def _again(folder: Path, known: Mapping[str, Any]) -> Iterator[Html]:
    options = ["--device", str(known["device"])]
    options += ["--precision", str(known["precision"])] if known.get("precision", "double") != "double" else []
    yield tag(
        "p",
        "From the run directory, or with the files below saved as they are named, and data that they name beside them:",
    )
    yield tag("pre", shlex.join(["neuroam", "run", "protocol.yaml", *options, "-o", "again", "--json"]))
    version = known.get("packages", {}).get("neuroam", "")
    yield tag("p", f"With neuroam {version} on the same kind of machine, 'result_sha256' is")
    yield tag("pre", known.get("result_sha256", "(not recorded)"))
    yield tag("p", "A figure, or everything, from the run directory:")
    name = folder.resolve().name
    read = f"neuroam.reopen({name!r})   # in Python, after 'import neuroam'"
    yield tag("pre", f"neuroam plot {shlex.quote(name)} --kind raster\n{read}")


def _origin(known: Mapping[str, Any]) -> dict[str, Any]:
    """Provenance without what stands elsewhere on the page."""
    elsewhere = ("files", "based_on", "result_sha256")
    order = ("protocol", "model", "written", "device", "precision", "trials", "networks", "seed", "seeds", "seconds")
    told = {name: known[name] for name in (*order, *sorted(known.keys() - {*order, *elsewhere})) if name in known}
    return told | {"based_on": {kind: list(texts) for kind, texts in known.get("based_on", {}).items()}}


def _texts(folder: Path) -> Iterator[Html]:
    for pattern in FILES:
        for path in sorted(folder.glob(pattern)):
            name = str(path.relative_to(folder))
            yield file(name, path.read_text(encoding="utf-8"), opened=name in OPEN)
