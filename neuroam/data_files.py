"""Which data files do the two files of a run name?  A run directory holds them too: it can be drawn anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from neuroam.errors import FunctionError
from neuroam.files import find
from neuroam.spec.nouns import Spec

KEYS = ("file", "labels")


def copy_data(spec: Spec, folder: Path) -> None:
    """Copy every data file to the same name in or below a folder, unless something of that name is there."""
    for source, name in named(spec):
        target = folder / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def named(spec: Spec) -> Iterator[tuple[Path, str]]:
    """Where each data file is, and how a YAML file calls it."""
    protocol, model = spec.protocol.document, spec.model.document
    parts = [(protocol, protocol.data.get(key)) for key in ("patterns", "measure")]
    parts += [(model, model.data.get(key)) for key in ("matrices", "projections")]
    for document, part in parts:
        for name in _names(part):
            try:
                yield find(document.folder or Path(), name), name
            except FunctionError:  # a setting of that name that is no file
                continue


def _names(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, item in part.items():
            if key in KEYS and isinstance(item, str | list):
                yield from [item] if isinstance(item, str) else [name for name in item if isinstance(name, str)]
            else:
                yield from _names(item)
    elif isinstance(part, list):
        for item in part:
            yield from _names(item)
