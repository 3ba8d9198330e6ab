"""A path or a shipped name -> the document, with the file that it is based on merged in."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from neuroam import shipped
from neuroam.errors import Problem, SpecError, Where
from neuroam.spec.kinds import kind_by_keys
from neuroam.spec.schema_errors import suggestion
from neuroam.spec.yaml import Document, parse, read

_MERGED = frozenset(["populations", "projections", "matrices", "controls", "limits", "ports", "params", "time",
                     "start",
                     "patterns", "seeds", "measure", "record"])  # fmt: skip
MAX_BASES = 8
_FOLDERS: tuple[shipped.Kind, ...] = ("models", "protocols")


def open_any(name: str) -> Document:
    """The document of a path or of a shipped name, as it stands there.

    Raises
    ------
    SpecError
        If there is no such file, or it is not YAML.
    """
    if not _is_file(Path(name)):
        for kind in _FOLDERS:
            found = shipped.find(kind, name)
            if found:
                return read(found, shown(found))
        if not _exists(Path(name)):
            raise SpecError([_no_such_file(name, _FOLDERS)])
    return read(Path(name))


def _is_file(path: Path) -> bool:
    return _exists(path) and path.is_file()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _no_such_file(name: str, kinds: Sequence[shipped.Kind], beside: Document | None = None) -> Problem:
    """A path that leads nowhere, or a name that nothing shipped has."""
    known = [other for kind in kinds for other in shipped.names(kind)]
    what = f"no {' or '.join(kind[:-1] for kind in kinds)} named '{name}'"
    if beside is not None:
        own = sorted(path.stem for path in (beside.folder or Path()).glob("*.yaml"))
        close = difflib.get_close_matches(name, [*known, *own], n=1)
        fix = f"add {name}.yaml beside this file, or {suggestion(name, known)}"
        fix = f"did you mean '{close[0]}'?" if close else fix
        return Problem(beside.where(("model",)), "model", what, fix)
    if len(Path(name).parts) > 1 or name.endswith((".yaml", ".yml")):
        return Problem(Where(name), "", "no such file", _neighbour(Path(name)) or "give the path of a YAML file")
    return Problem(Where(), "", what, suggestion(name, known))


def _neighbour(path: Path) -> str:
    """A file of nearly that name in the same folder."""
    try:
        there = sorted(other.name for other in path.parent.iterdir())[:1000]
    except (OSError, ValueError):
        return ""
    close = difflib.get_close_matches(path.name, there, n=1)
    return f"did you mean '{path.with_name(close[0])}'?" if close else ""


def open_as(kind: shipped.Kind, name: str, beside: Document | None = None) -> Document:
    """The document of a model or a protocol, with what it is based on merged in.

    Parameters
    ----------
    kind : {"models", "protocols"}
        What the file must be.
    name : str
        A path, or the name of a shipped file.
    beside : Document, optional
        The protocol that names this model: the path is relative to it.

    Raises
    ------
    SpecError
        If there is no such file, it is of another kind, or it is not YAML.
    """
    where, key = (beside.where(("model",)), "model") if beside is not None else (None, "")
    path = _path_of(name, beside) or shipped.find(kind, name)
    if path is None:
        other: shipped.Kind = "protocols" if kind == "models" else "models"
        path = shipped.find(other, name)
    if path is None:
        raise SpecError([_no_such_file(name, [kind], beside)])
    document = read(path, shown(path))
    found = kind_by_keys(document)
    if found not in (kind[:-1], None):
        fix = f"name a {kind[:-1]} here" + f", and give this one as --model {name}" * (found == "model")
        raise SpecError([Problem(where or Where(document.file), key, f"'{name}' is a {found}, not a {kind[:-1]}", fix)])
    return _with_base(document, kind)


def document_of(kind: shipped.Kind, text: str, name: str, folder: Path) -> Document:
    """The document that a text is, with what it is based on merged in.

    Parameters
    ----------
    kind : {"models", "protocols"}
        What it must be.
    text, name : str
        YAML, and what stands for the file in messages.
    folder : Path
        Where the files lie that it names.

    Raises
    ------
    SpecError
        If it is of another kind, or not YAML.
    """
    document = parse(text, name)
    document.folder = folder
    found = kind_by_keys(document)
    if found not in (kind[:-1], None):
        what, fix = f"this is a {found}, not a {kind[:-1]}", f"write a {kind[:-1]} here"
        raise SpecError([Problem(document.where(()), "", what, fix)])
    return _with_base(document, kind)


def _path_of(name: str, beside: Document | None) -> Path | None:
    """The user's own file, if there is one."""
    if beside is None or beside.folder is None:
        return Path(name) if _is_file(Path(name)) else None
    if ".." in Path(name).parts or Path(name).is_absolute():
        what, fix = f"'{name[:80]}' leads out of this folder", "name a file beside this one or below it"
        raise SpecError([Problem(beside.where(("model",)), "model", what, fix)])
    return next((p for p in (beside.folder / name, beside.folder / f"{name}.yaml") if _is_file(p)), None)


def stage_file(name: str, protocol: Document, where: Where) -> str:
    """The protocol of a stage: beside the one that names it (as a run directory keeps it, or as a file), or shipped.

    Raises
    ------
    SpecError
        If the name leads out of the folder.
    """
    if ".." in Path(name).parts or Path(name).is_absolute():
        fix = "name a file beside this one, or a shipped protocol"
        raise SpecError([Problem(where, "stages", f"'{name[:80]}' leads out of this folder", fix)])
    if protocol.folder is None:
        return name
    kept = protocol.folder / "stages" / name / "protocol.yaml"
    beside = (kept, protocol.folder / name, protocol.folder / f"{name}.yaml")
    return next((str(path) for path in beside if _is_file(path)), name)


def shown(path: Path) -> str:
    """The path as a person would write it: relative where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _with_base(document: Document, kind: shipped.Kind, above: tuple[Path, ...] = ()) -> Document:
    """Lay the document over the one it is based on: sections merge by name, everything else is replaced.

    ``above`` are the files on the way to this one, from that which was asked for.
    """
    base_name = document.data.get("based_on")
    if base_name is None or document.folder is None:
        return document
    where = document.where(("based_on",))
    plain = isinstance(base_name, str) and Path(base_name).name == base_name and "\0" not in base_name
    if not plain or base_name in ("", ".."):
        what = f"expected the name of a file in the same folder, or of a shipped {kind[:-1]}"
        raise SpecError([Problem(where, "based_on", what, "put a copy of it beside this file")])
    path = document.folder / (base_name if base_name.endswith((".yaml", ".yml")) else f"{base_name}.yaml")
    found = path if _is_file(path) else shipped.find(kind, path.stem)
    if found is None:
        what = f"no file '{path.name}' in the same folder, and no shipped {kind[:-1]} of this name"
        fix = _neighbour(path) or suggestion(path.stem, shipped.names(kind))
        raise SpecError([Problem(where, "based_on", what, fix)])
    here = (*above, document.folder / Path(document.file).name)
    if found.resolve() in (other.resolve() for other in here):
        what = f"'{path.name}' is in the end based on itself"
        raise SpecError([Problem(where, "based_on", what, "name another file")])
    if len(here) > MAX_BASES:
        what, fix = f"{len(here)} files are based on each other", f"use at most {MAX_BASES}"
        raise SpecError([Problem(where, "based_on", what, fix)])
    base = _with_base(read(found, shown(found)), kind, here)
    data = _merge(base.data, document.data, merge=True)
    values = {key: place for key, place in base.values.items() if not _replaced(key, document.values)}
    return replace(
        document, data=data, values=values | document.values, keys=base.keys | document.keys,
        bases={found.name: base.text, **base.bases},
    )  # fmt: skip


def _merge(base: dict[str, Any], over: Mapping[str, Any], merge: bool) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        deeper = (merge and (key in _MERGED)) or (not merge and key == "params")
        if isinstance(old, dict) and isinstance(value, dict) and deeper:
            result[key] = dict(old)
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
