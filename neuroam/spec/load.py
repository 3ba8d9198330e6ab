"""Two YAML files -> one checked `Spec`, or every problem of both.

Reading order of this room: yaml, leaves, model, protocol, components, checks, load.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from neuroam import shipped
from neuroam.errors import Problem, SpecError, Where
from neuroam.spec.checks import check_model
from neuroam.spec.model import CellSpec, ModelSpec, SynapseSpec
from neuroam.spec.nouns import Model, Protocol, Spec
from neuroam.spec.protocol import ProtocolSpec
from neuroam.spec.protocol_checks import check_protocol
from neuroam.spec.schema_errors import problems_of, suggestion
from neuroam.spec.yaml import Document, dotted, parse, read

_MERGED = {"populations", "projections", "matrices", "controls", "ports", "params", "time", "start", "patterns", "seeds",
           "measure", "record"}  # fmt: skip
MODEL_KEYS = frozenset(info.alias or name for name, info in ModelSpec.model_fields.items())
PROTOCOL_KEYS = frozenset(info.alias or name for name, info in ProtocolSpec.model_fields.items())


def load(protocol: str, model: str | None = None, settings: Sequence[str] = ()) -> Spec:
    """A protocol and the model it runs on.

    Parameters
    ----------
    protocol, model : str
        A path, or the name of a shipped file; without ``model``, the one that the protocol names.
    settings : sequence of str
        ``PATH=VALUE``, laid over either file before it is checked.

    Raises
    ------
    SpecError
        With every problem of both files and of the settings.
    """
    protocol_document = _open("protocols", protocol)
    name = model if model is not None else protocol_document.data.get("model")
    if not isinstance(name, str):
        where = protocol_document.where(())
        fix = "add 'model: NAME', or give --model NAME"
        raise SpecError([Problem(where, "", "the protocol names no model", fix)])
    problems: list[Problem] = []
    model_document = _open("models", name, beside=None if model is not None else protocol_document, key="model")
    _lay_over(settings, model_document, protocol_document, problems)
    loaded = _model(model_document, problems)
    spec = _validate(ProtocolSpec, protocol_document, problems)
    if spec is not None and loaded is not None:
        problems += check_protocol(loaded, spec, protocol_document)
    if problems or spec is None or loaded is None:
        raise SpecError(problems)
    return Spec(loaded, Protocol(_stem(protocol_document), spec, protocol_document))


def load_model(model: str, settings: Sequence[str] = ()) -> Model:
    """A model on its own.

    Raises
    ------
    SpecError
        With every problem of the file and of the settings.
    """
    document = _open("models", model)
    problems: list[Problem] = []
    _lay_over(settings, document, None, problems)
    loaded = _model(document, problems)
    if problems or loaded is None:
        raise SpecError(problems)
    return loaded


def kind_of(document: Document) -> str:
    """ "model", "protocol", "cell" or "synapse", by the keys that only one kind has."""
    keys = set(document.data)
    if "populations" in keys:
        return "model"
    if "epochs" in keys or {"patterns", "measure", "trials"} & keys:
        return "protocol"
    if "inputs" in keys or {"output", "reduce", "update", "events", "lagrangian"} & keys:
        return "cell"
    if document.folder is not None and document.folder.name in ("cells", "synapses"):
        return document.folder.name[:-1]
    return "synapse" if "equations" in keys or "plastic" in keys else "model"


def check_file(path: str) -> tuple[str, list[Problem]]:
    """The kind of a file and everything that is wrong with it; never raises for wrong input."""
    kind = "file"
    try:
        document = _open_any(path)
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
    from neuroam.spec.components import build_cell, build_filter
    from neuroam.units import ONE

    problems: list[Problem] = []
    if kind == "cell":
        cell = _validate(CellSpec, document, problems)
        return problems + (build_cell(document, cell, _stem(document), {})[1].problems if cell else [])
    synapse = _validate(SynapseSpec, document, problems)
    if synapse and synapse.equations and not synapse.plastic:
        problems += build_filter(document, synapse, _stem(document), {}, ONE)[1]
    return problems


def _open_any(name: str) -> Document:
    for kind in ("models", "protocols"):
        found = shipped.find(kind, name) if not Path(name).exists() else None  # type: ignore[arg-type]
        if found:
            return read(found, _shown(found))
    return read(Path(name))


def _open(kind: str, name: str, beside: Document | None = None, key: str = "") -> Document:
    """The document of a path or of a shipped name, with what it is based on merged in."""
    candidates = [Path(name)]
    if beside is not None and beside.folder is not None:
        candidates = [beside.folder / name, beside.folder / f"{name}.yaml"]
        inside_ok = all(".." not in part.parts and not Path(name).is_absolute() for part in candidates)
        if not inside_ok:
            raise SpecError([Problem(beside.where((key,)), key, "a file is named relative to this one, without '..'")])
    path = next((p for p in candidates if p.is_file()), None) or shipped.find(kind, name)  # type: ignore[arg-type]
    if path is None:
        if len(Path(name).parts) > 1 or name.endswith((".yaml", ".yml")):
            raise SpecError([Problem(Where(name), "", "no such file")])
        where = beside.where((key,)) if beside is not None else Where()
        fix = suggestion(name, shipped.names(kind))  # type: ignore[arg-type]
        raise SpecError([Problem(where, key, f"no {kind[:-1]} named '{name}'", fix)])
    document = read(path, _shown(path))
    return _with_base(document)


def _shown(path: Path) -> str:
    """The path as a person would write it: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _with_base(document: Document) -> Document:
    """Lay the document over the one it is based on: sections merge by name, everything else is replaced."""
    base_name = document.data.get("based_on")
    if base_name is None or document.folder is None:
        return document
    where = document.where(("based_on",))
    if not isinstance(base_name, str) or Path(base_name).name != base_name:
        raise SpecError([Problem(where, "based_on", "expected the name of a file in the same folder")])
    path = document.folder / (base_name if base_name.endswith((".yaml", ".yml")) else f"{base_name}.yaml")
    if not path.is_file():
        raise SpecError([Problem(where, "based_on", f"no file '{path.name}' in the same folder")])
    base = read(path, _shown(path))
    if "based_on" in base.data:
        raise SpecError([Problem(where, "based_on", f"'{path.name}' is itself based on another file; one level only")])
    data = _merge(base.data, document.data, merge=True)
    values = {key: place for key, place in base.values.items() if not _replaced(key, document.values)}
    merged = Document(
        document.file, data, values | document.values, base.keys | document.keys, document.folder, document.text
    )
    return merged


def _merge(base: dict[str, Any], over: Mapping[str, Any], merge: bool) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        deeper = (merge and (key in _MERGED)) or (not merge and key == "params")
        if isinstance(old, dict) and isinstance(value, dict) and deeper:
            result[key] = {k: v for k, v in old.items()}
            for name, item in value.items():
                both = (
                    isinstance(old.get(name), dict) and isinstance(item, dict) and key in ("populations", "projections")
                )
                result[key][name] = _merge(old[name], item, merge=False) if both else item
        else:
            result[key] = value
    return result


def _replaced(key: tuple[str | int, ...], values: Mapping[tuple[str | int, ...], Where]) -> bool:
    return any(isinstance(key[i], int) for i in range(len(key))) and key[:1] in values


def _lay_over(settings: Sequence[str], model: Document, protocol: Document | None, problems: list[Problem]) -> None:
    """Apply ``PATH=VALUE`` settings to the documents, so that errors in them are found and shown like any other."""
    for setting in settings:
        shown = f"--set {setting}"
        path_text, equals, value_text = setting.partition("=")
        if not equals or not path_text.strip():
            problems.append(Problem(Where(shown), "", "expected PATH=VALUE", "for instance trials=20"))
            continue
        path = path_text.strip().replace("[", ".").replace("]", "").split(".")
        target = model if path[0] in MODEL_KEYS - PROTOCOL_KEYS else protocol
        if path[0] not in MODEL_KEYS | PROTOCOL_KEYS or target is None:
            known = MODEL_KEYS | (PROTOCOL_KEYS if protocol else frozenset())
            problems.append(Problem(Where(shown), "", f"unknown key '{path[0]}'", suggestion(path[0], sorted(known))))
            continue
        try:
            value = parse(f"value: {value_text}", shown)
        except SpecError as error:
            problems.append(Problem(Where(shown), path_text, f"cannot read the value: {error.problems[0].what}"))
            continue
        problem = _put(target, path, value.data["value"], Where(shown))
        if problem:
            problems.append(problem)


def _put(document: Document, path: list[str], value: Any, where: Where) -> Problem | None:
    at: Any = document.data
    steps: list[str | int] = []
    for i, word in enumerate(path):
        last = i == len(path) - 1
        step: str | int = word
        if isinstance(at, list):
            items = [item.get("name") if isinstance(item, dict) else None for item in at]
            if word in items:
                step = items.index(word)
            elif word.isdigit() and int(word) < len(at):
                step = int(word)
            else:
                options = [str(item) for item in items if item]
                return Problem(where, dotted(steps), f"nothing named '{word}' here", suggestion(word, options))
        elif not isinstance(at, dict):
            what = f"'{dotted(steps)}' has no parts, so '{word}' cannot be set in it"
            return Problem(where, dotted(steps), what, f"set '{dotted(steps)}' as a whole")
        steps.append(step)
        if last:
            at[step] = value
        elif isinstance(at, dict) and not isinstance(at.get(word), dict | list):
            if at.get(word) is not None:
                at = at[word]
                continue
            at[word] = {}
        at = at[step]
    stale = [key for key in document.values if key[: len(steps)] == tuple(steps)]
    for key in stale:
        document.values[key] = where
    document.values[tuple(steps)] = where
    document.keys[tuple(steps)] = where
    return None


def _validate[T: BaseModel](schema: type[T], document: Document, problems: list[Problem]) -> T | None:
    try:
        return schema.model_validate(document.data)
    except ValidationError as error:
        problems += problems_of(error, document, schema)
        return None


def _model(document: Document, problems: list[Problem]) -> Model | None:
    spec = _validate(ModelSpec, document, problems)
    if spec is None:
        return None
    cells: dict[str, tuple[Document, CellSpec]] = {}
    for name, population in spec.populations.items():
        found = _component("cells", population.cell, document, ("populations", name, "cell"), CellSpec, problems)
        if found:
            cells[name] = found
    synapses: dict[tuple[str, str], tuple[Document, SynapseSpec]] = {}
    for name, projection in spec.projections.items():
        for role in ("synapse", "kernel", "plastic"):
            call = getattr(projection, role)
            if call is not None and call.name not in ("box", "delay"):
                path = ("projections", name, role)
                part = _component("synapses", call.name, document, path, SynapseSpec, problems)
                if part:
                    synapses[name, role] = part
    model, found_problems = check_model(_stem(document), spec, document, cells, synapses)
    problems += found_problems
    return model


def _component[T: BaseModel](
    kind: str, name: str, document: Document, path: tuple[str, ...], schema: type[T], problems: list[Problem]
) -> tuple[Document, T] | None:
    file = shipped.component(kind, name, document.folder)  # type: ignore[arg-type]
    if file is None:
        known = sorted(p.stem for p in (shipped.folder("models") / kind).glob("*.yaml"))
        close = difflib.get_close_matches(name, known, n=1)
        fix = f"did you mean '{close[0]}'?" if close else f"add {kind}/{name}.yaml, or use one of: {', '.join(known)}"
        problems.append(Problem(document.where(path), dotted(path), f"no {kind[:-1]} named '{name}'", fix))
        return None
    try:
        part = read(file, _shown(file))
    except SpecError as error:
        problems += error.problems
        return None
    spec = _validate(schema, part, problems)
    return None if spec is None else (part, spec)


def _stem(document: Document) -> str:
    return Path(document.file).stem


def kind_of_name(name: str) -> str:
    """The kind of the file that a path or shipped name stands for.

    Raises
    ------
    SpecError
        If there is no such file, or it is not YAML.
    """
    return kind_of(_open_any(name))
