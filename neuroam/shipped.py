"""Where the YAML files that come with neuroam lie, and where a cell or a synapse that a file names is found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from neuroam.errors import EnvironmentLacks

Kind = Literal["models", "protocols", "cells", "synapses"]
Component = Literal["cells", "synapses"]

PACKAGE = Path(__file__).resolve().parent


def folder(kind: Kind) -> Path:
    """The folder with the shipped files of one kind.

    Parameters
    ----------
    kind : {"models", "protocols", "cells", "synapses"}
        Cells and synapses are subfolders of the models.

    Returns
    -------
    Path
        At the top level of a checkout (an editable install is one), inside the package otherwise.

    Raises
    ------
    EnvironmentLacks
        If neither is there: the installation is not whole.
    """
    top, *below = ("models", kind) if kind in ("cells", "synapses") else (kind,)
    checkout = PACKAGE.parent
    installed = PACKAGE / "_shipped" / top
    if (checkout / top).is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout.joinpath(top, *below)
    if installed.is_dir():
        return installed.joinpath(*below)
    raise EnvironmentLacks(f"the shipped {top} are missing from this installation ({installed}): install neuroam again")


def names(kind: Kind) -> list[str]:
    """The names of all shipped files of one kind, in alphabetical order."""
    return sorted(path.stem for path in folder(kind).glob("*.yaml") if _is_plain(path.stem) and path.is_file())


def find(kind: Kind, name: str) -> Path | None:
    """The shipped file of this name, or None; a name is letters, digits and underscores, never a path."""
    return _yaml(folder(kind), name) if _is_plain(name) else None


def component(kind: Component, name: str, beside: Path | None) -> Path | None:
    """The file of a cell or a synapse: the user's own one first, then the shipped one.

    Parameters
    ----------
    kind : {"cells", "synapses"}
        What the name stands for.
    name : str
        Letters, digits and underscores; anything else is no name and finds nothing.
    beside : Path or None
        The folder of the file that uses the name; ``None`` if there is no such file.

    Returns
    -------
    Path or None
        The first that exists of ``<beside>/<kind>/<name>.yaml``, ``<beside>/<name>.yaml`` and the shipped file.
    """
    if not _is_plain(name):
        return None
    own = [beside / kind, beside] if beside is not None else []
    found = (_yaml(place, name) for place in [*own, folder(kind)])
    return next((path for path in found if path is not None), None)


def _is_plain(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_]{1,100}", name) is not None


def _yaml(place: Path, name: str) -> Path | None:
    path = place / f"{name}.yaml"
    return path if path.is_file() else None
