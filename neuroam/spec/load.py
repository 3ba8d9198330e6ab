"""Two YAML files -> one checked `Spec`, or every problem of both.

Reading order of this room: yaml, model, protocol, kinds, find, settings, schema_errors, components, checks, load.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from neuroam import shipped
from neuroam.errors import Problem, SpecError, Where
from neuroam.files import in_letters
from neuroam.spec.checks import check_model
from neuroam.spec.components import build_cell
from neuroam.spec.filters import build_filter
from neuroam.spec.find import open_any, open_as, shown, stage_file
from neuroam.spec.kinds import elsewhere, kind_of
from neuroam.spec.model import CellSpec, ModelSpec, SynapseSpec
from neuroam.spec.nouns import Model, Protocol, Spec
from neuroam.spec.plasticity import file_problems
from neuroam.spec.protocol import ProtocolSpec
from neuroam.spec.protocol_checks import check_protocol
from neuroam.spec.repair import without_mistakes
from neuroam.spec.rings import RINGS
from neuroam.spec.schema_errors import problems_of, suggestion
from neuroam.spec.settings import divided, lay_over, of_model
from neuroam.spec.yaml import Document, dotted, read
from neuroam.units import ONE

SET = "--set "  # before a setting, where a problem is one of a setting
MOST_KNOWN = 16  # models: those of a sweep over one are as many as its values
Known = dict[tuple[str, ...], Model]  # models by their name and the settings of theirs


def load(protocol: str, model: str | None = None, settings: Sequence[str] = (), known: Known | None = None) -> Spec:
    """A protocol and the model it runs on.

    Parameters
    ----------
    protocol, model : str
        A path, or the name of a shipped file; without ``model``, the one that the protocol names.
    settings : sequence of str
        ``PATH=VALUE``, laid over either file before it is checked.
    known : dict, optional
        Models that were loaded before, of files that have not changed since; this one is put there.

    Raises
    ------
    SpecError
        With every problem of both files and of the settings.
    """
    return load_documents(open_as("protocols", protocol), model, settings, known=known)


def load_documents(
    document: Document, model: Document | str | None, settings: Sequence[str], inner: bool = False,
    known: Known | None = None,
) -> Spec:  # fmt: skip
    """The same of files that are open; an ``inner`` protocol is a stage, and has none itself."""
    problems: list[Problem] = []
    mine, of_stages = divided(settings)
    lay_over(mine, "protocol", document, problems)
    if known is None or isinstance(model, Document):
        loaded = _model_with(document, model, mine, problems)
    else:
        loaded = _known_model(document, model, mine, problems, known)
    spec = _validate(ProtocolSpec, document, problems)
    if spec is not None and loaded is not None:
        problems += check_protocol(loaded, spec, document)
    stages: dict[str, Spec] = {}
    if spec is not None and spec.stages and inner:
        what = "a stage cannot have stages itself"
        where = document.where(("stages",), key=True)
        problems.append(Problem(where, "stages", what, "list all of them in one protocol"))
    elif spec is not None:
        stages = _stages(spec, document, of_stages, problems)
    if problems or spec is None or loaded is None:
        raise SpecError(problems)
    return Spec(loaded, Protocol(_stem(document), spec, document), stages, tuple(settings))


def _stages(
    spec: ProtocolSpec, document: Document, settings: Mapping[str, Sequence[str]], problems: list[Problem]
) -> dict[str, Spec]:
    """The protocols that run before this one, with its seeds: networks and patterns are drawn as they are here."""
    seeds = {role: seed for role, seed in spec.seeds.model_dump().items() if seed is not None}
    same = [f"seed={spec.seed}", *(f"seeds.{role}={seed}" for role, seed in seeds.items())]
    found: dict[str, Spec] = {}
    for number, name in enumerate(spec.stages):
        where = document.where(("stages", number))
        if name in spec.stages[:number]:
            what = f"the stage '{name}' stands there twice"
            problems.append(Problem(where, dotted(("stages", number)), what, "leave one out"))
            continue
        try:
            file = stage_file(name, document, where)
            own = [*same, *settings.get(name, ())]
            found[name] = load_documents(open_as("protocols", file), None, own, inner=True)
        except SpecError as error:
            problems += [_of_stage(problem, name, where, dotted(("stages", number))) for problem in error.problems]
    for name in settings:
        if name not in spec.stages:
            where = Where(f"--set stages.{name}...")
            problems.append(Problem(where, "", f"no stage named '{name}'", suggestion(name, spec.stages)))
    return found


def _of_stage(problem: Problem, name: str, where: Where, path: str) -> Problem:
    """A problem of a stage: at the place that names it if it has none, a setting with the words that were typed."""
    if problem.where in (Where(), Where(name)):  # there is no such file
        return replace(problem, where=where, path=path)
    if problem.where.file.startswith(SET):
        typed = f"{SET}stages.{name}.{problem.where.file.removeprefix(SET)}"
        return replace(problem, where=replace(problem.where, file=typed))
    return problem


def _model_with(
    protocol: Document, given: Document | str | None, settings: Sequence[str], problems: list[Problem]
) -> Model | None:
    """The model that is given, else the one that the protocol names, with the settings laid over it."""
    document = given if isinstance(given, Document) else _model_of(protocol, given, problems)
    lay_over(settings, "model", document, problems)
    return _model(document, problems) if document is not None else None


def _known_model(
    protocol: Document, given: str | None, settings: Sequence[str], problems: list[Problem], known: Known
) -> Model | None:
    """The same, looked up among the last ones."""
    key = (str(given), str(protocol.data.get("model")), *of_model(settings))
    if key not in known:
        made = _model_with(protocol, given, settings, problems)
        if made is None or problems:
            return made
        if len(known) >= MOST_KNOWN:
            known.clear()
        known[key] = made
    return known[key]


def _model_of(protocol: Document, given: str | None, problems: list[Problem]) -> Document | None:
    """The file of the model: the one that is given, else the one that the protocol names."""
    name = given if given is not None else protocol.data.get("model")
    if name is None:
        where = protocol.where(())
        problems.append(Problem(where, "", "the protocol names no model", "add 'model: NAME', or give --model NAME"))
        return None
    if not isinstance(name, str):
        return None  # the schema says so
    try:
        return open_as("models", name, beside=None if given is not None else protocol)
    except SpecError as error:
        problems += error.problems
        return None


def load_model(model: str, settings: Sequence[str] = ()) -> Model:
    """A model on its own.

    Raises
    ------
    SpecError
        With every problem of the file and of the settings.
    """
    document = open_as("models", model)
    problems: list[Problem] = []
    lay_over(settings, "model", document, problems, alone=True)
    loaded = _model(document, problems)
    if problems or loaded is None:
        raise SpecError(problems)
    return loaded


def check_file(path: str) -> tuple[str, list[Problem]]:
    """The kind of a file and everything that is wrong with it; never raises for wrong input."""
    kind = "file"
    try:
        document = open_any(path)
        kind = kind_of(document)
        if kind == "protocol":
            load(path)
        elif kind == "model":
            load_model(path)
        else:
            return kind, _check_component(document, kind)
    except SpecError as error:
        return kind, list(error.problems)
    return kind, []


def _check_component(document: Document, kind: str) -> list[Problem]:
    problems: list[Problem] = []
    if kind == "cell":
        cell = _validate(CellSpec, document, problems)
        if cell is not None:
            problems += build_cell(document, cell, _stem(document), {})[1].problems
    else:
        synapse = _validate(SynapseSpec, document, problems)
        if synapse is not None and synapse.plastic:
            problems += file_problems(document, synapse)
        elif synapse is not None:
            problems += build_filter(document, synapse, _stem(document), {}, ONE)[1]
    return list(SpecError(problems).problems)


def _validate[T: BaseModel](schema: type[T], document: Document, problems: list[Problem]) -> T | None:
    """The values of a file; with problems, those that are left without the mistakes."""
    try:
        return schema.model_validate(document.data)
    except ValidationError as error:
        problems += problems_of(error, document, schema, elsewhere=elsewhere(schema))
        return without_mistakes(schema, document.data, error)


def _model(document: Document, problems: list[Problem]) -> Model | None:
    spec = _validate(ModelSpec, document, problems)
    if spec is None:
        return None
    read_once: dict[tuple[str, str], Any] = {}
    cells: dict[str, tuple[Document, CellSpec]] = {}
    for name, population in spec.populations.items():
        path: tuple[str, ...] = ("populations", name, "cell")
        found = _component("cells", population.cell, document, path, CellSpec, problems, read_once)
        if found:
            cells[name] = found
    synapses: dict[tuple[str, str], tuple[Document, SynapseSpec]] = {}
    for name, projection in spec.projections.items():
        for role in ("synapse", "kernel", "plastic"):
            call = getattr(projection, role)
            if call is not None and call.name not in RINGS:
                path = ("projections", name, role)
                part = _component("synapses", call.name, document, path, SynapseSpec, problems, read_once)
                if part:
                    synapses[name, role] = part
    model, found_problems = check_model(_stem(document), spec, document, cells, synapses)
    problems += found_problems
    return model


def _component[T: BaseModel](
    kind: shipped.Component, name: str, document: Document, path: tuple[str, ...], schema: type[T],
    problems: list[Problem], read_once: dict[tuple[str, str], Any],
) -> tuple[Document, T] | None:  # fmt: skip
    file = shipped.component(kind, name, document.folder)
    if file is None:
        known = sorted(p.stem for p in (shipped.folder("models") / kind).glob("*.yaml"))
        close = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean '{close[0]}'?" if close else f"add {kind}/{name}.yaml, or use one of: {', '.join(known)}"
        inner = (*path, name)
        where = document.where(inner, key=True) if inner in document.keys else document.where(path)
        problems.append(Problem(where, dotted(path), f"no {kind[:-1]} named '{name}'", fix))
        return None
    if (kind, name) not in read_once:
        read_once[kind, name] = None
        try:
            part = read(file, shown(file))
            spec = _validate(schema, part, problems)
            read_once[kind, name] = None if spec is None else (part, spec)
        except SpecError as error:
            problems += error.problems
    found: tuple[Document, T] | None = read_once[kind, name]
    return found


def _stem(document: Document) -> str:
    return in_letters(Path(document.file).stem)


def kind_of_name(name: str) -> str:
    """The kind of the file that a path or shipped name stands for.

    Raises
    ------
    SpecError
        If there is no such file, or it is not YAML.
    """
    return kind_of(open_any(name))
