"""Figures of models and stored runs, written to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from neuroam import api, sweeps
from neuroam.errors import FunctionError, Problem, SpecError, Where
from neuroam.spec.load import load_model

SWEPT: tuple[Literal["curves", "map"], ...] = ("curves", "map")
FORMATS = (".svg", ".png", ".pdf")


def draw_run(
    folder: Path, kind: str | None, trial: int | None, output: Path | None, say: Callable[[str], None]
) -> Path:
    """One kind of figure of a stored run, the raster unless told; of a sweep its curves.  ``say``: as of `api.reopen`.

    Raises
    ------
    StoreError, SpecError
        If the directory is not a run; if the kind does not exist or the run lacks what it shows.
    """
    if sweeps.is_sweep(folder):
        return _draw_sweep(folder, kind or SWEPT[0], output)
    kind = kind or "raster"
    result = api.reopen(folder, say)
    target = output if output is not None else folder / f"{kind}.png"
    _refuse_format(target, FORMATS)
    try:
        figure = result.figure(kind, trial)
    except FunctionError as error:
        raise SpecError([Problem(Where(), "", error.what, error.fix)]) from None
    _save(figure, target)
    return target


def _draw_sweep(folder: Path, kind: str, output: Path | None) -> Path:
    target = output if output is not None else folder / f"{kind}.png"
    _refuse_format(target, FORMATS)
    if kind not in SWEPT:
        raise SpecError(
            [Problem(Where(), "", f"no figure of a sweep is named '{kind}'", f"use one of: {', '.join(SWEPT)}")]
        )
    try:
        figure = sweeps.read(folder).figure(kind)
    except FunctionError as error:
        raise SpecError([Problem(Where(), "", error.what, error.fix)]) from None
    _save(figure, target)
    return target


def draw_graph(model: str, output: Path | None) -> Path:
    """The populations and projections of a model, as a picture, GraphML or DOT."""
    from neuroam.commands.sketch import sketch
    from neuroam.plots import graph

    loaded = load_model(model)
    target = output if output is not None else Path(f"{loaded.name}.svg")
    _refuse_format(target, (*FORMATS, ".graphml", ".dot"))
    nodes, edges = sketch(loaded)
    if target.suffix in FORMATS:
        _save(graph.figure(nodes, edges, title=loaded.spec.title), target)
        return target
    network = graph.to_networkx(nodes, edges)
    try:
        if target.suffix == ".graphml":
            import networkx as nx

            nx.write_graphml(network, target)
        else:
            target.write_text(graph.to_dot(network), encoding="utf-8")
    except OSError as error:
        raise _unwritable(target, error) from None
    return target


def _save(figure: object, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(target)  # type: ignore[attr-defined]
    except OSError as error:
        raise _unwritable(target, error) from None


def _unwritable(target: Path, error: OSError) -> SpecError:
    return SpecError([Problem(Where(str(target)), "", f"cannot write the file: {error.strerror}")])


def _refuse_format(target: Path, known: tuple[str, ...]) -> None:
    if target.suffix not in known:
        what = f"no figure format '{target.suffix}'"
        raise SpecError([Problem(Where(str(target)), "", what, f"end the name in one of: {', '.join(known)}")])
